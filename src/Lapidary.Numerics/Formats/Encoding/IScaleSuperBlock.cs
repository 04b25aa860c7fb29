namespace Lapidary.Numerics.Formats.Encoding;

/// <summary>A K format without minimums: how its scales are searched for.</summary>
internal unsafe interface IScaleSuperBlock : IEncodedSuperBlock
{
    /// <summary>Whether <see cref="ScaleDescent"/> finds the scales without an importance; otherwise <see cref="ScaleSearch"/>.</summary>
    static abstract bool DescendsWithoutImportance { get; }

    /// <summary>The weights with an importance; without one they are squares.</summary>
    static abstract WeightRule ImportanceWeights { get; }

    /// <summary>Makes integers of the scales of 16 groups.</summary>
    /// <param name="scales">The scales, of either sign.</param>
    /// <param name="weightSums">The sums of the weights of the groups; null without an importance.</param>
    /// <param name="integers">Receives the integer scales.</param>
    /// <param name="scale">Receives what they are multiplied with.</param>
    /// <returns>False where all bytes of the super-block are to be zero.</returns>
    static abstract bool TryScale(float* scales, float* weightSums, int* integers, out float scale);
}
