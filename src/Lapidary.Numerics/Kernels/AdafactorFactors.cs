namespace Lapidary.Numerics.Kernels;

/// <summary>The rates of one step of <see cref="AdafactorUpdate"/>.</summary>
/// <param name="LearningRate">lr.</param>
/// <param name="DecayRate">c of the share of the old mean square, 1 - t^c; negative.</param>
/// <param name="GradientEpsilon">Added to every squared gradient.</param>
/// <param name="ParameterEpsilon">The smallest scale of a tensor, where steps are relative to it.</param>
/// <param name="ClipThreshold">The largest root mean square of an update before it is multiplied by lr.</param>
/// <param name="WeightDecay">A step takes lr times this share of a weight away; 0 where none applies.</param>
/// <param name="ScaleParameter">Whether lr is multiplied by the root mean square of the weights.</param>
/// <param name="GradientScale">Multiplies every gradient first, for clipping.</param>
public readonly record struct AdafactorFactors(
    double LearningRate,
    double DecayRate,
    double GradientEpsilon,
    double ParameterEpsilon,
    double ClipThreshold,
    double WeightDecay,
    bool ScaleParameter,
    double GradientScale);
