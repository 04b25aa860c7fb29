namespace Lapidary.Text.Jinja.Syntax;

/// <summary>The arguments of a call, a filter or a test as they are written.</summary>
/// <param name="Positional">Those without a name.</param>
/// <param name="Named">Those with a name.</param>
/// <param name="Spread">What follows <c>*</c>.</param>
/// <param name="NamedSpread">What follows <c>**</c>.</param>
internal sealed record CallArguments(
    Expression[] Positional, (string Name, Expression Value)[] Named, Expression? Spread = null, Expression? NamedSpread = null)
{
    /// <summary>No arguments.</summary>
    public static CallArguments None { get; } = new([], []);
}
