using Lapidary.Numerics.Formats;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;
using Shouldly;
using Xunit;

namespace Lapidary.Numerics.Tests.Formats;

/// <summary>Encoding to Q4_0, and rounding to it without encoding.</summary>
public unsafe class Q4_0EncodeTests
{
    public static TheoryData<float> Scales => [1e-30f, 1e-8f, 6e-5f, 1, 1000, 500_000];

    [Theory]
    [MemberData(nameof(Scales))]
    public void Blocks_are_those_of_the_reference_byte_for_byte(float scale)
    {
        float[] values = Values(4096, scale);
        byte[] expected = new byte[values.Length / 32 * 18], actual = new byte[expected.Length + 1];
        Q4_0Format.EncodeReference(values, [], expected);
        float[] shifted = [0, .. values];
        // One element and one byte off the alignment that the allocator gives.
        Q4_0Format.Encode(shifted.AsSpan(1), [], actual.AsSpan(1));

        actual[1..].ShouldBe(expected);
    }

    [Theory]
    [MemberData(nameof(Scales))]
    public void Fake_quantization_is_encoding_and_decoding_bit_for_bit(float scale)
    {
        const int Rows = 37, Width = 96;
        float[] values = Values(Rows * Width, scale);
        var blocks = new byte[values.Length / 32 * 18];
        float[] decoded = new float[values.Length], reference = new float[values.Length];
        fixed (float* source = values, destination = decoded)
        fixed (byte* encoded = blocks)
        {
            Q4_0Format.Encode(values, [], blocks);
            Q4_0Format.Decode(encoded, destination, values.Length);
        }

        FakeQuantize.Q4_0Reference(values, reference);
        Bits(reference).ShouldBe(Bits(decoded));
        foreach (int threads in new[] { 1, 2, 5 })
        {
            using var pool = new WorkerPool(threads);
            float[] rounded = new float[values.Length + 1], inPlace = [.. values];
            fixed (float* source = values, destination = rounded, same = inPlace)
            {
                FakeQuantize.Q4_0(pool, source, destination + 1, Rows, Width);
                FakeQuantize.Q4_0(pool, same, same, Rows, Width);
            }

            Bits(rounded[1..]).ShouldBe(Bits(decoded));
            Bits(inPlace).ShouldBe(Bits(decoded));
        }
    }

    [Fact]
    public void The_first_of_several_extremes_decides()
    {
        float[] values = new float[64];
        (values[3], values[7]) = (2, -2);
        (values[35], values[39]) = (-2, 2);
        var blocks = new byte[36];
        fixed (float* source = values)
        fixed (byte* destination = blocks)
        {
            Q4_0Format.Encode(values, [], blocks);
            BitConverter.ToHalf(blocks, 0).ShouldBe((Half)(-0.25f));
            BitConverter.ToHalf(blocks, 18).ShouldBe((Half)0.25f);
            Q4_0Format.Decode(destination, source, 64);
        }

        // The extreme that decides is exact, the other one is cut off at 7 / 8.
        (values[3], values[7]).ShouldBe((2f, -1.75f));
        (values[35], values[39]).ShouldBe((-2f, 1.75f));
    }

    [Fact]
    public void A_block_of_zeros_has_the_bytes_that_llama_cpp_writes()
    {
        var values = new float[32];
        var block = new byte[18];
        Q4_0Format.Encode(values, [], block);

        // -0 from 0 / -8, and the quants in the middle.
        block[..2].ShouldBe(new byte[] { 0, 0x80 });
        block[2..].ShouldAllBe(pair => pair == 0x88);
    }

    [Fact]
    public void The_scale_is_rounded_to_the_nearest_half_and_halves_to_even()
    {
        var values = new float[32];
        var block = new byte[18];
        for (int bits = 1; bits < 0x7bff; bits++)
        {
            float lower = (float)BitConverter.UInt16BitsToHalf((ushort)bits);
            float upper = (float)BitConverter.UInt16BitsToHalf((ushort)(bits + 1));
            float middle = (lower + upper) / 2;
            foreach ((float value, int expected) in new[]
            {
                (MathF.BitDecrement(middle), bits), (middle, bits + (bits & 1)), (MathF.BitIncrement(middle), bits + 1),
            })
            {
                values[0] = value * -8;
                Q4_0Format.Encode(values, [], block);
                if (BitConverter.ToUInt16(block, 0) != expected)
                {
                    Assert.Fail($"{value:r} became {BitConverter.ToUInt16(block, 0):x4}, not {expected:x4}.");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Scales))]
    public void Numbers_that_were_rounded_once_stay_as_they_are(float scale)
    {
        // So weights that were trained in this form may be stored in float32 and quantized later: nothing more is lost.
        float[] values = Values(4096, scale), once = new float[4096], twice = new float[4096];
        FakeQuantize.Q4_0Reference(values, once);
        FakeQuantize.Q4_0Reference(once, twice);
        twice.ShouldBe(once);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 33)]
    [InlineData(40, 640)]
    public void Int4_per_channel_is_its_reference_bit_for_bit(int rows, int width)
    {
        float[] values = RandomData.Floats(rows * width, seed: 5, scale: 0.1f), expected = new float[rows * width];
        values.AsSpan(0, width).Clear();
        for (int row = 0; row < rows; row++)
        {
            FakeQuantize.Int4PerChannelReference(values.AsSpan(row * width, width), expected.AsSpan(row * width, width));
        }

        foreach (int threads in new[] { 1, 2, 5 })
        {
            using var pool = new WorkerPool(threads);
            float[] shifted = [0, .. values];
            fixed (float* x = shifted)
            {
                FakeQuantize.Int4PerChannel(pool, x + 1, x + 1, rows, width);
            }

            shifted[1..].ShouldBe(expected);
        }
    }

    [Fact]
    public void Int4_per_channel_rounds_as_its_definition_says()
    {
        using var pool = new WorkerPool(1);
        float[] values = [7, 0.5f, 1.5f, 2.5f, -0.5f, -1.5f, -6.4f, -6.6f, -7, 3.49f];
        fixed (float* x = values)
        {
            FakeQuantize.Int4PerChannel(pool, x, x, 1, values.Length);
        }

        values.ShouldBe(new float[] { 7, 0, 2, 2, 0, -2, -6, -7, -7, 3 });
    }

    [Fact]
    public void A_row_that_is_not_a_whole_number_of_blocks_is_refused()
    {
        using var pool = new WorkerPool(1);
        Should.Throw<ArgumentException>(() => FakeQuantize.Q4_0(pool, null, null, 1, 33)).Message.ShouldContain("33");
    }

    // Blocks of all kinds: uniform, zero, one number, both extremes, ascending.
    private static float[] Values(int count, float scale)
    {
        float[] values = RandomData.Floats(count, seed: 4, scale);
        for (int block = 0; block < count / 32; block++)
        {
            Span<float> x = values.AsSpan(block * 32, 32);
            switch (block % 9)
            {
                case 2:
                    x.Clear();
                    break;
                case 3:
                    x[1..].Clear();
                    break;
                case 4:
                    (x[5], x[20]) = (scale, -scale);
                    break;
                case 5:
                    (x[5], x[20]) = (-scale, scale);
                    break;
                case 6:
                    for (int i = 0; i < 32; i++)
                    {
                        x[i] = scale * (i - 16) / 16;
                    }

                    break;
                default:
                    break;
            }
        }

        return values;
    }

    private static uint[] Bits(float[] values) => [.. values.Select(BitConverter.SingleToUInt32Bits)];
}
