using Lapidary.Numerics.Formats;
using Lapidary.Numerics.Memory;
using Shouldly;
using Xunit;

namespace Lapidary.Numerics.Tests.Formats;

public unsafe class WeightFormatTests
{
    public static TheoryData<ElementType> Types => [.. WeightFormat.All.Select(format => format.Type)];

    [Theory]
    [MemberData(nameof(Types))]
    public void Decode_gives_exactly_the_numbers_of_the_reference(ElementType type)
    {
        WeightFormat format = WeightFormat.Of(type);
        foreach (int length in Lengths(format))
        {
            byte[] row = RandomRow(format, length, seed: length);
            var expected = new float[length];
            format.DecodeReference(row, expected);
            var actual = new float[length];
            fixed (byte* source = row)
            fixed (float* destination = actual)
            {
                format.Decode(source, destination, length);
            }

            actual.ShouldBe(expected);
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void MultiplyRows_agrees_with_the_reference_and_does_not_depend_on_the_other_rows(ElementType type)
    {
        WeightFormat format = WeightFormat.Of(type);
        foreach (int length in Lengths(format))
        {
            const int Rows = 5;
            byte[] matrix = RandomRow(format, length * Rows, seed: length + 1);
            int rowBytes = matrix.Length / Rows;
            using var x = new NativeMemoryBlock(length * 4L);
            var random = new Random(length);
            for (int i = 0; i < length; i++)
            {
                ((float*)x.Pointer)[i] = (random.NextSingle() * 2) - 1;
            }

            using var prepared = new NativeMemoryBlock(Activations.BytesFor(format.Activations, length));
            Activations activations = Activations.Prepare(format.Activations, (float*)x.Pointer, length, prepared.Pointer);
            var together = new float[Rows];
            var alone = new float[Rows];
            fixed (byte* rows = matrix)
            fixed (float* y = together, z = alone)
            {
                format.MultiplyRows(rows, rowBytes, Rows, in activations, y);
                for (int row = 0; row < Rows; row++)
                {
                    format.MultiplyRows(rows + (row * rowBytes), rowBytes, 1, in activations, z + row);
                }
            }

            alone.ShouldBe(together);
            for (int row = 0; row < Rows; row++)
            {
                ReadOnlySpan<byte> bytes = matrix.AsSpan(row * rowBytes, rowBytes);
                double expected = format.MultiplyReference(bytes, in activations);
                var decoded = new float[length];
                format.DecodeReference(bytes, decoded);
                double magnitude = decoded.Sum(w => Math.Abs((double)w)) + 1e-30;
                Math.Abs(together[row] - expected).ShouldBeLessThan(2e-6 * magnitude, $"{type}, length {length}, row {row}");
            }
        }
    }

    private static IEnumerable<int> Lengths(WeightFormat format) =>
        format.BlockLength == 1 ? [1, 3, 7, 16, 31, 33, 64, 100, 129, 640] : [1, 2, 3, 4, 5, 8, 20];

    private static byte[] RandomRow(WeightFormat format, int length, int seed)
    {
        // Random bytes are a legal block once their half and float scales are finite and of a usual size.
        var random = new Random(seed);
        var row = new byte[format.RowBytes(length)];
        random.NextBytes(row);
        return row;
    }
}
