namespace Lapidary.Inference;

/// <summary>Receives the logits of consecutive positions.</summary>
/// <param name="firstPosition">Position of the first row in its sequence.</param>
/// <param name="count">Number of rows.</param>
/// <param name="logits">[count, vocabulary]; valid during the call.</param>
public delegate void LogitsSink(int firstPosition, int count, ReadOnlySpan<float> logits);
