using Lapidary.Numerics.Kernels;

namespace Lapidary.Workbench.Training;

/// <summary>
/// How a student learns from a teacher: (1 - alpha) * divergence at temperature T * T^2 + alpha * cross-entropy (Hinton, Vinyals and
/// Dean 2015).
/// </summary>
public sealed record DistillationOptions
{
    /// <summary>Which divergence.</summary>
    public DivergenceKind Divergence { get; init; } = DivergenceKind.ForwardKl;

    /// <summary>
    /// Weight of the teacher in the mixture of the generalised Jensen-Shannon divergence, in [0, 1]; 0 is the forward and 1 the reverse
    /// KL divergence.
    /// </summary>
    public double Beta { get; init; } = 0.5;

    /// <summary>T of both distributions, positive; the cross-entropy is always at temperature 1.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Weight of the cross-entropy, in [0, 1].</summary>
    public double Alpha { get; init; }

    /// <summary>
    /// Whether the divergence is multiplied by T^2, which keeps the size of its gradients when T changes: they are proportional to
    /// 1 / T^2 for large T.
    /// </summary>
    public bool ScaleByTemperatureSquared { get; init; } = true;

    /// <summary>Fails for a setting that makes no sense.</summary>
    /// <exception cref="ArgumentException">One sentence that names the setting, what is allowed and what was given.</exception>
    public void Validate()
    {
        Require(Enum.IsDefined(Divergence), "The divergence", "a known kind", (int)Divergence);
        Require(Beta is >= 0 and <= 1, "beta", "in [0, 1]", Beta);
        Require(Temperature is >= 0.01 and <= 1000, "The temperature", "in [0.01, 1000]", Temperature);
        Require(Alpha is >= 0 and <= 1, "alpha", "in [0, 1]", Alpha);
    }

    private static void Require(bool condition, string what, string expected, double found)
    {
        if (!condition)
        {
            throw new ArgumentException($"{what} must be {expected}, not {found}.");
        }
    }
}
