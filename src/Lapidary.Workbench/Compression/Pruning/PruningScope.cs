namespace Lapidary.Workbench.Compression;

/// <summary>Which weights magnitude pruning compares with each other; in each group round(n * sparsity) go, half to even.</summary>
public enum PruningScope
{
    /// <summary>Those of a matrix.</summary>
    Tensor,

    /// <summary>Those of each row of a matrix, an output.</summary>
    Row,

    /// <summary>Those of all selected matrices of a layer; one outside the layers is on its own.</summary>
    Layer,

    /// <summary>Those of all selected matrices.</summary>
    Global,
}
