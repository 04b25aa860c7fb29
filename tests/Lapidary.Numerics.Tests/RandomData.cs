using Lapidary.Numerics.Formats;

namespace Lapidary.Numerics.Tests;

/// <summary>Seeded numbers for tests.</summary>
internal static class RandomData
{
    /// <summary>Uniform numbers between -scale and scale.</summary>
    public static float[] Floats(int count, int seed, float scale = 1)
    {
        var random = new Random(seed);
        var values = new float[count];
        foreach (ref float value in values.AsSpan())
        {
            value = ((random.NextSingle() * 2) - 1) * scale;
        }

        return values;
    }

    /// <summary>A tensor [rows, columns] of a type without blocks.</summary>
    public static unsafe Tensor Matrix(ElementType type, int rows, int columns, int seed)
    {
        Tensor tensor = Tensor.Allocate(type, rows, columns);
        float[] values = Floats(rows * columns, seed);
        for (int i = 0; i < values.Length; i++)
        {
            switch (type)
            {
                case ElementType.F32:
                    ((float*)tensor.Data)[i] = values[i];
                    break;
                case ElementType.F16:
                    ((Half*)tensor.Data)[i] = (Half)values[i];
                    break;
                default:
                    ((ushort*)tensor.Data)[i] = BF16Format.FromSingle(values[i]);
                    break;
            }
        }

        return tensor;
    }
}
