using BenchmarkDotNet.Attributes;
using Lapidary.Numerics;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;

namespace Lapidary.Benchmarks;

/// <summary>Attention of Gemma 3 270M, softmax included: a prompt of 512, and one token at the end of a context of 512 or 4096.</summary>
public unsafe class AttentionBenchmarks
{
    private const int Heads = 4, KeyValueHeads = 1, Dimension = 256;

    private WorkerPool pool = null!;
    private KeyValueStore store = null!;
    private Tensor queries = null!;
    private Tensor output = null!;

    [Params(1, 512)]
    public int Tokens { get; set; }

    [Params(512, 4096)]
    public int Context { get; set; }

    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        pool = new WorkerPool(Threads);
        store = new KeyValueStore(Context, KeyValueHeads, Dimension);
        using Tensor keys = RandomData.Floats(Context, KeyValueHeads, Dimension);
        using Tensor values = RandomData.Floats(Context, KeyValueHeads, Dimension);
        store.Write(pool, (float*)keys.Data, (float*)values.Data, firstPosition: 0, Context);
        queries = RandomData.Floats(Tokens, Heads, Dimension);
        output = Tensor.Allocate(ElementType.F32, Tokens, Heads, Dimension);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        store.Dispose();
        pool.Dispose();
        queries.Dispose();
        output.Dispose();
    }

    [Benchmark]
    public void Full() => Run(window: null);

    [Benchmark]
    public void Window512() => Run(window: 512);

    private void Run(int? window) => Attention.Forward(
        pool, (float*)queries.Data, (float*)output.Data, store, Tokens, Context - Tokens, Heads, window, scale: 1f / 16);
}
