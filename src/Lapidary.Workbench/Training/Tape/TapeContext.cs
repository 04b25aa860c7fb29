using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Memory;
using Lapidary.Numerics.Threading;

namespace Lapidary.Workbench.Training.Tape;

/// <summary>What the records of a tape work with: kernels, memory, and the batch that is on the tape.</summary>
internal sealed class TapeContext : IDisposable
{
    public TapeContext(WorkerPool pool)
    {
        Pool = pool;
        Product = new MatrixProduct(pool);
        Attention = new DocumentAttention(pool);
    }

    public WorkerPool Pool { get; }

    public MatrixProduct Product { get; }

    public DocumentAttention Attention { get; }

    public TapeMemory Memory { get; } = new();

    /// <summary>The batch: tokens, positions, documents.</summary>
    public TapeBatch Batch { get; set; } = TapeBatch.Empty;

    /// <summary>Decides what dropout drops in this batch; null where nothing is dropped.</summary>
    public ulong? DropoutSeed { get; set; }

    /// <summary>Values that were allocated since the list was last emptied.</summary>
    public List<TapeValue> Allocated { get; set; } = [];

    /// <summary>A value whose numbers are not written yet.</summary>
    public TapeValue Allocate(int rows, int width, bool needsGradient, bool isStream = false)
    {
        var value = new TapeValue(Memory.Rent(width), rows, width, needsGradient) { IsStream = isStream };
        Allocated.Add(value);
        return value;
    }

    /// <summary>Memory of [rows of the batch, width] floats for the length of a <c>using</c>.</summary>
    public Workspace Borrow(int width) => new(Memory, Memory.Rent(width));

    public void Dispose()
    {
        Memory.Dispose();
        Attention.Dispose();
        Product.Dispose();
    }

    /// <summary>Memory that is given back at the end of a scope.</summary>
    public readonly unsafe ref struct Workspace(TapeMemory memory, NativeMemoryBlock block)
    {
        public float* Pointer { get; } = (float*)block.Pointer;

        public void Dispose() => memory.Return(block);
    }
}
