namespace Lapidary.Workbench.Recipes;

/// <summary>An artefact that was made again from its lineage.</summary>
/// <param name="Path">Where the new one stands.</param>
/// <param name="Lineage">The lineage that it was made from.</param>
/// <param name="Files">Its files beside those of the lineage.</param>
/// <param name="Remade">The inputs that had to be made again, because they were not there any more.</param>
public sealed record RebuiltArtefact(string Path, Lineage Lineage, IReadOnlyList<RebuiltFile> Files, IReadOnlyList<string> Remade)
{
    /// <summary>Whether every file is the same to the last bit.</summary>
    public bool IsIdentical => Files.All(file => file.IsIdentical);
}
