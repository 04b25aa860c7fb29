using Lapidary.Numerics.Formats;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Sparse;
using Lapidary.Numerics.Threading;
using Shouldly;
using Xunit;

namespace Lapidary.Numerics.Tests.Sparse;

/// <summary>
/// A sparse matrix gives what the dense one gives, bit by bit: the formats and the products of dense rows have tests against scalar
/// references of their own, which run under every instruction set like these.
/// </summary>
public sealed unsafe class SparseMatrixTests
{
    // Below, at and between the lengths of vectors and groups.
    private static readonly int[] Widths = [1, 7, 40, 63, 64, 65, 96, 127, 128, 640, 1000, 2048];

    private static readonly int[] BlockWidths = [32, 64, 96, 256, 640, 2048];

    public static TheoryData<ElementType> Types => [ElementType.BF16, ElementType.F16, ElementType.Q8_0];

    [Theory]
    [MemberData(nameof(Types))]
    public void Products_of_one_vector_have_the_bits_of_the_dense_matrix(ElementType type)
    {
        using var pool = new WorkerPool(2);
        using var product = new MatrixProduct(pool);
        foreach (int width in WidthsOf(type))
        {
            foreach (double sparsity in new[] { 0, 0.1, 0.5, 0.9, 1 })
            {
                const int Rows = 37;
                using Tensor dense = Pruned(type, Rows, width, sparsity, seed: width);
                using SparseMatrix sparse = Pack(pool, dense);
                float[] x = RandomData.Floats(width, seed: 3);
                float[] expected = new float[Rows], found = new float[Rows];
                fixed (float* source = x, left = expected, right = found)
                {
                    product.MultiplyVector(source, width, new ProductTarget(dense, left, Rows));
                    product.MultiplyVector(source, width, new ProductTarget(sparse, right, Rows));
                }

                Bits(found).ShouldBe(Bits(expected), $"{type}, width {width}, sparsity {sparsity}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Products_of_several_vectors_and_of_prompts_have_the_bits_of_the_dense_matrix(ElementType type)
    {
        const int Rows = 150, Inputs = 5;
        foreach (int threads in new[] { 1, 3 })
        {
            using var pool = new WorkerPool(threads);
            using var product = new MatrixProduct(pool);
            foreach (int width in WidthsOf(type))
            {
                using Tensor dense = Pruned(type, Rows, width, 0.5, seed: width);
                using SparseMatrix sparse = Pack(pool, dense);
                float[] x = RandomData.Floats(Inputs * width, seed: 4);
                float[] expected = new float[Inputs * Rows], found = new float[Inputs * Rows];
                fixed (float* source = x, left = expected, right = found)
                {
                    product.MultiplyVectors(source, Inputs, width, new ProductTarget(dense, left, Rows));
                    product.MultiplyVectors(source, Inputs, width, new ProductTarget(sparse, right, Rows));
                    Bits(found).ShouldBe(Bits(expected), $"vectors, {type}, width {width}");
                    product.Multiply(source, Inputs, width, new ProductTarget(dense, left, Rows));
                    product.Multiply(source, Inputs, width, new ProductTarget(sparse, right, Rows));
                    Bits(found).ShouldBe(Bits(expected), $"prompt, {type}, width {width}");
                }
            }
        }
    }

    [Fact]
    public void Blocks_of_any_bits_and_vectors_of_any_size_have_the_bits_of_the_dense_matrix()
    {
        // The smallest and the largest quants, scales that are no numbers, activations beyond those that AVX2 multiplies as words, more blocks than it
        // keeps on the stack.
        using var pool = new WorkerPool(1);
        using var product = new MatrixProduct(pool);
        foreach (int width in new[] { 32, 640, 672, 1025 * 32 })
        {
            foreach (int rows in new[] { 2, 7 })
            {
                using Tensor dense = Tensor.Allocate(ElementType.Q8_0, rows, width);
                var random = new Random(width + rows);
                random.NextBytes(new Span<byte>(dense.Data, (int)dense.ByteLength));
                for (long i = 0; i < dense.ByteLength; i++)
                {
                    dense.Data[i] = random.Next(4) switch { 0 => 0x80, 1 => 0, 2 => 0x7f, _ => dense.Data[i] };
                }

                using SparseMatrix sparse = Pack(pool, dense);
                foreach (float size in new[] { 1f, 1e-27f, 1e-36f, 1e-44f, 1e33f, 3e38f, 0f, float.PositiveInfinity, float.NaN })
                {
                    float[] x = RandomData.Floats(width, seed: 6);
                    for (int i = 0; i < 32; i++)
                    {
                        x[i] *= size;
                    }

                    float[] expected = new float[rows], found = new float[rows];
                    fixed (float* source = x, left = expected, right = found)
                    {
                        product.MultiplyVector(source, width, new ProductTarget(dense, left, rows));
                        product.MultiplyVector(source, width, new ProductTarget(sparse, right, rows));
                    }

                    // Which of two NaNs a product of both gives depends on the order of the operands, which is the compiler's.
                    Bits(OneNaN(found)).ShouldBe(Bits(OneNaN(expected)), $"width {width}, rows {rows}, size {size}");
                }
            }
        }
    }

    [Fact]
    public void Dense_and_sparse_weights_share_an_input()
    {
        const int Width = 192;
        using var pool = new WorkerPool(2);
        using var product = new MatrixProduct(pool);
        using Tensor a = Pruned(ElementType.BF16, 50, Width, 0.5, seed: 1);
        using Tensor b = Pruned(ElementType.Q8_0, 20, Width, 0.5, seed: 2);
        using Tensor c = Pruned(ElementType.BF16, 33, Width, 0.5, seed: 3);
        using SparseMatrix sparseA = Pack(pool, a);
        using SparseMatrix sparseB = Pack(pool, b);
        float[] x = RandomData.Floats(3 * Width, seed: 5);
        foreach (int rows in new[] { 1, 3 })
        {
            float[][] expected = [new float[rows * 50], new float[rows * 20], new float[rows * 33]];
            float[][] found = [new float[rows * 50], new float[rows * 20], new float[rows * 33]];
            fixed (float* source = x, ea = expected[0], eb = expected[1], ec = expected[2], fa = found[0], fb = found[1], fc = found[2])
            {
                product.MultiplyVectors(
                    source, rows, Width, new ProductTarget(a, ea, 50), new ProductTarget(b, eb, 20), new ProductTarget(c, ec, 33));
                product.MultiplyVectors(
                    source, rows, Width, new ProductTarget(sparseA, fa, 50), new ProductTarget(sparseB, fb, 20), new ProductTarget(c, fc, 33));
            }

            found.Select(Bits).ShouldBe(expected.Select(Bits));
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Rows_decode_to_the_numbers_of_the_reference(ElementType type)
    {
        using var pool = new WorkerPool(1);
        foreach (int width in WidthsOf(type))
        {
            using Tensor dense = Pruned(type, 9, width, 0.4, seed: width);
            using SparseMatrix sparse = Pack(pool, dense);
            float[] expected = new float[width], found = new float[width];
            for (int row = 0; row < 9; row++)
            {
                WeightFormat.Of(type).DecodeReference(RowOf(dense, row), expected);
                sparse.DecodeRow(row, found);

                // Not by bits: negative zeros come back as positive ones.
                found.ShouldBe(expected);
            }

            Should.Throw<ArgumentOutOfRangeException>(() => sparse.DecodeRow(9, found));
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void The_form_takes_offsets_masks_and_what_is_not_zero(ElementType type)
    {
        using var pool = new WorkerPool(2);
        foreach (int width in WidthsOf(type))
        {
            foreach (double sparsity in new[] { 0, 0.5, 1 })
            {
                const int Rows = 13;
                using Tensor dense = Pruned(type, Rows, width, sparsity, seed: 8);
                using SparseMatrix sparse = Pack(pool, dense);
                var values = new float[width];
                long nonZeros = 0;
                for (int row = 0; row < Rows; row++)
                {
                    WeightFormat.Of(type).DecodeReference(RowOf(dense, row), values);
                    nonZeros += values.Count(value => value != 0);
                }

                sparse.NonZeros.ShouldBe(nonZeros);
                SparseMatrix.CountNonZeros(type, new ReadOnlySpan<byte>(dense.Data, (int)dense.ByteLength), width).ShouldBe(nonZeros);
                sparse.Sparsity.ShouldBe(1 - (nonZeros / (double)(Rows * width)), 1e-12);
                sparse.DenseByteLength.ShouldBe(dense.ByteLength);
                long masks = type == ElementType.Q8_0 ? width / 32 * 6 : (width + 63) / 64 * 8;
                long elements = type == ElementType.Q8_0 ? nonZeros : 2 * nonZeros;
                sparse.ByteLength.ShouldBe((8 * (Rows + 1)) + (Rows * masks) + elements);
            }
        }
    }

    [Fact]
    public void A_zero_of_either_sign_is_one_and_the_smallest_number_is_none()
    {
        using var pool = new WorkerPool(1);
        ushort[] row = [0x0000, 0x8000, 0x0001, 0x8001, 0x7f80, 0x7fc1];
        byte[] bytes = [.. row.SelectMany(BitConverter.GetBytes)];
        using SparseMatrix sparse = SparseMatrix.Build(pool, ElementType.BF16, 1, row.Length, (_, target) => bytes.CopyTo(target));
        sparse.NonZeros.ShouldBe(4);
        float[] found = new float[row.Length];
        sparse.DecodeRow(0, found);
        Bits(found).ShouldBe([0, 0, 0x0001_0000, unchecked((int)0x8001_0000), 0x7f80_0000, 0x7fc1_0000]);
    }

    [Fact]
    public void A_large_matrix_is_read_in_pieces_from_its_first_row_to_its_last()
    {
        const int Rows = 5000, Width = 1024;
        using var pool = new WorkerPool(2);
        using Tensor dense = Pruned(ElementType.BF16, Rows, Width, 0.5, seed: 1);
        var read = new List<(long First, int Bytes)>();
        using SparseMatrix sparse = SparseMatrix.Build(pool, ElementType.BF16, Rows, Width, (first, target) =>
        {
            read.Add((first, target.Length));
            new ReadOnlySpan<byte>(dense.RowPointer(first), target.Length).CopyTo(target);
        });

        // Twice: to count and to pack; never much of it at once.
        read.Sum(piece => (long)piece.Bytes).ShouldBe(2 * dense.ByteLength);
        read.Max(piece => piece.Bytes).ShouldBeLessThanOrEqualTo(4 << 20);
        read.Count(piece => piece.First == 0).ShouldBe(2);
        float[] expected = new float[Width], found = new float[Width];
        foreach (int row in new[] { 0, 2047, 2048, Rows - 1 })
        {
            dense.DecodeRow(row, expected);
            sparse.DecodeRow(row, found);
            found.ShouldBe(expected);
        }
    }

    [Fact]
    public void A_source_that_changes_between_its_readings_is_refused()
    {
        using var pool = new WorkerPool(1);
        int reading = 0;
        Should.Throw<InvalidOperationException>(() => SparseMatrix.Build(
            pool, ElementType.BF16, 4, 64, (_, target) => target.Fill(reading++ == 0 ? (byte)0 : (byte)1)));
    }

    [Fact]
    public void What_has_no_sparse_form_or_no_whole_rows_is_refused()
    {
        using var pool = new WorkerPool(1);
        SparseMatrix.Supports(ElementType.Q4_K).ShouldBeFalse();
        SparseMatrix.Supports(ElementType.F32).ShouldBeFalse();
        Should.Throw<ArgumentException>(() => SparseMatrix.Build(pool, ElementType.Q4_0, 1, 32, (_, _) => { }));
        Should.Throw<ArgumentException>(() => SparseMatrix.Build(pool, ElementType.Q8_0, 1, 40, (_, _) => { }));
        Should.Throw<ArgumentException>(() => SparseMatrix.Build(pool, ElementType.BF16, -1, 40, (_, _) => { }));
        Should.Throw<ArgumentException>(() => SparseMatrix.CountNonZeros(ElementType.BF16, new byte[7], 3));
        using SparseMatrix empty = SparseMatrix.Build(pool, ElementType.BF16, 0, 8, (_, _) => { });
        empty.Sparsity.ShouldBe(0);
    }

    private static int[] WidthsOf(ElementType type) => type == ElementType.Q8_0 ? BlockWidths : Widths;

    private static SparseMatrix Pack(WorkerPool pool, Tensor dense) => SparseMatrix.Build(
        pool,
        dense.Type,
        dense.Rows,
        (int)dense.RowLength,
        (first, target) => new ReadOnlySpan<byte>(dense.RowPointer(first), target.Length).CopyTo(target));

    // Every seventh row is zero altogether, half of the zeros are negative.
    private static Tensor Pruned(ElementType type, int rows, int width, double sparsity, int seed)
    {
        Tensor tensor = Tensor.Allocate(type, rows, width);
        var random = new Random(seed);
        float[] values = new float[width];
        for (int row = 0; row < rows; row++)
        {
            foreach (ref float value in values.AsSpan())
            {
                float drawn = (random.NextSingle() * 2) - 1;
                value = row % 7 == 6 || random.NextDouble() < sparsity ? drawn * 0f : drawn;
            }

            WeightFormat.Of(type).Encode(values, [], new Span<byte>(tensor.RowPointer(row), (int)tensor.RowBytes));
        }

        return tensor;
    }

    private static ReadOnlySpan<byte> RowOf(Tensor tensor, int row) => new(tensor.RowPointer(row), (int)tensor.RowBytes);

    private static float[] OneNaN(float[] values) => [.. values.Select(value => float.IsNaN(value) ? float.NaN : value)];

    private static int[] Bits(float[] values) => [.. values.Select(BitConverter.SingleToInt32Bits)];
}
