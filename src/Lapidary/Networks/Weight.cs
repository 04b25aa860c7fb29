using Lapidary.Numerics;

namespace Lapidary.Networks;

/// <summary>A weight matrix [outputs, inputs] under the name that its checkpoint gives it.</summary>
public sealed class Weight
{
    /// <summary>Wraps a two-dimensional tensor.</summary>
    public Weight(string name, Tensor tensor)
    {
        Name = name;
        Tensor = tensor;
    }

    /// <summary>Canonical name of the tensor.</summary>
    public string Name { get; }

    /// <summary>The numbers.</summary>
    public Tensor Tensor { get; }

    /// <summary>Rows: the width of what a projection gives.</summary>
    public int Outputs => (int)Tensor.Rows;

    /// <summary>Columns: the width of what it takes.</summary>
    public int Inputs => (int)Tensor.RowLength;
}
