namespace Lapidary.Text.Jinja.Syntax;

/// <summary>What a value is assigned to.</summary>
/// <param name="At">Where it stands, for errors.</param>
internal abstract record Target(int At)
{
    /// <summary>A variable.</summary>
    internal sealed record Name(int At, string Id) : Target(At);

    /// <summary>An attribute of a namespace.</summary>
    internal sealed record Attribute(int At, string Namespace, string Id) : Target(At);

    /// <summary>Several targets that share the items of one value.</summary>
    internal sealed record Several(int At, Target[] Items) : Target(At);
}
