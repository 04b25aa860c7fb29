using Lapidary.Workbench.Evaluation.Texts;

namespace Lapidary.Cli.Commands.Evaluation;

/// <summary>A text of an evaluation.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Path">Its file.</param>
/// <param name="Chunks">What is scored of it.</param>
internal sealed record TextDomain(string Name, string Path, TextChunks Chunks);
