namespace Lapidary.Inference.Sampling;

/// <summary>What choosing a token writes to on the way: shared by samplers that take turns, since they keep nothing in it.</summary>
internal sealed class SamplingMemory(int vocabularySize)
{
    /// <summary>The search among the logits.</summary>
    public LogitScan Scan { get; } = new(vocabularySize);

    /// <summary>The logits with bias and penalties.</summary>
    public float[] Adjusted { get; } = new float[vocabularySize];

    /// <summary>The weights of the tokens that the filters have kept.</summary>
    public double[] Weights { get; } = new double[vocabularySize];
}
