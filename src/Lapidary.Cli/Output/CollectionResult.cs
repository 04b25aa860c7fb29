namespace Lapidary.Cli.Output;

/// <summary>What <c>quantize --all</c> wrote.</summary>
/// <param name="Output">The folder.</param>
/// <param name="Model">The name with which the files begin.</param>
/// <param name="Imatrix">The importance matrix.</param>
/// <param name="Text">The text that the files were measured on.</param>
/// <param name="Chunks">How it was cut.</param>
/// <param name="Files">The files, the largest types first.</param>
internal sealed record CollectionResult(
    string Output, string Model, string? Imatrix, string? Text, string? Chunks, IReadOnlyList<CollectionFileResult> Files);

/// <summary>A file of <c>quantize --all</c>.</summary>
/// <param name="Type">Its mix.</param>
/// <param name="File">Its name.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="BitsPerWeight">Bits of a number on average.</param>
/// <param name="Compression">How many times smaller the tensors are than in 16 bits.</param>
/// <param name="Sha256">Its SHA-256.</param>
/// <param name="Perplexity">Its perplexity on the text.</param>
/// <param name="PerplexityStderr">The standard error of that.</param>
/// <param name="KlDivergence">The mean divergence from the unquantized model in nats.</param>
/// <param name="KlDivergenceStderr">The standard error of that.</param>
/// <param name="SameTop">The share of predictions with the same likeliest token.</param>
/// <param name="PromptTokensPerSecond">Tokens of a prompt a second.</param>
/// <param name="GenerationTokensPerSecond">Generated tokens a second.</param>
internal sealed record CollectionFileResult(
    string Type,
    string File,
    long Bytes,
    double BitsPerWeight,
    double Compression,
    string Sha256,
    double? Perplexity,
    double? PerplexityStderr,
    double? KlDivergence,
    double? KlDivergenceStderr,
    double? SameTop,
    double? PromptTokensPerSecond,
    double? GenerationTokensPerSecond);
