namespace Lapidary.Numerics.Kernels;

/// <summary>The losses of one row, in nats, before <see cref="DistillationFactors.GradientFactor"/>.</summary>
/// <param name="Total">The weighted sum of the two.</param>
/// <param name="Divergence">The divergence alone, without weight or T^2.</param>
/// <param name="CrossEntropy">-log q(target) at temperature 1, without weight.</param>
public readonly record struct DistillationRow(double Total, double Divergence, double CrossEntropy);
