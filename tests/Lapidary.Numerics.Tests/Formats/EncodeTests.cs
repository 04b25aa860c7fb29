using FsCheck;
using FsCheck.Fluent;
using Lapidary.Numerics.Formats;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Numerics.Tests.Formats;

/// <summary>Encoding in every format: vectors against scalar code, how far a number may move, lengths that do not fit.</summary>
public class EncodeTests
{
    public static TheoryData<ElementType> Types => [.. WeightFormat.All.Select(format => format.Type)];

    public static TheoryData<ElementType> BlockTypes =>
        [.. WeightFormat.All.Where(format => format.BlockLength > 1).Select(format => format.Type)];

    [Theory]
    [MemberData(nameof(Types))]
    public void Encode_gives_the_bytes_of_the_reference_wherever_they_lie(ElementType type)
    {
        WeightFormat format = WeightFormat.Of(type);
        foreach (int length in FormatSamples.Lengths(format).Append(0))
        {
            foreach (string kind in StructuredRows.Names)
            {
                foreach (bool hasImportance in (bool[])[false, true])
                {
                    float[] values = StructuredRows.Row(kind, length, seed: (ulong)length + 5);
                    float[] importance = hasImportance ? StructuredRows.Importance(length) : [];
                    byte[] expected = new byte[format.RowBytes(length)], actual = new byte[expected.Length + 2];
                    actual[^1] = 0x5a;
                    format.EncodeReference(values, importance, expected);
                    // One element and one byte off the alignment that the allocator gives.
                    float[] shifted = [0, .. values];
                    format.Encode(shifted.AsSpan(1), importance, actual.AsSpan(1, expected.Length));
                    actual[1..^1].ShouldBe(expected, $"{kind}, {length} elements, importance {hasImportance}");
                    actual[^1].ShouldBe((byte)0x5a);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(BlockTypes))]
    public void Searches_agree_on_any_numbers(ElementType type)
    {
        // Any bits that are finite: FsCheck's numbers are of all sizes, subnormal ones among them.
        WeightFormat format = WeightFormat.Of(type);
        Gen<float[]> rows = Gen.ArrayOf(
            Gen.Choose(int.MinValue, int.MaxValue).Select(bits => BitConverter.Int32BitsToSingle(bits)).Where(float.IsFinite), 256);
        Prop.ForAll(rows.ToArbitrary(), Gen.Choose(-40, 20).ToArbitrary(), (row, exponent) =>
        {
            // Within a range that keeps squares and their sums finite: beyond it scales are no numbers anyway.
            float[] values = [.. row.Select(x => MathF.IEEERemainder(x, MathF.ScaleB(1, exponent)))];
            float[] importance = [.. row.Select((_, i) => MathF.Abs(values[255 - i]) + (i % 5))];
            byte[] expected = new byte[format.RowBytes(256)], actual = new byte[expected.Length];
            foreach (float[] weights in (float[][])[[], importance])
            {
                format.EncodeReference(values, weights, expected);
                format.Encode(values, weights, actual);
                actual.ShouldBe(expected);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(60).WithReplay(7, 11));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void What_is_decoded_lies_within_a_step_and_a_half_of_the_block(ElementType type)
    {
        WeightFormat format = WeightFormat.Of(type);
        const int Width = 1024;
        // A scale is a multiple of 2^-24 at the least, and multiplied by integers before it reaches a number. For small numbers that is all.
        double smallest = Math.Pow(2, -25) * (format.BlockLength switch { 1 => 1, 32 => 127, _ => 128 * 32 });
        foreach (string kind in StructuredRows.Names.Except([.. StructuredRows.OutOfRange, "small"]))
        {
            foreach (bool hasImportance in (bool[])[false, true])
            {
                float[] values = StructuredRows.Row(kind, Width, seed: 9), decoded = new float[Width];
                // All counts: a number without importance may end up anywhere in its group.
                float[] importance = hasImportance ? [.. StructuredRows.Importance(Width).Select(w => MathF.Sqrt(w) + 1)] : [];
                var blocks = new byte[format.RowBytes(Width)];
                format.Encode(values, importance, blocks);
                format.DecodeReference(blocks, decoded);
                for (int block = 0; block < Width; block += format.BlockLength)
                {
                    float largest = values.AsSpan(block, format.BlockLength).ToArray().Max(MathF.Abs);
                    for (int i = block; i < block + format.BlockLength; i++)
                    {
                        Math.Abs((double)values[i] - decoded[i]).ShouldBeAtMost(
                            (1.5 * Step(type) * largest) + smallest, $"{kind}, importance {hasImportance}, element {i}");
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(BlockTypes))]
    public void An_importance_lowers_the_error_that_it_weighs(ElementType type)
    {
        if (type == ElementType.Q8_0)
        {
            return; // Makes no use of it.
        }

        WeightFormat format = WeightFormat.Of(type);
        const int Width = 2048;
        double plain = 0, weighed = 0;
        for (ulong seed = 0; seed < 8; seed++)
        {
            float[] values = StructuredRows.Row("bell", Width, seed), importance = StructuredRows.Importance(Width, seed);
            plain += WeighedError(format, values, [], importance);
            weighed += WeighedError(format, values, importance, importance);
        }

        weighed.ShouldBeAtMost(0.98 * plain);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Lengths_that_do_not_fit_are_refused(ElementType type)
    {
        WeightFormat format = WeightFormat.Of(type);
        int length = 2 * format.BlockLength, bytes = 2 * format.BlockBytes;
        foreach ((int values, int importance, int blocks) in ((int, int, int)[])
        [
            (length, 0, bytes - 1), (length, 0, bytes + 1), (length, 0, 0), (length, length - 1, bytes), (length, length + 1, bytes),
            (0, 0, bytes), (0, 1, 0),
        ])
        {
            Should.Throw<ArgumentException>(() => format.Encode(new float[values], new float[importance], new byte[blocks]));
            Should.Throw<ArgumentException>(() => format.EncodeReference(new float[values], new float[importance], new byte[blocks]));
        }

        if (format.BlockLength > 1)
        {
            Should.Throw<ArgumentException>(() => format.Encode(new float[length - 1], [], new byte[bytes]))
                .Message.ShouldContain($"{length - 1} elements");
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(float.MaxValue)]
    public void Numbers_that_have_no_blocks_still_end_in_some_bytes(float odd)
    {
        foreach (WeightFormat format in WeightFormat.All)
        {
            foreach (bool hasImportance in (bool[])[false, true])
            {
                float[] values = StructuredRows.Row("bell", 512);
                (values[3], values[300]) = (odd, odd);
                var blocks = new byte[format.RowBytes(512)];
                format.Encode(values, hasImportance ? StructuredRows.Importance(512) : [], blocks);
                format.EncodeReference(values, hasImportance ? StructuredRows.Importance(512) : [], blocks);
            }
        }
    }

    // The distance of neighbouring numbers of a block whose largest magnitude is 1, at most: 2 / largest quant with a minimum, 1 / offset
    // without.
    private static double Step(ElementType type) => type switch
    {
        ElementType.F32 => 0,
        ElementType.F16 => 1.0 / 1024,
        ElementType.BF16 => 1.0 / 128,
        ElementType.Q8_0 => 1.0 / 127,
        ElementType.Q4_0 => 1.0 / 8,
        ElementType.Q5_0 => 1.0 / 16,
        ElementType.Q4_1 or ElementType.Q4_K => 2.0 / 15,
        ElementType.Q5_1 or ElementType.Q5_K => 2.0 / 31,
        ElementType.Q2_K => 2.0 / 3,
        ElementType.Q3_K => 1.0 / 4,
        _ => 1.0 / 32,
    };

    private static double WeighedError(WeightFormat format, float[] values, float[] used, float[] importance)
    {
        var blocks = new byte[format.RowBytes(values.Length)];
        var decoded = new float[values.Length];
        format.Encode(values, used, blocks);
        format.DecodeReference(blocks, decoded);
        return values.Select((x, i) => importance[i] * Math.Pow(x - (double)decoded[i], 2)).Sum();
    }
}
