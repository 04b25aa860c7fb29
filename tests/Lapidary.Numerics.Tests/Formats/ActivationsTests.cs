using Lapidary.Numerics.Formats;
using Lapidary.Numerics.Simd;
using Shouldly;
using Xunit;

namespace Lapidary.Numerics.Tests.Formats;

public unsafe class ActivationsTests
{
    public static TheoryData<ActivationLayout, int> ByteLayouts => new()
    {
        { ActivationLayout.Byte32, 32 },
        { ActivationLayout.Byte256, 256 },
    };

    [Theory]
    [MemberData(nameof(ByteLayouts))]
    public void Quants_scales_and_sums_are_those_of_the_definition(ActivationLayout layout, int blockLength)
    {
        int sumLength = layout == ActivationLayout.Byte32 ? 32 : 16;
        float[] x = Samples(blockLength);
        using var prepared = new PreparedVector(layout, x);
        for (int block = 0; block < x.Length / blockLength; block++)
        {
            float[] numbers = x[(block * blockLength)..((block + 1) * blockLength)];
            float largest = numbers.Max(MathF.Abs);
            float inverse = largest == 0 ? 0 : MathF.Min(127f / largest, float.MaxValue);
            prepared.Value.Scales[block].ShouldBe(largest / 127f);
            for (int i = 0; i < blockLength; i++)
            {
                // Halves to even, as the vector conversions round.
                int expected = (int)MathF.Round(numbers[i] * inverse, MidpointRounding.ToEven);
                ((int)prepared.Value.Quants[(block * blockLength) + i]).ShouldBe(expected, $"block {block}, element {i}");
                Math.Abs(expected).ShouldBeLessThanOrEqualTo(127);
            }
        }

        for (int group = 0; group < x.Length / sumLength; group++)
        {
            int sum = 0;
            for (int i = 0; i < sumLength; i++)
            {
                sum += prepared.Value.Quants[(group * sumLength) + i];
            }

            ((int)prepared.Value.Sums[group]).ShouldBe(sum);
            if (layout == ActivationLayout.Byte32)
            {
                prepared.Value.FloatSums[group].ShouldBe(sum);
            }
        }
    }

    [Theory]
    [MemberData(nameof(ByteLayouts))]
    public void A_block_that_is_not_finite_has_no_scale_and_no_quants(ActivationLayout layout, int blockLength)
    {
        foreach (float odd in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity])
        {
            float[] x = [.. Enumerable.Repeat(1f, 3 * blockLength)];
            x[blockLength + 7] = odd;
            using var prepared = new PreparedVector(layout, x);
            prepared.Value.Scales[0].ShouldBe(1f / 127f);
            prepared.Value.Scales[1].ShouldBe(float.NaN);
            prepared.Value.Scales[2].ShouldBe(1f / 127f);
            new Span<sbyte>(prepared.Value.Quants + blockLength, blockLength).ToArray().ShouldAllBe(quant => quant == 0);
        }
    }

    [Fact]
    public void Even_and_odd_elements_are_separated_in_groups_of_two_vectors_and_the_rest_is_in_order()
    {
        int width = VectorDispatch.Width;
        foreach (int length in (int[])[1, 7, 8, 31, 32, 33, 100, 640])
        {
            float[] x = [.. Enumerable.Range(0, length).Select(i => (float)i)];
            using var prepared = new PreparedVector(ActivationLayout.EvenOdd, x);
            int whole = length - (length % (2 * width));
            for (int i = 0; i < length; i++)
            {
                int inGroup = i % (2 * width);
                int position = i < whole ? i - inGroup + ((inGroup & 1) * width) + (inGroup / 2) : i;
                prepared.Value.Values[position].ShouldBe(i);
            }
        }
    }

    [Fact]
    public void A_vector_of_part_of_a_block_is_refused() =>
        Should.Throw<ArgumentException>(() => new PreparedVector(ActivationLayout.Byte256, new float[288]).Dispose());

    // Random numbers; halves that round to even; zeros; the smallest and the largest numbers.
    private static float[] Samples(int blockLength)
    {
        var random = new Random(blockLength);
        return
        [
            .. Block(blockLength, _ => (random.NextSingle() * 2) - 1),
            .. Block(blockLength, i => i == 0 ? 127 : (i % 100) - 50.5f),
            .. Block(blockLength, i => i % 2 == 0 ? 0f : -0f),
            .. Block(blockLength, i => i * float.Epsilon),
            .. Block(blockLength, i => i % 2 == 0 ? float.MaxValue : float.MinValue),
            .. Block(blockLength, i => i == 5 ? -1e30f : 1e-30f),
        ];
    }

    private static IEnumerable<float> Block(int length, Func<int, float> number) => Enumerable.Range(0, length).Select(number);
}
