using BenchmarkDotNet.Attributes;
using Lapidary.Numerics;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;

namespace Lapidary.Benchmarks;

/// <summary>What stands between the products, in the shapes of Gemma 3 270M.</summary>
public unsafe class ElementwiseBenchmarks
{
    private const int Hidden = 640, Intermediate = 2048, Heads = 4, Dimension = 256;

    private WorkerPool pool = null!;
    private Tensor hidden = null!;
    private Tensor scale = null!;
    private Tensor normed = null!;
    private Tensor gate = null!;
    private Tensor up = null!;
    private Tensor rotated = null!;
    private Tensor table = null!;

    [Params(1, 512)]
    public int Tokens { get; set; }

    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        pool = new WorkerPool(Threads);
        hidden = RandomData.Floats(Tokens, Hidden);
        scale = RandomData.Floats(Hidden);
        normed = Tensor.Allocate(ElementType.F32, Tokens, Hidden);
        gate = RandomData.Floats(Tokens, Intermediate);
        up = RandomData.Floats(Tokens, Intermediate);
        up.AsFloats().Fill(1);
        rotated = RandomData.Floats(Tokens, Heads, Dimension);
        table = Tensor.Allocate(ElementType.F32, Tokens, Dimension);
        RotaryEmbedding.FillTable([.. Enumerable.Range(0, Tokens)], Dimension, frequencyBase: 10_000, factor: 1, (float*)table.Data);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        pool.Dispose();
        foreach (Tensor tensor in new[] { hidden, scale, normed, gate, up, rotated, table })
        {
            tensor.Dispose();
        }
    }

    [Benchmark]
    public void Norm() =>
        RmsNorm.Forward(pool, (float*)hidden.Data, (float*)scale.Data, (float*)normed.Data, Tokens, Hidden, epsilon: 1e-6f);

    [Benchmark]
    public void Gate() => GatedGelu.Forward(pool, (float*)gate.Data, (float*)up.Data, Tokens, Intermediate);

    [Benchmark]
    public void Rotate() => RotaryEmbedding.Forward(pool, (float*)rotated.Data, (float*)table.Data, Tokens, Heads, Dimension);
}
