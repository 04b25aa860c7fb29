using System.Numerics;
using System.Runtime.CompilerServices;

namespace Lapidary.Text.Tokenizers;

/// <summary>
/// The pieces of a vocabulary: their UTF-8 in one pool, an address for each id, and a flat table from text to id. A quarter of a
/// million strings and a dictionary of them would take more time to make than everything else about opening a tokenizer. The table is
/// kept small, because what such tables cost is waiting for memory: a slot holds an id and as much of the hash as 32 bits leave room for.
/// </summary>
internal sealed class PieceTable
{
    /// <summary>Bytes of the longest piece; Gemma's longest has 93.</summary>
    public const int LengthLimit = ushort.MaxValue;

    /// <summary>Texts that are looked up at once: enough to keep memory busy, few enough to stay in the nearest cache.</summary>
    public const int BatchLength = 64;

    private byte[] pool;
    private int used;

    // Start in the pool << 16 | length; 0 where no piece has the id.
    private ulong[] places;

    // Upper bits of the hash, then id + 1; 0 where a slot is free.
    private uint[] slots = [];
    private uint idMask;

    public PieceTable(int pieces, int bytes)
    {
        places = new ulong[pieces];
        pool = new byte[bytes + PieceHash.Padding];
    }

    /// <summary>
    /// Keeps reads whose only use is that their memory is near afterwards from being optimized away.
    /// </summary>
    public uint Touched { get; private set; }

    /// <summary>One more than the largest id.</summary>
    public int Count { get; private set; }

    /// <summary>Number of ids that have a piece.</summary>
    public int Pieces { get; private set; }

    /// <summary>The bytes of all pieces, in the order in which they were added.</summary>
    public ReadOnlySpan<byte> Pool => pool.AsSpan(0, used);

    /// <summary>The UTF-8 of a piece; empty where no piece has the id.</summary>
    public ReadOnlySpan<byte> this[int id]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            ulong place = places[id];
            return pool.AsSpan((int)(place >> 16), (int)(place & LengthLimit));
        }
    }

    /// <summary>Space at the end of the pool for a piece that <see cref="Commit"/> then adds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Reserve(int length)
    {
        if (pool.Length - used - PieceHash.Padding < length)
        {
            int needed = checked(used + length + PieceHash.Padding);
            Array.Resize(ref pool, Math.Max(needed, (int)Math.Min(Array.MaxLength, pool.Length * 2L)));
        }

        return pool.AsSpan(used, length);
    }

    /// <summary>Gives the last reserved bytes an id; false if another piece has it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Commit(int id, int length)
    {
        if (id >= places.Length)
        {
            Array.Resize(ref places, Math.Max(id + 1, (int)Math.Min(Array.MaxLength, places.Length * 2L)));
        }

        if (places[id] != 0)
        {
            return false;
        }

        places[id] = ((ulong)used << 16) | (uint)length;
        used += length;
        Count = Math.Max(Count, id + 1);
        Pieces++;
        return true;
    }

    /// <summary>Makes the table from text to id; gives an id whose text another piece has too, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Index()
    {
        slots = new uint[BitOperations.RoundUpToPowerOf2((uint)Math.Max(Pieces * 2, 16))];
        idMask = BitOperations.RoundUpToPowerOf2((uint)Count + 1) - 1;
        int mask = slots.Length - 1;
        Span<ulong> hashes = stackalloc ulong[BatchLength];
        for (int first = 0; first < Count; first += BatchLength)
        {
            // All the slots of a batch are asked for before the first is needed, so that their misses overlap.
            int count = Math.Min(BatchLength, Count - first);
            uint touched = 0;
            for (int i = 0; i < count; i++)
            {
                ulong place = places[first + i];
                hashes[i] = PieceHash.OfPadded(ref pool[place >> 16], (int)(place & LengthLimit));
                touched += slots[(int)hashes[i] & mask];
            }

            Touched = touched;
            for (int i = 0; i < count; i++)
            {
                if (places[first + i] != 0 && !Insert(first + i, hashes[i]))
                {
                    return first + i;
                }
            }
        }

        return -1;
    }

    /// <summary>Adds a piece to the table after it was made; false if another piece has the same text.</summary>
    public bool AddToIndex(int id) =>
        Pieces * 8L <= slots.Length * 5L && (uint)id < idMask ? Insert(id, PieceHash.Of(this[id])) : Index() < 0;

    /// <summary>The id of a text, or -1. Needs <see cref="Index"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(ReadOnlySpan<byte> utf8)
    {
        Locate(utf8, PieceHash.Of(utf8), out int id);
        return id;
    }

    /// <summary>
    /// The ids of up to <see cref="BatchLength"/> texts, -1 where there is none. A look-up is three reads from memory, each of which says where the
    /// next one is; many at once wait for memory together instead of one after the other, which makes them about twice as fast.
    /// </summary>
    /// <param name="texts">The texts, one after the other, with <see cref="PieceHash.Padding"/> behind them.</param>
    /// <param name="ends">Where they end.</param>
    /// <param name="ids">The ids.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Find(ReadOnlySpan<byte> texts, ReadOnlySpan<int> ends, Span<int> ids)
    {
        Span<ulong> hashes = stackalloc ulong[BatchLength];
        Span<ulong> found = stackalloc ulong[BatchLength];
        int mask = slots.Length - 1;
        ref byte first = ref System.Runtime.InteropServices.MemoryMarshal.GetReference(texts);
        ArgumentOutOfRangeException.ThrowIfLessThan(texts.Length, ends.IsEmpty ? 0 : ends[^1] + PieceHash.Padding);
        uint touched = 0;
        int start = 0;
        for (int i = 0; i < ends.Length; i++)
        {
            hashes[i] = PieceHash.OfPadded(ref Unsafe.Add(ref first, start), ends[i] - start);
            start = ends[i];
            touched += slots[(int)hashes[i] & mask];
        }

        for (int i = 0; i < ends.Length; i++)
        {
            int at = (int)hashes[i] & mask;
            uint tag = (uint)(hashes[i] >> 32) & ~idMask;
            while (slots[at] is not 0 && (slots[at] & ~idMask) != tag)
            {
                at = (at + 1) & mask;
            }

            ids[i] = (int)(slots[at] & idMask) - 1;
            found[i] = places[Math.Max(ids[i], 0)];
        }

        for (int i = 0; i < ends.Length; i++)
        {
            touched += pool[(int)(found[i] >> 16)];
        }

        Touched = touched;
        start = 0;
        for (int i = 0; i < ends.Length; i++)
        {
            ref byte text = ref Unsafe.Add(ref first, start);
            int length = ends[i] - start;
            start = ends[i];
            if ((int)(found[i] & LengthLimit) != length || !PieceHash.EqualPadded(ref pool[found[i] >> 16], ref text, length))
            {
                // No such piece, or one whose hash begins alike.
                ids[i] = Find(texts[(start - length)..start]);
            }
        }
    }

    /// <summary>Whether a text with <see cref="PieceHash.Padding"/> behind it is this piece.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsPadded(int id, ref byte text, int length)
    {
        ulong place = places[id];
        return (int)(place & LengthLimit) == length && PieceHash.EqualPadded(ref pool[place >> 16], ref text, length);
    }

    // The slot of a text, or the free one where it belongs.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Locate(ReadOnlySpan<byte> utf8, ulong hash, out int id)
    {
        uint tag = (uint)(hash >> 32) & ~idMask;
        uint[] table = slots;
        int mask = table.Length - 1;
        int at = (int)hash & mask;
        for (; table[at] is uint slot and not 0; at = (at + 1) & mask)
        {
            if ((slot & ~idMask) == tag)
            {
                id = (int)(slot & idMask) - 1;
                if (this[id].SequenceEqual(utf8))
                {
                    return at;
                }
            }
        }

        id = -1;
        return at;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Insert(int id, ulong hash)
    {
        int at = Locate(this[id], hash, out int other);
        slots[at] = ((uint)(hash >> 32) & ~idMask) | ((uint)id + 1);
        return other < 0;
    }
}
