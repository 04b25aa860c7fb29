namespace Lapidary.Workbench.Training;

/// <summary>What a low-rank update is before the first step.</summary>
public enum LoraInitialization
{
    /// <summary>A random, B zero: the model begins as its base.</summary>
    Random,

    /// <summary>The largest singular vectors of the weights (Meng et al. 2024); the frozen matrix becomes the rest.</summary>
    Pissa,
}
