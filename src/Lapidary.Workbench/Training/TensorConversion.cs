using Lapidary.Numerics;
using Lapidary.Numerics.Formats;

namespace Lapidary.Workbench.Training;

/// <summary>Copies of tensors in another type.</summary>
internal static unsafe class TensorConversion
{
    /// <summary>A copy in F32 or BF16 (rounded to the nearest).</summary>
    public static Tensor Convert(Tensor source, ElementType type)
    {
        Tensor copy = Tensor.Allocate(type, source.Shape.AsSpan());
        int width = (int)source.RowLength;
        var row = new float[width];
        for (long i = 0; i < source.Rows; i++)
        {
            if (type == ElementType.F32)
            {
                source.DecodeRow(i, new Span<float>(copy.RowPointer(i), width));
                continue;
            }

            source.DecodeRow(i, row);
            var stored = (ushort*)copy.RowPointer(i);
            for (int j = 0; j < width; j++)
            {
                stored[j] = BF16Format.FromSingle(row[j]);
            }
        }

        return copy;
    }
}
