namespace Lapidary.Numerics.Kernels;

/// <summary>The rates of one step of <see cref="AdamWUpdate"/>.</summary>
/// <param name="LearningRate">lr.</param>
/// <param name="Beta1">Share of the old mean of the gradient.</param>
/// <param name="Beta2">Share of the old mean of the squared gradient.</param>
/// <param name="Epsilon">Added to the root of the mean square.</param>
/// <param name="WeightDecay">Decoupled decay: a step takes lr times this share of a weight away; 0 where none applies.</param>
/// <param name="GradientScale">Multiplies every gradient first, for clipping.</param>
public readonly record struct AdamWFactors(
    double LearningRate, double Beta1, double Beta2, double Epsilon, double WeightDecay, double GradientScale);
