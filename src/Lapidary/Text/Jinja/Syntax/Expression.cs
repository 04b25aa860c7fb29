using Lapidary.Text.Jinja.Values;

namespace Lapidary.Text.Jinja.Syntax;

/// <summary>An expression of a template.</summary>
/// <param name="At">Where it stands, for errors.</param>
internal abstract record Expression(int At)
{
    /// <summary>A literal.</summary>
    internal sealed record Constant(int At, Value Value) : Expression(At);

    /// <summary>A variable.</summary>
    internal sealed record Name(int At, string Id) : Expression(At);

    /// <summary><c>[a, b]</c> or <c>(a, b)</c>.</summary>
    internal sealed record Sequence(int At, Expression[] Items, bool IsTuple) : Expression(At);

    /// <summary><c>{a: b}</c>.</summary>
    internal sealed record Dictionary(int At, (Expression Key, Expression Value)[] Pairs) : Expression(At);

    /// <summary><c>-a</c>, <c>+a</c> or <c>not a</c>.</summary>
    internal sealed record Unary(int At, string Sign, Expression Operand) : Expression(At);

    /// <summary><c>a + b</c> and the other operators of numbers.</summary>
    internal sealed record Binary(int At, string Sign, Expression Left, Expression Right) : Expression(At);

    /// <summary><c>a and b</c> or <c>a or b</c>.</summary>
    internal sealed record Logical(int At, bool IsAnd, Expression[] Operands) : Expression(At);

    /// <summary><c>a &lt; b &lt;= c</c>, each operand evaluated once.</summary>
    internal sealed record Comparison(int At, Expression First, (string Sign, Expression Operand)[] Rest) : Expression(At);

    /// <summary><c>a ~ b ~ c</c>.</summary>
    internal sealed record Concatenation(int At, Expression[] Parts) : Expression(At);

    /// <summary><c>a if b else c</c>.</summary>
    internal sealed record Conditional(int At, Expression Condition, Expression Then, Expression? Else) : Expression(At);

    /// <summary><c>a.b</c>.</summary>
    internal sealed record Attribute(int At, Expression Target, string Id) : Expression(At);

    /// <summary><c>a[b]</c>.</summary>
    internal sealed record Item(int At, Expression Target, Expression Index) : Expression(At);

    /// <summary><c>a[b:c:d]</c>.</summary>
    internal sealed record Slice(int At, Expression Target, Expression? Start, Expression? Stop, Expression? Step) : Expression(At);

    /// <summary><c>a(b, c=d)</c>.</summary>
    internal sealed record Call(int At, Expression Target, CallArguments Arguments) : Expression(At);

    /// <summary><c>a | b(c)</c>; in a filter block there is no operand.</summary>
    internal sealed record Filter(int At, Expression? Operand, string Id, CallArguments Arguments) : Expression(At);

    /// <summary><c>a is not b(c)</c>.</summary>
    internal sealed record Test(int At, Expression Operand, string Id, CallArguments Arguments, bool IsNegated) : Expression(At);
}
