using System.Runtime.CompilerServices;
using Lapidary.Numerics.Memory;
using Lapidary.Numerics.Simd;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// Keys and values of one layer and one sequence, a ring over positions in the layout that <see cref="Attention"/> reads: keys in
/// panels [head][panel of keys][dimension][key], so that one query meets a whole vector of keys at a time and no sum runs across a
/// vector; values by row [head][key][dimension]. Unwritten places are zero: they are multiplied by zero, and must be finite.
/// </summary>
public sealed unsafe class KeyValueStore : IDisposable
{
    /// <summary>
    /// Keys that attention takes at a time. Blocks lie at absolute multiples of this number, so that the order of every sum is the
    /// same however a prompt is cut. It is also the granularity of the ring.
    /// </summary>
    public const int BlockLength = 64;

    private readonly NativeMemoryBlock memory;

    /// <summary>A ring for at least <paramref name="positions"/> consecutive positions.</summary>
    public KeyValueStore(int positions, int heads, int headDimension)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(positions, 1);
        Slots = checked((positions + BlockLength - 1) / BlockLength * BlockLength);
        Heads = heads;
        HeadDimension = headDimension;
        PanelWidth = 2 * VectorDispatch.Width;
        ValueStride = (headDimension + PanelWidth - 1) / PanelWidth * PanelWidth;
        memory = new NativeMemoryBlock(checked((long)heads * Slots * (headDimension + ValueStride) * sizeof(float)));
    }

    /// <summary>Positions that the ring holds; position p lies at p modulo this.</summary>
    public int Slots { get; }

    /// <summary>Key-value heads.</summary>
    public int Heads { get; }

    /// <summary>Elements of a key or value.</summary>
    public int HeadDimension { get; }

    /// <summary>Size in bytes.</summary>
    public long ByteLength => memory.ByteLength;

    /// <summary>Keys in a panel.</summary>
    internal int PanelWidth { get; }

    /// <summary>Floats from one value to the next: the dimension, filled up with zeros to whole panels of the product.</summary>
    internal int ValueStride { get; }

    /// <summary>Writes the keys and values of consecutive positions.</summary>
    /// <param name="pool">Workers that share the tokens.</param>
    /// <param name="keys">[count, heads, dimension].</param>
    /// <param name="values">[count, heads, dimension].</param>
    /// <param name="firstPosition">Position of the first.</param>
    /// <param name="count">How many, at most <see cref="Slots"/>.</param>
    public void Write(WorkerPool pool, float* keys, float* values, int firstPosition, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Slots);
        var job = new WriteJob
        {
            Keys = keys,
            Values = values,
            FirstPosition = firstPosition,
            Tokens = new SharedRows(count),
            Heads = Heads,
            HeadDimension = HeadDimension,
            Slots = Slots,
            PanelWidth = PanelWidth,
            ValueStride = ValueStride,
            KeyStore = KeysOf(0),
            ValueStore = ValuesOf(0),
        };
        SharedWork.Run(pool, ref job, 2L * count * Heads * HeadDimension);
    }

    /// <summary>A larger store with the same contents; this one must hold every position since 0, a ring that has turned cannot grow.</summary>
    /// <param name="positions">Consecutive positions that the new store holds at least, more than <see cref="Slots"/>.</param>
    public KeyValueStore Grow(int positions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(positions, Slots);
        var grown = new KeyValueStore(positions, Heads, HeadDimension);
        for (int head = 0; head < Heads; head++)
        {
            long keyBytes = (long)Slots * HeadDimension * sizeof(float);
            long valueBytes = (long)Slots * ValueStride * sizeof(float);
            Buffer.MemoryCopy(KeysOf(head), grown.KeysOf(head), keyBytes, keyBytes);
            Buffer.MemoryCopy(ValuesOf(head), grown.ValuesOf(head), valueBytes, valueBytes);
        }

        return grown;
    }

    /// <inheritdoc/>
    public void Dispose() => memory.Dispose();

    /// <summary>The key panels of a head.</summary>
    internal float* KeysOf(int head) => (float*)memory.Pointer + ((nint)head * Slots * HeadDimension);

    /// <summary>The values of a head.</summary>
    internal float* ValuesOf(int head) =>
        (float*)memory.Pointer + ((nint)Heads * Slots * HeadDimension) + ((nint)head * Slots * ValueStride);

    private struct WriteJob : IParallelJob
    {
        public float* Keys;
        public float* Values;
        public int FirstPosition;
        public SharedRows Tokens;
        public int Heads;
        public int HeadDimension;
        public int Slots;
        public int PanelWidth;
        public int ValueStride;
        public float* KeyStore;
        public float* ValueStore;

        public void Execute(int worker, int workers)
        {
            while (Tokens.TryTake(workers, out int start, out int end))
            {
                Write(start, end);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Write(int start, int end)
        {
            for (int i = start; i < end; i++)
            {
                int slot = (int)((FirstPosition + (long)i) % Slots);
                for (int head = 0; head < Heads; head++)
                {
                    float* key = Keys + ((((nint)i * Heads) + head) * HeadDimension);
                    float* panel = KeyStore + ((nint)head * Slots * HeadDimension)
                        + ((nint)(slot / PanelWidth) * PanelWidth * HeadDimension) + (slot % PanelWidth);
                    for (int d = 0; d < HeadDimension; d++)
                    {
                        panel[(nint)d * PanelWidth] = key[d];
                    }

                    float* value = Values + ((((nint)i * Heads) + head) * HeadDimension);
                    float* stored = ValueStore + ((((nint)head * Slots) + slot) * ValueStride);
                    new ReadOnlySpan<float>(value, HeadDimension).CopyTo(new Span<float>(stored, HeadDimension));
                }
            }
        }
    }
}
