using System.Numerics;
using System.Runtime.CompilerServices;

namespace Lapidary.Text.Tokenizers;

/// <summary>From a pair of pieces to the rank of their merge and the piece that it makes: one flat table.</summary>
internal sealed class MergeTable
{
    private readonly Entry[] entries;

    /// <summary>A table with room for a number of merges.</summary>
    public MergeTable(int merges)
    {
        entries = new Entry[BitOperations.RoundUpToPowerOf2((uint)Math.Max(checked(merges * 2), 4) - 1)];
    }

    /// <summary>Adds a merge; of two for the same pair the later counts, as in the reference.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int left, int right, uint rank, int merged)
    {
        ulong key = KeyOf(left, right);
        int mask = entries.Length - 1;
        int at = (int)PieceHash.Of(key) & mask;
        while (entries[at].Key != 0 && entries[at].Key != key)
        {
            at = (at + 1) & mask;
        }

        entries[at] = new Entry(key, rank, merged);
    }

    /// <summary>The merge of a pair, if there is one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(int left, int right, out uint rank, out int merged)
    {
        ulong key = KeyOf(left, right);
        Entry[] table = entries;
        int mask = table.Length - 1;
        for (int at = (int)PieceHash.Of(key) & mask; table[at].Key != 0; at = (at + 1) & mask)
        {
            if (table[at].Key == key)
            {
                rank = table[at].Rank;
                merged = table[at].Merged;
                return true;
            }
        }

        rank = 0;
        merged = -1;
        return false;
    }

    // Plus one, so that no pair is 0, which marks a free entry.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong KeyOf(int left, int right) => (((ulong)(uint)left << 32) | (uint)right) + 1;

    private readonly record struct Entry(ulong Key, uint Rank, int Merged);
}
