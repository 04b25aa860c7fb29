namespace Lapidary.Workbench.Training;

/// <summary>How the weights that are trained are kept and written.</summary>
public enum WeightStorage
{
    /// <summary>Trained in float32, written in the type of the base.</summary>
    Auto,

    /// <summary>Trained and written in float32.</summary>
    F32,

    /// <summary>Kept in bfloat16 while they are trained, rounded stochastically after each step, and written so: half the memory.</summary>
    BF16,
}
