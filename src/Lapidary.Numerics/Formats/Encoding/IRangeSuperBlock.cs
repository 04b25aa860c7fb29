namespace Lapidary.Numerics.Formats.Encoding;

/// <summary>A K format with minimums: how its scales are searched for.</summary>
internal interface IRangeSuperBlock : IEncodedSuperBlock
{
    /// <summary>The largest integer scale and minimum.</summary>
    static abstract int LargestScale { get; }

    /// <summary>The weights without an importance.</summary>
    static abstract WeightRule PlainWeights { get; }

    /// <summary>What is tried without an importance.</summary>
    static abstract RangeSteps PlainSteps { get; }

    /// <summary>What the mean square of a super-block is multiplied with to give the variance of the weights with an importance.</summary>
    static abstract float VarianceFactor { get; }
}
