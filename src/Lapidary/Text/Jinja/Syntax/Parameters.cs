namespace Lapidary.Text.Jinja.Syntax;

/// <summary>What a macro, or the body of a call block, accepts.</summary>
/// <param name="Names">The parameters with their defaults.</param>
/// <param name="UsesRest">Whether the body reads <c>varargs</c>, which allows for more arguments.</param>
/// <param name="UsesNamedRest">Whether it reads <c>kwargs</c>.</param>
/// <param name="UsesCaller">Whether it reads <c>caller</c>.</param>
internal sealed record Parameters((string Name, Expression? Default)[] Names, bool UsesRest, bool UsesNamedRest, bool UsesCaller);
