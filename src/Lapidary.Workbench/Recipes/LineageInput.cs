namespace Lapidary.Workbench.Recipes;

/// <summary>Something that an artefact was made from.</summary>
/// <param name="Option">The option that named it, without dashes, or the name of the argument in small letters.</param>
/// <param name="Value">What was given there: a path, a hub id or the name of a model that comes along.</param>
/// <param name="Sha256">Its <see cref="ContentHash"/> when the artefact was made.</param>
public sealed record LineageInput(string Option, string Value, string Sha256)
{
    /// <summary>Its own lineage, where it had one: together they lead back to what was downloaded or written by hand.</summary>
    public Lineage? Lineage { get; init; }
}
