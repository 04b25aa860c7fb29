namespace Lapidary.Text.Jinja.Syntax;

/// <summary>A statement of a template.</summary>
/// <param name="At">Where it stands, for errors.</param>
internal abstract record Statement(int At)
{
    /// <summary>Text that is written as it is.</summary>
    internal sealed record Data(int At, string Text) : Statement(At);

    /// <summary><c>{{ value }}</c>.</summary>
    internal sealed record Output(int At, Expression Value) : Statement(At);

    /// <summary><c>if</c> with its <c>elif</c> branches.</summary>
    internal sealed record If(int At, (Expression Test, Statement[] Body)[] Branches, Statement[] Else) : Statement(At);

    /// <summary><c>for</c>.</summary>
    internal sealed record For(
        int At, Target Target, Expression Items, Expression? Condition, bool IsRecursive, Statement[] Body, Statement[] Else) : Statement(At);

    /// <summary><c>set a = b</c>.</summary>
    internal sealed record Set(int At, Target Target, Expression Value) : Statement(At);

    /// <summary><c>set a | filter</c> up to <c>endset</c>.</summary>
    internal sealed record SetBlock(int At, Target Target, Expression.Filter[] Filters, Statement[] Body) : Statement(At);

    /// <summary><c>macro</c>.</summary>
    internal sealed record Macro(int At, string Id, Parameters Parameters, Statement[] Body) : Statement(At);

    /// <summary><c>call(parameters) value</c>.</summary>
    internal sealed record CallBlock(int At, Expression.Call Call, Parameters Parameters, Statement[] Body) : Statement(At);

    /// <summary><c>filter a | b</c>.</summary>
    internal sealed record FilterBlock(int At, Expression.Filter[] Filters, Statement[] Body) : Statement(At);

    /// <summary><c>with</c>, and <c>generation</c>, which assigns nothing.</summary>
    internal sealed record With(int At, (Target Target, Expression Value)[] Assignments, Statement[] Body) : Statement(At);

    /// <summary><c>break</c>.</summary>
    internal sealed record Break(int At) : Statement(At);

    /// <summary><c>continue</c>.</summary>
    internal sealed record Continue(int At) : Statement(At);
}
