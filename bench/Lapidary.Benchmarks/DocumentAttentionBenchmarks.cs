using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using Lapidary.Numerics;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;

namespace Lapidary.Benchmarks;

/// <summary>
/// Attention in training: Gemma 3 270M with documents of its window, and a small model with short documents. The rate counts the two
/// products of the forward pass and the five of the backward pass, for visible pairs of query and key alone.
/// </summary>
[Config(typeof(Rates))]
public unsafe class DocumentAttentionBenchmarks
{
    private WorkerPool pool = null!;
    private DocumentAttention attention = null!;
    private Tensor query = null!;
    private Tensor key = null!;
    private Tensor value = null!;
    private Tensor output = null!;
    private Tensor logSumExp = null!;
    private Tensor outputGradient = null!;
    private Tensor queryGradient = null!;
    private Tensor keyGradient = null!;
    private Tensor valueGradient = null!;

    [ParamsSource(nameof(Cases))]
    public DocumentCase Case { get; set; } = null!;

    [Params(1, 2)]
    public int Threads { get; set; }

    public static IEnumerable<DocumentCase> Cases =>
    [
        new("270M", Documents: 4, Length: 512, Heads: 4, KeyHeads: 1, Dimension: 256, Window: 512),
        new("short", Documents: 136, Length: 30, Heads: 4, KeyHeads: 1, Dimension: 64, Window: null),
        new("local", Documents: 8, Length: 512, Heads: 4, KeyHeads: 1, Dimension: 64, Window: 64),
        new("global", Documents: 8, Length: 512, Heads: 4, KeyHeads: 1, Dimension: 64, Window: null),
    ];

    [GlobalSetup]
    public void Setup()
    {
        pool = new WorkerPool(Threads);
        attention = new DocumentAttention(pool);
        query = RandomData.Floats(Case.Rows, Case.Heads, Case.Dimension);
        key = RandomData.Floats(Case.Rows, Case.KeyHeads, Case.Dimension);
        value = RandomData.Floats(Case.Rows, Case.KeyHeads, Case.Dimension);
        output = Tensor.Allocate(ElementType.F32, Case.Rows, Case.Heads, Case.Dimension);
        logSumExp = Tensor.Allocate(ElementType.F32, Case.Rows, Case.Heads);
        outputGradient = RandomData.Floats(Case.Rows, Case.Heads, Case.Dimension);
        queryGradient = Tensor.Allocate(ElementType.F32, Case.Rows, Case.Heads, Case.Dimension);
        keyGradient = Tensor.Allocate(ElementType.F32, Case.Rows, Case.KeyHeads, Case.Dimension);
        valueGradient = Tensor.Allocate(ElementType.F32, Case.Rows, Case.KeyHeads, Case.Dimension);
        Forward();
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        attention.Dispose();
        pool.Dispose();
        foreach (Tensor tensor in
            new[] { query, key, value, output, logSumExp, outputGradient, queryGradient, keyGradient, valueGradient })
        {
            tensor.Dispose();
        }
    }

    [Benchmark]
    public void Forward() => attention.Forward(
        (float*)query.Data,
        (float*)key.Data,
        (float*)value.Data,
        (float*)output.Data,
        (float*)logSumExp.Data,
        Case.Starts,
        Case.Heads,
        Case.KeyHeads,
        Case.Dimension,
        Case.Window,
        scale: 1 / MathF.Sqrt(Case.Dimension),
        cap: null);

    [Benchmark]
    public void Backward() => attention.Backward(
        (float*)query.Data,
        (float*)key.Data,
        (float*)value.Data,
        (float*)output.Data,
        (float*)logSumExp.Data,
        (float*)outputGradient.Data,
        (float*)queryGradient.Data,
        (float*)keyGradient.Data,
        (float*)valueGradient.Data,
        Case.Starts,
        Case.Heads,
        Case.KeyHeads,
        Case.Dimension,
        Case.Window,
        scale: 1 / MathF.Sqrt(Case.Dimension),
        cap: null);

    private sealed class Rates : ManualConfig
    {
        public Rates() => Add(RateColumn.Config("GFLOP/s", Operations));

        private static double Operations(BenchmarkCase benchmarkCase)
        {
            int products = benchmarkCase.Descriptor.WorkloadMethod.Name == nameof(Forward) ? 2 : 5;
            return products * RateColumn.Parameter<DocumentCase>(benchmarkCase, nameof(Case)).OperationsPerProduct;
        }
    }
}
