using Lapidary.Numerics.Formats;

namespace Lapidary.Numerics.Tests.Formats;

/// <summary>Rows of blocks to test with. Where each format keeps its half scales is stated here a second time, from ggml-common.h.</summary>
internal static class FormatSamples
{
    /// <summary>Row lengths: one block to a row of Gemma 3 270M, odd and even numbers of blocks.</summary>
    public static IEnumerable<int> Lengths(WeightFormat format) => format.BlockLength switch
    {
        1 => [1, 3, 7, 16, 31, 33, 64, 100, 129, 640],
        32 => [32, 64, 96, 128, 160, 256, 640, 1024],
        _ => [256, 512, 768, 1024],
    };

    /// <summary>Offsets of the half-precision numbers of a block.</summary>
    public static int[] HalvesOf(ElementType type) => type switch
    {
        ElementType.F16 or ElementType.Q4_0 or ElementType.Q5_0 or ElementType.Q8_0 => [0],
        ElementType.Q4_1 or ElementType.Q5_1 or ElementType.Q4_K or ElementType.Q5_K => [0, 2],
        ElementType.Q2_K => [80, 82],
        ElementType.Q3_K => [108],
        ElementType.Q6_K => [208],
        _ => [],
    };

    /// <summary>Random quants with random scales of a usual size and either sign.</summary>
    public static byte[] RandomRow(WeightFormat format, int length, int seed)
    {
        var random = new Random(seed);
        var row = new byte[format.RowBytes(length)];
        random.NextBytes(row);
        if (format.Type is ElementType.F32 or ElementType.BF16)
        {
            // The upper byte of a float holds its sign and most of its exponent: about 1 keeps the numbers finite.
            int size = format.BlockBytes;
            for (int i = size - 1; i < row.Length; i += size)
            {
                row[i] = (byte)((row[i] & 0x80) | 0x3f);
            }
        }

        FillScales(format, row, () => (Half)(random.NextSingle() - 0.5f));
        return row;
    }

    /// <summary>The same byte everywhere but in the scales, which are all the same half.</summary>
    public static byte[] UniformRow(WeightFormat format, int length, byte value, Half scale)
    {
        var row = new byte[format.RowBytes(length)];
        row.AsSpan().Fill(value);
        FillScales(format, row, () => scale);
        return row;
    }

    private static void FillScales(WeightFormat format, byte[] row, Func<Half> next)
    {
        foreach (int offset in HalvesOf(format.Type))
        {
            for (int block = 0; block < row.Length; block += format.BlockBytes)
            {
                BitConverter.TryWriteBytes(row.AsSpan(block + offset), next());
            }
        }
    }
}
