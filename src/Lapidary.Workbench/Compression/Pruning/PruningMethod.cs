namespace Lapidary.Workbench.Compression;

/// <summary>How unstructured pruning chooses the weights that become 0.</summary>
public enum PruningMethod
{
    /// <summary>Those of smallest magnitude |W|. No calibration text is needed.</summary>
    Magnitude,

    /// <summary>
    /// Those of smallest |W_ij| * |x_j|, x_j the inputs of column j on a calibration text, within each output row (Sun et al. 2023, "A Simple and
    /// Effective Pruning Approach for Large Language Models").
    /// </summary>
    Wanda,

    /// <summary>
    /// Those whose loss costs least in the second order, block of columns by block, with the error of each pushed into the columns behind it
    /// (Frantar and Alistarh 2023, "SparseGPT: Massive Language Models Can Be Accurately Pruned in One-Shot").
    /// </summary>
    SparseGpt,
}
