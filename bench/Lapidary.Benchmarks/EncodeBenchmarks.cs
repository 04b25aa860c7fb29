using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Lapidary.Numerics;
using Lapidary.Numerics.Formats;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;

namespace Lapidary.Benchmarks;

/// <summary>Quantizing a BF16 matrix of 1024 columns to every format, with and without an importance, in weights per nanosecond.</summary>
[Config(typeof(Weights))]
public unsafe class EncodeBenchmarks
{
    private const int Rows = 256, Columns = 1024;

    private WorkerPool pool = null!;
    private Tensor weights = null!;
    private Tensor blocks = null!;
    private float[] importance = null!;

    [ParamsSource(nameof(Types))]
    public ElementType Type { get; set; }

    [Params(false, true)]
    public bool Importance { get; set; }

    [Params(1, 2)]
    public int Threads { get; set; }

    public static IEnumerable<ElementType> Types => WeightFormat.All.Select(format => format.Type);

    [GlobalSetup]
    public void Setup()
    {
        pool = new WorkerPool(Threads);
        weights = RandomData.Weights(ElementType.BF16, Rows, Columns);
        blocks = Tensor.Allocate(Type, Rows, Columns);
        using Tensor random = RandomData.Floats(Columns);
        importance = Importance ? [.. random.AsFloats().ToArray().Select(x => x * x)] : [];
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        pool.Dispose();
        weights.Dispose();
        blocks.Dispose();
    }

    [Benchmark]
    public void Encode() =>
        RowEncoder.Encode(pool, weights, WeightFormat.Of(Type), importance, new Span<byte>(blocks.Data, (int)blocks.ByteLength));

    private sealed class Weights : ManualConfig
    {
        public Weights() => Add(RateColumn.Config("Gweights/s", _ => (double)Rows * Columns));
    }
}
