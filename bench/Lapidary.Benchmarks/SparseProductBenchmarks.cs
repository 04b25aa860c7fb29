using BenchmarkDotNet.Attributes;
using Lapidary.Numerics;
using Lapidary.Numerics.Formats;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Sparse;
using Lapidary.Numerics.Threading;

namespace Lapidary.Benchmarks;

/// <summary>
/// The product of decoding with a pruned matrix as it is and without its zeros: half of the output matrix of Gemma 3 270M, too large for any cache.
/// </summary>
public unsafe class SparseProductBenchmarks
{
    private const int Rows = 131072, Width = 640;

    private WorkerPool pool = null!;
    private MatrixProduct product = null!;
    private Tensor dense = null!;
    private SparseMatrix sparse = null!;
    private Tensor input = null!;
    private Tensor output = null!;

    [Params(ElementType.BF16, ElementType.Q8_0)]
    public ElementType Type { get; set; }

    /// <summary>Share of zeros in percent.</summary>
    [Params(30, 40, 50, 60, 70, 80, 90)]
    public int Zeros { get; set; }

    [Params(2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        pool = new WorkerPool(Threads);
        product = new MatrixProduct(pool);
        dense = Tensor.Allocate(Type, Rows, Width);
        var random = new SplitMix64(1);
        float[] row = new float[Width];
        for (int i = 0; i < Rows; i++)
        {
            foreach (ref float value in row.AsSpan())
            {
                double drawn = random.NextDouble();
                value = drawn * 100 < Zeros ? 0 : (float)(drawn - 0.5);
            }

            WeightFormat.Of(Type).Encode(row, [], new Span<byte>(dense.RowPointer(i), (int)dense.RowBytes));
        }

        sparse = SparseMatrix.Build(
            pool, Type, Rows, Width, (first, target) => new ReadOnlySpan<byte>(dense.RowPointer(first), target.Length).CopyTo(target));
        input = RandomData.Floats(1, Width);
        output = Tensor.Allocate(ElementType.F32, Rows);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        product.Dispose();
        pool.Dispose();
        dense.Dispose();
        sparse.Dispose();
        input.Dispose();
        output.Dispose();
    }

    [Benchmark(Baseline = true)]
    public void Dense() => product.MultiplyVector((float*)input.Data, Width, new ProductTarget(dense, (float*)output.Data, Rows));

    [Benchmark]
    public void Sparse() => product.MultiplyVector((float*)input.Data, Width, new ProductTarget(sparse, (float*)output.Data, Rows));
}
