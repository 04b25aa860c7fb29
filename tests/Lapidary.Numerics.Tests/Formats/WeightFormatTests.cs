using Lapidary.Numerics.Formats;
using Lapidary.Numerics.Memory;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Numerics.Tests.Formats;

public unsafe class WeightFormatTests
{
    public static TheoryData<ElementType> Types => [.. WeightFormat.All.Select(format => format.Type)];

    [Fact]
    public void Every_element_type_has_its_format() =>
        WeightFormat.All.Select(format => format.Type).ShouldBe(Enum.GetValues<ElementType>());

    // The sizes that ggml-common.h asserts.
    [Theory]
    [InlineData(ElementType.Q4_0, 32, 18)]
    [InlineData(ElementType.Q4_1, 32, 20)]
    [InlineData(ElementType.Q5_0, 32, 22)]
    [InlineData(ElementType.Q5_1, 32, 24)]
    [InlineData(ElementType.Q8_0, 32, 34)]
    [InlineData(ElementType.Q2_K, 256, 84)]
    [InlineData(ElementType.Q3_K, 256, 110)]
    [InlineData(ElementType.Q4_K, 256, 144)]
    [InlineData(ElementType.Q5_K, 256, 176)]
    [InlineData(ElementType.Q6_K, 256, 210)]
    public void Blocks_have_their_published_size(ElementType type, int length, int bytes)
    {
        WeightFormat.Of(type).BlockLength.ShouldBe(length);
        WeightFormat.Of(type).BlockBytes.ShouldBe(bytes);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Decode_gives_exactly_the_numbers_of_the_reference(ElementType type)
    {
        WeightFormat format = WeightFormat.Of(type);
        foreach (int length in FormatSamples.Lengths(format))
        {
            ShouldDecodeAsReference(format, FormatSamples.RandomRow(format, length, seed: length), length);
        }
    }

    // Scales: zero of either sign, the smallest subnormal, the largest subnormal, the largest number, infinity, no number.
    [Theory]
    [MemberData(nameof(Types))]
    public void Decode_gives_the_numbers_of_the_reference_for_every_kind_of_scale_and_quant(ElementType type)
    {
        WeightFormat format = WeightFormat.Of(type);
        int length = 2 * Math.Max(format.BlockLength, 32);
        foreach (ushort scale in (ushort[])[0x0000, 0x8000, 0x0001, 0x83ff, 0x3c00, 0xbc00, 0x7bff, 0x7c00, 0xfc00, 0x7e01])
        {
            foreach (byte value in (byte[])[0x00, 0x7f, 0x80, 0xff, 0x5a])
            {
                byte[] row = FormatSamples.UniformRow(format, length, value, BitConverter.UInt16BitsToHalf(scale));
                ShouldDecodeAsReference(format, row, length);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void MultiplyRows_agrees_with_the_reference(ElementType type)
    {
        WeightFormat format = WeightFormat.Of(type);
        foreach (int length in FormatSamples.Lengths(format))
        {
            byte[] matrix = FormatSamples.RandomRow(format, length * 3, seed: length + 1);
            ShouldMultiplyAsReference(format, matrix, 3, RandomVector(length, seed: length));
        }
    }

    // The extremes that a stranger's file may hold; activations of +-1 become quants of +-127.
    [Theory]
    [MemberData(nameof(Types))]
    public void MultiplyRows_is_exact_at_the_extremes_of_the_quants(ElementType type)
    {
        WeightFormat format = WeightFormat.Of(type);
        const int Length = 512;
        float[][] vectors =
        [
            [.. Enumerable.Repeat(1f, Length)],
            [.. Enumerable.Repeat(-1f, Length)],
            [.. Enumerable.Range(0, Length).Select(i => i % 2 == 0 ? 1f : -1f)],
            [.. Enumerable.Repeat(3e38f, Length)],
            [.. Enumerable.Repeat(1e-45f, Length)],
            new float[Length],
        ];
        foreach (float[] x in vectors)
        {
            foreach (byte value in (byte[])[0x00, 0x7f, 0x80, 0xff])
            {
                foreach (ushort scale in (ushort[])[0x0000, 0x0001, 0x8001, 0x1400, 0x9400])
                {
                    byte[] row = FormatSamples.UniformRow(format, Length, value, BitConverter.UInt16BitsToHalf(scale));
                    if (type is ElementType.F32 or ElementType.F16 or ElementType.BF16 && value is 0x7f or 0xff)
                    {
                        continue; // Not a number there.
                    }

                    ShouldMultiplyAsReference(format, row, 1, x);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_row_has_the_same_product_alone_and_among_others_and_wherever_it_lies(ElementType type)
    {
        WeightFormat format = WeightFormat.Of(type);
        const int Rows = 7;
        foreach (int length in FormatSamples.Lengths(format))
        {
            byte[] matrix = FormatSamples.RandomRow(format, length * Rows, seed: length + 2);
            int rowBytes = matrix.Length / Rows;
            using var x = new PreparedVector(format.Activations, RandomVector(length, seed: length + 3));
            var together = new float[Rows];
            var alone = new float[Rows];
            using var elsewhere = new NativeMemoryBlock(rowBytes + 64);
            fixed (byte* rows = matrix)
            fixed (float* y = together, z = alone)
            {
                format.MultiplyRows(rows, rowBytes, Rows, in x.Value, y);
                for (int row = 0; row < Rows; row++)
                {
                    // Tensors in a file need not be aligned to anything but their smallest number.
                    byte* copy = elsewhere.Pointer + (2 * row) + 1;
                    matrix.AsSpan(row * rowBytes, rowBytes).CopyTo(new Span<byte>(copy, rowBytes));
                    format.MultiplyRows(copy, rowBytes, 1, in x.Value, z + row);
                }
            }

            alone.ShouldBe(together);
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void A_product_with_a_number_that_is_not_finite_is_no_number(float odd)
    {
        foreach (WeightFormat format in WeightFormat.All.Where(format => format.BlockLength > 1))
        {
            float[] x = RandomVector(512, seed: 1);
            x[300] = odd;
            byte[] row = FormatSamples.RandomRow(format, x.Length, seed: 4);
            using var prepared = new PreparedVector(format.Activations, x);
            float y = 0;
            fixed (byte* source = row)
            {
                format.MultiplyRows(source, row.Length, 1, in prepared.Value, &y);
            }

            y.ShouldBe(float.NaN, format.Type.ToString());
        }
    }

    private static void ShouldDecodeAsReference(WeightFormat format, byte[] row, int length)
    {
        var expected = new float[length];
        format.DecodeReference(row, expected);
        using var memory = new NativeMemoryBlock(row.Length + 64);
        using var decoded = new NativeMemoryBlock((length * sizeof(float)) + 64);
        for (int shift = 0; shift < 4; shift++)
        {
            byte* source = memory.Pointer + shift;
            row.CopyTo(new Span<byte>(source, row.Length));
            float* destination = (float*)decoded.Pointer + shift;
            destination[length] = 12345;
            format.Decode(source, destination, length);
            destination[length].ShouldBe(12345, $"{format.Type} wrote behind the end, length {length}");
            for (int i = 0; i < length; i++)
            {
                // Bits, so that the sign of zero counts too; of NaN only that it is one.
                bool same = BitConverter.SingleToUInt32Bits(destination[i]) == BitConverter.SingleToUInt32Bits(expected[i])
                    || (float.IsNaN(destination[i]) && float.IsNaN(expected[i]));
                if (!same)
                {
                    Assert.Fail($"{format.Type}, length {length}, element {i}: {destination[i]:R} instead of {expected[i]:R}");
                }
            }
        }
    }

    private static void ShouldMultiplyAsReference(WeightFormat format, byte[] matrix, int rows, float[] x)
    {
        int rowBytes = matrix.Length / rows;
        using var prepared = new PreparedVector(format.Activations, x);
        var actual = new float[rows];
        fixed (byte* source = matrix)
        fixed (float* y = actual)
        {
            format.MultiplyRows(source, rowBytes, rows, in prepared.Value, y);
        }

        float largest = x.Max(Math.Abs);
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<byte> bytes = matrix.AsSpan(row * rowBytes, rowBytes);
            double expected = format.MultiplyReference(bytes, in prepared.Value);
            var decoded = new float[x.Length];
            format.DecodeReference(bytes, decoded);

            // The sums of blocks are exact. What is rounded are the scales' products and the sums over blocks: each block's share goes
            // through a dozen roundings of 2^-24 of at most the sum of the magnitudes. Minimums make shares larger than their total: the
            // numbers without them bound both.
            double magnitude = decoded.Sum(w => Math.Abs((double)w)) + (MinimumMagnitude(format, bytes) * x.Length);
            double tolerance = 12 * Math.Pow(2, -24) * ((2 * magnitude * largest) + float.Epsilon);
            if (Math.Abs(expected) > float.MaxValue)
            {
                float.IsFinite(actual[row]).ShouldBeFalse();
                continue;
            }

            // Products of scales below the normal numbers are rounded to multiples of the smallest float; a block's quants multiply that.
            double subnormal = float.Epsilon * 127.0 * 128 * 64 * x.Length;
            Math.Abs(actual[row] - expected).ShouldBeAtMost(
                tolerance + subnormal, $"{format.Type}, length {x.Length}, row {row}: {actual[row]:R} instead of {expected:R}");
        }
    }

    // The largest that m * t can be in a block: 63 times the half at the place of the minimum.
    private static double MinimumMagnitude(WeightFormat format, ReadOnlySpan<byte> row)
    {
        int[] halves = FormatSamples.HalvesOf(format.Type);
        double largest = 0;
        for (int block = 0; halves.Length == 2 && block < row.Length; block += format.BlockBytes)
        {
            double minimum = Math.Abs((double)BitConverter.ToHalf(row[(block + halves[1])..]));
            largest = Math.Max(largest, format.BlockLength == 256 ? 63 * minimum : minimum);
        }

        return largest;
    }

    private static float[] RandomVector(int length, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(_ => (random.NextSingle() * 2) - 1)];
    }
}
