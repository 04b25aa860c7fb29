namespace Lapidary.Workbench.Training;

/// <summary>Settings of an <see cref="Optimizer"/>. The defaults are those of PyTorch and transformers.</summary>
public sealed record OptimizerOptions
{
    /// <summary>Which rule.</summary>
    public OptimizerKind Kind { get; init; } = OptimizerKind.AdamW;

    /// <summary>AdamW: share of the old mean of the gradient, in [0, 1).</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>AdamW: share of the old mean of the squared gradient, in [0, 1).</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>AdamW: added to the root of the mean square, positive.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>
    /// Decay of the weights that are added with it: decoupled (times the learning rate) in AdamW and Adafactor, added to the gradient
    /// in SGD. At least 0.
    /// </summary>
    public double WeightDecay { get; init; }

    /// <summary>SGD: share of the old velocity, in [0, 1).</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Adafactor: the largest root mean square of an update before the learning rate, positive.</summary>
    public double ClipThreshold { get; init; } = 1;

    /// <summary>Adafactor: c of the share 1 - t^c of the old mean square, not positive.</summary>
    public double DecayRate { get; init; } = -0.8;

    /// <summary>Adafactor: added to every squared gradient, positive.</summary>
    public double GradientEpsilon { get; init; } = 1e-30;

    /// <summary>Adafactor: the smallest scale of a tensor where <see cref="ScaleParameter"/> is set, positive.</summary>
    public double ParameterEpsilon { get; init; } = 1e-3;

    /// <summary>Adafactor: whether the learning rate is multiplied by the root mean square of each tensor.</summary>
    public bool ScaleParameter { get; init; }

    /// <summary>What the stochastic rounding of BF16 weights depends on.</summary>
    public ulong Seed { get; init; }

    /// <summary>Fails for a setting that makes no sense.</summary>
    /// <exception cref="ArgumentException">One sentence that names the setting, what is allowed and what was given.</exception>
    public void Validate()
    {
        Require(Enum.IsDefined(Kind), "The optimizer", "a known kind", (int)Kind);
        Require(Beta1 is >= 0 and < 1, "beta1", "in [0, 1)", Beta1);
        Require(Beta2 is >= 0 and < 1, "beta2", "in [0, 1)", Beta2);
        Require(Epsilon is > 0 and < double.PositiveInfinity, "epsilon", "positive", Epsilon);
        Require(WeightDecay is >= 0 and < double.PositiveInfinity, "The weight decay", "at least 0", WeightDecay);
        Require(Momentum is >= 0 and < 1, "The momentum", "in [0, 1)", Momentum);
        Require(ClipThreshold > 0, "Adafactor's clipping threshold", "positive", ClipThreshold);
        Require(DecayRate is <= 0 and > double.NegativeInfinity, "Adafactor's decay rate", "not positive", DecayRate);
        // Smaller ones are zero in float32, and a weight that never had a gradient would be divided by zero.
        Require(GradientEpsilon is >= 1e-37 and < 1, "Adafactor's epsilon of gradients", "in [1e-37, 1)", GradientEpsilon);
        Require(
            ParameterEpsilon is > 0 and < double.PositiveInfinity, "Adafactor's epsilon of weights", "positive", ParameterEpsilon);
    }

    private static void Require(bool condition, string what, string expected, double found)
    {
        if (!condition)
        {
            throw new ArgumentException($"{what} must be {expected}, not {found}.");
        }
    }
}
