namespace Lapidary.Workbench.Training;

/// <summary>What of a model is trained.</summary>
public enum TrainingMethod
{
    /// <summary>All weights, or those that name patterns leave.</summary>
    Full,

    /// <summary>Low-rank updates beside frozen matrices (Hu et al. 2021).</summary>
    Lora,

    /// <summary>Vectors in front of the input of a frozen model (Lester et al. 2021).</summary>
    Prompt,
}
