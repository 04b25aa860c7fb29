using System.Numerics;
using System.Runtime.CompilerServices;

namespace Lapidary.Text.Tokenizers;

/// <summary>
/// The pieces of a vocabulary: their UTF-8 in one pool, an address for each id, and a flat table from text to id. A quarter of a
/// million strings and a dictionary of them would take more time to make than everything else about opening a tokenizer.
/// </summary>
internal sealed class PieceTable
{
    /// <summary>Bytes of the longest piece; Gemma's longest has 93.</summary>
    public const int LengthLimit = ushort.MaxValue;

    private byte[] pool;
    private int used;

    // Start in the pool << 16 | length; 0 where no piece has the id.
    private ulong[] places;

    // Upper half of the hash << 32 | id + 1; 0 where a slot is free.
    private ulong[] slots = [];

    public PieceTable(int pieces, int bytes)
    {
        places = new ulong[pieces];
        pool = new byte[bytes];
    }

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
        if (pool.Length - used < length)
        {
            Array.Resize(ref pool, Math.Max(checked(used + length), (int)Math.Min(Array.MaxLength, pool.Length * 2L)));
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
        slots = new ulong[BitOperations.RoundUpToPowerOf2((uint)Math.Max(Pieces * 2, 16))];
        for (int id = 0; id < Count; id++)
        {
            if (places[id] != 0 && !Insert(id))
            {
                return id;
            }
        }

        return -1;
    }

    /// <summary>The id of a text, or -1. Needs <see cref="Index"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(ReadOnlySpan<byte> utf8)
    {
        ulong hash = PieceHash.Of(utf8);
        ulong[] table = slots;
        int mask = table.Length - 1;
        for (int at = (int)hash & mask; table[at] is ulong slot and not 0; at = (at + 1) & mask)
        {
            if ((uint)(slot >> 32) == (uint)(hash >> 32) && this[(int)(uint)slot - 1].SequenceEqual(utf8))
            {
                return (int)(uint)slot - 1;
            }
        }

        return -1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Insert(int id)
    {
        ReadOnlySpan<byte> piece = this[id];
        ulong hash = PieceHash.Of(piece);
        int mask = slots.Length - 1;
        int at = (int)hash & mask;
        for (; slots[at] is ulong slot and not 0; at = (at + 1) & mask)
        {
            if ((uint)(slot >> 32) == (uint)(hash >> 32) && this[(int)(uint)slot - 1].SequenceEqual(piece))
            {
                return false;
            }
        }

        slots[at] = (hash & 0xFFFFFFFF_00000000) | ((uint)id + 1);
        return true;
    }
}
