using Lapidary.Workbench.Recipes;

namespace Lapidary.Cli.Output;

/// <summary>What came out when an artefact was made again from its lineage.</summary>
internal sealed record RebuildResult(string Artefact, string Output, bool Identical, IReadOnlyList<string> Remade, IReadOnlyList<RebuiltFile> Files);
