using Lapidary.Numerics;
using Lapidary.Workbench.Compression;
using Lapidary.Workbench.Training;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Training;

/// <summary>The weights of the smallest magnitude, against a stable sort.</summary>
public sealed class SmallestMagnitudesTests
{
    [Theory]
    [InlineData(ElementType.F32, 1)]
    [InlineData(ElementType.F32, 3)]
    [InlineData(ElementType.BF16, 3)]
    public void Exactly_so_many_become_zero_the_smallest_and_of_equal_ones_the_first(ElementType type, int matrices)
    {
        // 64 columns of few distinct magnitudes: ties everywhere, at the threshold too.
        Tensor[] tensors = [.. Enumerable.Range(0, matrices).Select(i => Fill(type, 5, 64, (ulong)i, distinct: 40))];
        float[] before = [.. tensors.SelectMany(Read)];
        int[] order = [.. Enumerable.Range(0, before.Length).OrderBy(i => MathF.Abs(before[i])).ThenBy(i => i)];
        foreach (int count in (int[])[0, 1, 17, before.Length / 2, before.Length - 1, before.Length])
        {
            SmallestMagnitudes.Zero(tensors, count, null);

            float[] expected = [.. before];
            foreach (int i in order.Take(count))
            {
                expected[i] = 0;
            }

            float[] after = [.. tensors.SelectMany(Read)];
            after.ShouldBe(expected);
        }

        foreach (Tensor tensor in tensors)
        {
            tensor.Dispose();
        }
    }

    [Theory]
    [InlineData(2, 4)]
    [InlineData(3, 8)]
    [InlineData(1, 2)]
    public void A_pattern_is_reached_from_any_sparsity_on_the_way(int zeros, int group)
    {
        var pattern = new SparsityPattern(zeros, group);
        using Tensor tensor = Fill(ElementType.F32, 7, 64, 9, distinct: 1 << 20);
        float[] before = Read(tensor);
        foreach (double share in (double[])[0.3, 0.7, 1])
        {
            int count = (int)(share * pattern.Sparsity * before.Length);
            SmallestMagnitudes.Zero([tensor], count, pattern);
            Read(tensor).Count(value => value == 0).ShouldBe(count);
        }

        float[] after = Read(tensor);
        for (int start = 0; start < after.Length; start += group)
        {
            int[] kept = [.. Enumerable.Range(start, group).OrderBy(i => MathF.Abs(before[i])).Skip(zeros)];
            for (int i = start; i < start + group; i++)
            {
                after[i].ShouldBe(kept.Contains(i) ? before[i] : 0);
            }
        }
    }

    [Fact]
    public void Zeros_beyond_a_pattern_stay_and_do_not_take_the_place_of_others()
    {
        using Tensor tensor = Tensor.Allocate(ElementType.F32, 1, 8);
        float[] values = [0, 0, 0, 5, 4, 3, 2, 1];
        values.CopyTo(tensor.AsFloats());
        SmallestMagnitudes.Zero([tensor], 4, new SparsityPattern(2, 4));
        Read(tensor).ShouldBe([0, 0, 0, 5, 4, 3, 0, 0]);
    }

    private static Tensor Fill(ElementType type, int rows, int columns, ulong seed, int distinct)
    {
        var random = new SplitMix64(seed);
        Tensor tensor = Tensor.Allocate(type, rows, columns);
        for (int i = 0; i < rows * columns; i++)
        {
            float value = (1 + (random.NextBits() % (uint)distinct)) * 0.0625f * (random.NextBits() % 2 == 0 ? 1 : -1);
            Write(tensor, i, value);
        }

        return tensor;
    }

    private static unsafe void Write(Tensor tensor, int index, float value)
    {
        if (tensor.Type == ElementType.F32)
        {
            ((float*)tensor.Data)[index] = value;
        }
        else
        {
            ((ushort*)tensor.Data)[index] = (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16);
        }
    }

    private static float[] Read(Tensor tensor)
    {
        var values = new float[tensor.Length];
        for (int row = 0; row < tensor.Rows; row++)
        {
            tensor.DecodeRow(row, values.AsSpan(row * (int)tensor.RowLength, (int)tensor.RowLength));
        }

        return values;
    }
}
