using Lapidary.Networks;
using Lapidary.Numerics;

namespace Lapidary.Workbench.Training;

/// <summary>
/// A weight matrix as training applies it: frozen, trained itself, trained behind a fake quantization, or frozen under a low-rank update.
/// </summary>
internal sealed class TrainedMatrix
{
    public TrainedMatrix(Weight weight) => Applied = weight.Tensor;

    /// <summary>What products read.</summary>
    public Tensor Applied { get; set; }

    /// <summary>The matrix itself, if it is trained.</summary>
    public Parameter? Own { get; set; }

    /// <summary>The low-rank update, if there is one.</summary>
    public TrainedUpdate? Update { get; set; }

    /// <summary>Rows.</summary>
    public int Outputs => (int)Applied.Rows;

    /// <summary>Columns.</summary>
    public int Inputs => (int)Applied.RowLength;

    /// <summary>Whether anything of it is trained.</summary>
    public bool IsTrained => Own is not null || Update is not null;
}
