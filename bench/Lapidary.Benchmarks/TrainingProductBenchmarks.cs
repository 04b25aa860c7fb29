using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Lapidary.Numerics;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;

namespace Lapidary.Benchmarks;

/// <summary>The three products of training, in GFLOP/s of float multiply-adds.</summary>
[Config(typeof(Operations))]
public unsafe class TrainingProductBenchmarks
{
    private WorkerPool pool = null!;
    private MatrixProduct product = null!;
    private Tensor weight = null!;
    private Tensor weightGradient = null!;
    private Tensor input = null!;
    private Tensor output = null!;

    [ParamsSource(nameof(Shapes))]
    public TrainingShape Shape { get; set; }

    [Params(ElementType.F32, ElementType.BF16)]
    public ElementType Type { get; set; }

    [Params(2)]
    public int Threads { get; set; }

    public static IEnumerable<TrainingShape> Shapes => TrainingShape.All;

    [GlobalSetup]
    public void Setup()
    {
        pool = new WorkerPool(Threads);
        product = new MatrixProduct(pool);
        weight = RandomData.Weights(Type, Shape.Outputs, Shape.Inputs);
        weightGradient = Tensor.Allocate(ElementType.F32, Shape.Outputs, Shape.Inputs);
        input = RandomData.Floats(Shape.Rows, Shape.Inputs);
        output = RandomData.Floats(Shape.Rows, Shape.Outputs);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        product.Dispose();
        pool.Dispose();
        weight.Dispose();
        weightGradient.Dispose();
        input.Dispose();
        output.Dispose();
    }

    [Benchmark(Baseline = true)]
    public void Forward() =>
        product.Multiply((float*)input.Data, Shape.Rows, Shape.Inputs, new ProductTarget(weight, (float*)output.Data, Shape.Outputs));

    [Benchmark]
    public void InputGradient() =>
        product.InputGradient((float*)output.Data, Shape.Outputs, Shape.Rows, weight, (float*)input.Data, accumulate: false);

    [Benchmark]
    public void WeightGradient() =>
        product.WeightGradient(
            (float*)output.Data, Shape.Outputs, (float*)input.Data, Shape.Rows, Shape.Outputs, Shape.Inputs, (float*)weightGradient.Data);

    private sealed class Operations : ManualConfig
    {
        public Operations() =>
            Add(RateColumn.Config("GFLOP/s", run => RateColumn.Parameter<TrainingShape>(run, nameof(Shape)).Operations));
    }
}
