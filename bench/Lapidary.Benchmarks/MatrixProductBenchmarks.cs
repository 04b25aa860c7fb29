using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Lapidary.Numerics;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;

namespace Lapidary.Benchmarks;

/// <summary>A product of random activations with random weights of every format.</summary>
public abstract unsafe class MatrixProductBenchmarks
{
    private WorkerPool pool = null!;
    private MatrixProduct product = null!;
    private Tensor weights = null!;
    private Tensor input = null!;
    private Tensor output = null!;

    [ParamsSource(nameof(Cases))]
    public MatrixCase Case { get; set; }

    [Params(1, 2)]
    public int Threads { get; set; }

    public static IEnumerable<MatrixCase> Cases => MatrixCase.All;

    private protected MatrixProduct Product => product;

    private protected float* Input => (float*)input.Data;

    private protected ProductTarget Target => new(weights, (float*)output.Data, Case.Shape.Rows);

    [GlobalCleanup]
    public void Cleanup()
    {
        product.Dispose();
        pool.Dispose();
        weights.Dispose();
        input.Dispose();
        output.Dispose();
    }

    private protected void Prepare(int tokens)
    {
        pool = new WorkerPool(Threads);
        product = new MatrixProduct(pool);
        weights = RandomData.Weights(Case.Type, Case.Shape.Rows, Case.Shape.Columns);
        input = RandomData.Floats(tokens, Case.Shape.Columns);
        output = Tensor.Allocate(ElementType.F32, tokens, Case.Shape.Rows);
    }
}

/// <summary>The product of decoding, in GB of weights per second.</summary>
[Config(typeof(Bytes))]
public unsafe class MatrixVectorBenchmarks : MatrixProductBenchmarks
{
    [GlobalSetup]
    public void Setup() => Prepare(tokens: 1);

    [Benchmark]
    public void MultiplyVector() => Product.MultiplyVector(Input, Case.Shape.Columns, Target);

    private sealed class Bytes : ManualConfig
    {
        public Bytes() => Add(RateColumn.Config("GB/s", run => RateColumn.Parameter<MatrixCase>(run, nameof(Case)).Bytes));
    }
}

/// <summary>The product of prompt processing, in GFLOP/s of float multiply-adds.</summary>
[Config(typeof(Operations))]
public unsafe class MatrixMatrixBenchmarks : MatrixProductBenchmarks
{
    [Params(128, 512)]
    public int Tokens { get; set; }

    [GlobalSetup]
    public void Setup() => Prepare(Tokens);

    [Benchmark]
    public void Multiply() => Product.Multiply(Input, Tokens, Case.Shape.Columns, Target);

    private sealed class Operations : ManualConfig
    {
        public Operations() => Add(RateColumn.Config("GFLOP/s", run =>
        {
            MatrixShape shape = RateColumn.Parameter<MatrixCase>(run, nameof(Case)).Shape;
            return 2.0 * RateColumn.Parameter<int>(run, nameof(Tokens)) * shape.Rows * shape.Columns;
        }));
    }
}
