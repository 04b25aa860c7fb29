namespace Lapidary.Numerics.Kernels;

/// <summary>The rates of one step of <see cref="SgdUpdate"/>.</summary>
/// <param name="LearningRate">lr.</param>
/// <param name="Momentum">Share of the old velocity.</param>
/// <param name="WeightDecay">Times the weight, added to the gradient; 0 where none applies.</param>
/// <param name="GradientScale">Multiplies every gradient first, for clipping.</param>
public readonly record struct SgdFactors(double LearningRate, double Momentum, double WeightDecay, double GradientScale);
