using BenchmarkDotNet.Attributes;
using Lapidary.Numerics;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;

namespace Lapidary.Benchmarks;

/// <summary>What stands between the products, in the shapes of Gemma 3 270M.</summary>
public unsafe class ElementwiseBenchmarks
{
    private const int Hidden = 640, Intermediate = 2048, Heads = 4, Dimension = 256, Vocabulary = 4096;

    private WorkerPool pool = null!;
    private Tensor hidden = null!;
    private Tensor scale = null!;
    private Tensor normed = null!;
    private Tensor gate = null!;
    private Tensor up = null!;
    private Tensor rotated = null!;
    private Tensor table = null!;
    private Tensor hiddenGradient = null!;
    private Tensor scaleGradient = null!;
    private Tensor steadyGate = null!;
    private Tensor steadyUp = null!;
    private Tensor gateGradient = null!;
    private Tensor tableGradient = null!;
    private int[] tokenIds = null!;

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
        hiddenGradient = RandomData.Floats(Tokens, Hidden);
        scaleGradient = RandomData.Floats(Hidden);
        // Gate and up are replaced by their gradients: where both are 5 and the output's gradient is 1, by themselves.
        steadyGate = Constant(5);
        steadyUp = Constant(5);
        gateGradient = Constant(1);
        tokenIds = [.. Enumerable.Range(0, Tokens).Select(i => i * 7919 % Vocabulary)];
        tableGradient = RandomData.Floats(Vocabulary, Hidden);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        pool.Dispose();
        foreach (Tensor tensor in
            new[]
            {
                hidden, scale, normed, gate, up, rotated, table, hiddenGradient, scaleGradient, steadyGate, steadyUp, gateGradient,
                tableGradient,
            })
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

    [Benchmark]
    public void NormBackward() => RmsNorm.Backward(
        pool,
        (float*)hidden.Data,
        (float*)scale.Data,
        (float*)hiddenGradient.Data,
        (float*)normed.Data,
        accumulate: false,
        (float*)scaleGradient.Data,
        Tokens,
        Hidden,
        epsilon: 1e-6f);

    [Benchmark]
    public void GateBackward() => GatedGelu.Backward(
        pool, (float*)steadyGate.Data, (float*)steadyUp.Data, (float*)gateGradient.Data, Tokens, Intermediate);

    [Benchmark]
    public void RotateBackward() =>
        RotaryEmbedding.Backward(pool, (float*)rotated.Data, (float*)table.Data, Tokens, Heads, Dimension);

    [Benchmark]
    public void LookUpBackward() => EmbeddingTable.Backward(
        pool, (float*)hiddenGradient.Data, tokenIds, scale: 25.25f, (float*)tableGradient.Data, Hidden);

    private Tensor Constant(float value)
    {
        Tensor tensor = Tensor.Allocate(ElementType.F32, Tokens, Intermediate);
        tensor.AsFloats().Fill(value);
        return tensor;
    }
}
