namespace Lapidary.Cli.Output;

/// <summary>What <c>prune --method depth</c> or <c>width</c> wrote.</summary>
/// <param name="Model">The model that was pruned.</param>
/// <param name="Output">The folder.</param>
/// <param name="Method">depth or width.</param>
/// <param name="Text">The calibration text; left out where none was needed.</param>
/// <param name="Chunks">Its chunks.</param>
/// <param name="Context">Tokens of a chunk.</param>
/// <param name="DepthScore">How layers were scored: cosine or perplexity.</param>
/// <param name="Layers">The layers of the source.</param>
/// <param name="ChannelShare">Share of the scores of the channels that stays; left out where all stay.</param>
/// <param name="SizesBefore">The sizes of the source.</param>
/// <param name="Sizes">The sizes of what was written.</param>
/// <param name="ParametersBefore">Parameters of the source.</param>
/// <param name="Parameters">Parameters of what was written.</param>
/// <param name="BytesBefore">Bytes of the tensors of the source.</param>
/// <param name="Bytes">Bytes of the tensors that were written.</param>
/// <param name="Notes">What a user should know of the result.</param>
/// <param name="Seconds">How long it took.</param>
internal sealed record StructuredPruneResult(
    string Model,
    string Output,
    string Method,
    string? Text,
    int? Chunks,
    int? Context,
    string? DepthScore,
    IReadOnlyList<PrunedLayerResult> Layers,
    double? ChannelShare,
    ArchitectureResult SizesBefore,
    ArchitectureResult Sizes,
    ParameterResult ParametersBefore,
    ParameterResult Parameters,
    long BytesBefore,
    long Bytes,
    IReadOnlyList<string> Notes,
    double Seconds);

/// <summary>A layer of a model that was pruned.</summary>
/// <param name="Layer">Its number in the source, from 0.</param>
/// <param name="Type">sliding_attention or full_attention.</param>
/// <param name="Kept">Whether it stays.</param>
/// <param name="Score">What it is worth; left out where it was not measured.</param>
/// <param name="NeuronShare">Share of the scores of its neurons that stays; left out where all stay.</param>
/// <param name="HeadShare">Share of the scores of its heads that stays; left out where all stay.</param>
/// <param name="Heads">The query heads that stay; left out where all do.</param>
internal sealed record PrunedLayerResult(
    int Layer, string Type, bool Kept, double? Score, double? NeuronShare, double? HeadShare, IReadOnlyList<int>? Heads);
