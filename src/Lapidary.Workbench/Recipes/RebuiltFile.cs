namespace Lapidary.Workbench.Recipes;

/// <summary>A file of an artefact that was made again.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Expected">The SHA-256 that its lineage says; null for a file that it does not know.</param>
/// <param name="Found">The SHA-256 of the new one; null where there is none.</param>
public sealed record RebuiltFile(string Name, string? Expected, string? Found)
{
    /// <summary>Whether they are the same to the last bit.</summary>
    public bool IsIdentical => Expected == Found;
}
