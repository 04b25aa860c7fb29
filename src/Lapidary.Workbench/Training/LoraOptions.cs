namespace Lapidary.Workbench.Training;

/// <summary>What LoRA adds to which matrices.</summary>
public sealed record LoraOptions
{
    /// <summary>The modules that hold all matrices of a layer: what "all-linear" means to PEFT.</summary>
    public static IReadOnlyList<string> AllLinear { get; } =
        ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];

    /// <summary>Rank of the update.</summary>
    public int Rank { get; init; } = 16;

    /// <summary>The update is multiplied by alpha / rank.</summary>
    public double Alpha { get; init; } = 32;

    /// <summary>Share of the inputs that the update does not see in a step of training.</summary>
    public double Dropout { get; init; }

    /// <summary>Ends of module names.</summary>
    public IReadOnlyList<string> Targets { get; init; } = AllLinear;

    /// <summary>Multiplies by alpha / sqrt(rank) instead (Kalajdzievski 2023).</summary>
    public bool RankStabilized { get; init; }

    /// <summary>Trains the magnitude of each row of the weights apart from its direction (Liu et al. 2024).</summary>
    public bool Dora { get; init; }

    /// <summary>How updates begin.</summary>
    public LoraInitialization Initialization { get; init; }
}
