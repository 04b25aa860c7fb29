using Lapidary.Numerics.Formats;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Numerics.Tests.Kernels;

/// <summary>Rows of a matrix, encoded by several workers, and what they may not hold.</summary>
public unsafe class RowEncoderTests
{
    private const int Rows = 41, Width = 768;

    public static TheoryData<ElementType> Types => [.. WeightFormat.All.Select(format => format.Type)];

    [Theory]
    [MemberData(nameof(Types))]
    public void Any_number_of_threads_gives_the_bytes_of_one_row_after_the_other(ElementType type)
    {
        WeightFormat format = WeightFormat.Of(type);
        float[] importance = StructuredRows.Importance(Width), row = new float[Width];
        foreach (ElementType sourceType in (ElementType[])[ElementType.F32, ElementType.F16, ElementType.BF16, ElementType.Q8_0])
        {
            using Tensor source = Matrix(sourceType);
            var expected = new byte[Rows * format.RowBytes(Width)];
            for (int i = 0; i < Rows; i++)
            {
                source.DecodeRow(i, row);
                int rowBytes = expected.Length / Rows;
                format.EncodeReference(row, importance, expected.AsSpan(i * rowBytes, rowBytes));
            }

            foreach (int threads in (int[])[1, 2, 5])
            {
                using var pool = new WorkerPool(threads);
                var actual = new byte[expected.Length];
                RowEncoder.Encode(pool, source, format, importance, actual);
                actual.AsSpan().SequenceEqual(expected).ShouldBeTrue($"{sourceType} with {threads} threads");
            }
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void The_first_number_that_is_not_finite_is_named(float odd)
    {
        foreach (int threads in (int[])[1, 2, 5])
        {
            using var pool = new WorkerPool(threads);
            foreach ((int row, int column) in ((int, int)[])[(0, 0), (17, 767), (40, 5)])
            {
                using Tensor source = Matrix(ElementType.F32);
                source.AsFloats()[(row * Width) + column] = odd;
                source.AsFloats()[^1] = odd;
                UnencodableValueException fault = Fault(pool, source, ElementType.Q4_K);
                (fault.Row, fault.Column).ShouldBe((row, column));
                fault.Message.ShouldBe($"row {row}, column {column}: expected a finite number, found {odd}.");
            }
        }
    }

    [Theory]
    [InlineData(ElementType.F16, 65520f)]
    [InlineData(ElementType.BF16, 3.4e38f)]
    [InlineData(ElementType.Q4_1, -70000f)]
    [InlineData(ElementType.Q3_K, 1e8f)]
    [InlineData(ElementType.Q8_0, 1e7f)]
    [InlineData(ElementType.Q2_K, 1e9f)]
    [InlineData(ElementType.Q6_K, 3e38f)]
    public void A_number_that_is_too_large_for_the_format_is_named(ElementType type, float large)
    {
        using var pool = new WorkerPool(2);
        using Tensor source = Matrix(ElementType.F32);
        source.AsFloats()[(7 * Width) + 300] = large;
        UnencodableValueException fault = Fault(pool, source, type);
        fault.Row.ShouldBe(7);
        // The whole block is lost with the scale: the largest number of it is the one to blame.
        (fault.Column, fault.Value).ShouldBe((300, large));
        fault.Message.ShouldContain($"that {type} can hold");
    }

    [Fact]
    public void Large_numbers_that_a_block_can_hold_are_encoded()
    {
        using var pool = new WorkerPool(2);
        using Tensor source = Matrix(ElementType.F32);
        foreach (ref float x in source.AsFloats())
        {
            x *= 80;
        }

        WeightFormat format = WeightFormat.Of(ElementType.Q4_K);
        using Tensor blocks = Tensor.Allocate(format.Type, Rows, Width);
        RowEncoder.Encode(pool, source, format, [], new Span<byte>(blocks.Data, (int)blocks.ByteLength));
        float[] expected = new float[Width], decoded = new float[Width];
        for (int row = 0; row < Rows; row++)
        {
            source.DecodeRow(row, expected);
            blocks.DecodeRow(row, decoded);
            Closeness.LargestDifference(decoded, expected).ShouldBeAtMost(0.2 * expected.Max(MathF.Abs), $"row {row}");
        }
    }

    [Fact]
    public void Requests_that_do_not_fit_are_refused()
    {
        using var pool = new WorkerPool(1);
        using Tensor source = Matrix(ElementType.F32), narrow = Tensor.Allocate(ElementType.F32, 2, 640);
        WeightFormat format = WeightFormat.Of(ElementType.Q4_K);
        var room = new byte[Rows * format.RowBytes(Width)];
        Message(() => RowEncoder.Encode(pool, narrow, format, [], new byte[2 * 288])).ShouldContain("640 elements");
        Message(() => RowEncoder.Encode(pool, source, format, [], room.AsSpan(1))).ShouldContain($"{room.Length - 1}");
        Message(() => RowEncoder.Encode(pool, source, format, new float[Width - 1], room)).ShouldContain("767");
        foreach (float odd in (float[])[-1e-9f, float.NaN, float.PositiveInfinity])
        {
            float[] importance = StructuredRows.Importance(Width);
            importance[9] = odd;
            Message(() => RowEncoder.Encode(pool, source, format, importance, room)).ShouldStartWith("Importance 9");
        }

        RowEncoder.Encode(pool, WeightFormat.Of(ElementType.F32), null, 0, Width, format, [], null, 0);
    }

    private static string Message(Action action) => Should.Throw<ArgumentException>(action).Message;

    private static UnencodableValueException Fault(WorkerPool pool, Tensor source, ElementType type)
    {
        WeightFormat format = WeightFormat.Of(type);
        var blocks = new byte[source.Rows * format.RowBytes(source.RowLength)];
        return Should.Throw<UnencodableValueException>(() => RowEncoder.Encode(pool, source, format, [], blocks));
    }

    private static Tensor Matrix(ElementType type)
    {
        Tensor tensor = Tensor.Allocate(type, Rows, Width);
        WeightFormat format = WeightFormat.Of(type);
        string[] kinds = [.. StructuredRows.Names.Except(StructuredRows.OutOfRange)];
        for (int i = 0; i < Rows; i++)
        {
            format.Encode(
                StructuredRows.Row(kinds[i % kinds.Length], Width, (ulong)i), [], new Span<byte>(tensor.RowPointer(i), (int)tensor.RowBytes));
        }

        return tensor;
    }
}
