using Lapidary.Workbench.Evaluation.Texts;

namespace Lapidary.Workbench.Compression;

/// <summary>What was asked for, as it is written beside the weights.</summary>
/// <param name="Options">How it was pruned.</param>
/// <param name="Calibration">The calibration text; null where none was needed.</param>
/// <param name="LayerSparsities">The sparsities that OWL gave to layers, or null.</param>
internal sealed record PruningRecord(PruningOptions Options, TextChunks? Calibration, IReadOnlyDictionary<int, double>? LayerSparsities);
