namespace Lapidary.Cli.Output;

/// <summary>A model card that was written.</summary>
internal sealed record CardResult(string Card, IReadOnlyList<string> Files, IReadOnlyList<string> EditedSections, IReadOnlyList<string> Statements);
