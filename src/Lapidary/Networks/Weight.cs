using Lapidary.Numerics;
using Lapidary.Numerics.Sparse;

namespace Lapidary.Networks;

/// <summary>A weight matrix [outputs, inputs] under the name that its checkpoint gives it.</summary>
public sealed class Weight
{
    /// <summary>Wraps a two-dimensional tensor.</summary>
    public Weight(string name, Tensor tensor)
        : this(name, tensor, null, null)
    {
    }

    /// <summary>Wraps a two-dimensional tensor that adapters change, or that is kept in a sparse form beside its file.</summary>
    internal Weight(string name, Tensor tensor, LowRankUpdate? update, SparseMatrix? sparse)
    {
        Name = name;
        Tensor = tensor;
        Update = update;
        Sparse = sparse;
    }

    /// <summary>Canonical name of the tensor.</summary>
    public string Name { get; }

    /// <summary>The numbers, without what adapters do to them.</summary>
    public Tensor Tensor { get; }

    /// <summary>Rows: the width of what a projection gives.</summary>
    public int Outputs => (int)Tensor.Rows;

    /// <summary>Columns: the width of what it takes.</summary>
    public int Inputs => (int)Tensor.RowLength;

    /// <summary>What adapters do to the weight, or null.</summary>
    internal LowRankUpdate? Update { get; }

    /// <summary>The same numbers without their zeros, which inference uses in place of <see cref="Tensor"/>; or null.</summary>
    internal SparseMatrix? Sparse { get; }
}
