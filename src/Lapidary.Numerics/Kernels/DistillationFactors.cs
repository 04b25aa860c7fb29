namespace Lapidary.Numerics.Kernels;

/// <summary>What <see cref="DistillationKernel"/> mixes.</summary>
/// <param name="Divergence">Which divergence.</param>
/// <param name="Beta">Weight of the teacher in the mixture of <see cref="DivergenceKind.JensenShannon"/>, in [0, 1].</param>
/// <param name="Temperature">T of both distributions, positive.</param>
/// <param name="DivergenceWeight">Of the divergence in a row's loss, the factor T^2 included where it is wanted.</param>
/// <param name="CrossEntropyWeight">Of the cross-entropy at temperature 1 in a row's loss.</param>
/// <param name="GradientFactor">Multiplies the gradients only: one over the number of targets of the whole step.</param>
public readonly record struct DistillationFactors(
    DivergenceKind Divergence,
    double Beta,
    double Temperature,
    double DivergenceWeight,
    double CrossEntropyWeight,
    double GradientFactor);
