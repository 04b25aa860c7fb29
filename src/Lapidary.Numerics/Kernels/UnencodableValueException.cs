namespace Lapidary.Numerics.Kernels;

/// <summary>A number that a format cannot hold: it is not finite, or too large for the scale of its block.</summary>
public sealed class UnencodableValueException : Exception
{
    /// <summary>Names the number and its place.</summary>
    /// <param name="row">Row of the number, counted from 0.</param>
    /// <param name="column">Column of the number, counted from 0.</param>
    /// <param name="value">The number.</param>
    /// <param name="target">The format.</param>
    public UnencodableValueException(long row, long column, float value, ElementType target)
        : base(float.IsFinite(value)
            ? $"row {row}, column {column}: expected a number that {target} can hold, found {value}."
            : $"row {row}, column {column}: expected a finite number, found {value}.")
    {
        Row = row;
        Column = column;
        Value = value;
    }

    /// <summary>Row of the number, counted from 0.</summary>
    public long Row { get; }

    /// <summary>Column of the number, counted from 0.</summary>
    public long Column { get; }

    /// <summary>The number.</summary>
    public float Value { get; }
}
