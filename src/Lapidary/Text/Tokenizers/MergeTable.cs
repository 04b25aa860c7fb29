using System.Numerics;
using System.Runtime.CompilerServices;

namespace Lapidary.Text.Tokenizers;

/// <summary>
/// From a pair of pieces to the rank of their merge and the piece that it makes. The merges stand in their order; beside them is a flat
/// table whose slots hold the position of a merge and as much of the pair's hash as 32 bits leave room for.
/// </summary>
internal sealed class MergeTable
{
    private readonly Merge[] merges;
    private readonly uint[] slots;
    private readonly uint rankMask;

    /// <summary>A table of merges, the first one first; of two for the same pair the later counts, as in the reference.</summary>
    /// <param name="merges">The merges and perhaps more; the table keeps the array.</param>
    /// <param name="count">How many there are.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public MergeTable(Merge[] merges, int count)
    {
        this.merges = merges;
        slots = new uint[BitOperations.RoundUpToPowerOf2((uint)Math.Max(count * 2L, 16))];
        rankMask = BitOperations.RoundUpToPowerOf2((uint)count + 1) - 1;
        Span<ulong> hashes = stackalloc ulong[PieceTable.BatchLength];
        for (int first = 0; first < count; first += hashes.Length)
        {
            // As in PieceTable: the slots of a batch are read before the first is needed.
            int length = Math.Min(hashes.Length, count - first);
            uint touched = 0;
            for (int i = 0; i < length; i++)
            {
                hashes[i] = HashOf(merges[first + i].Left, merges[first + i].Right);
                touched += slots[(int)hashes[i] & (slots.Length - 1)];
            }

            Touched = touched;
            for (int i = 0; i < length; i++)
            {
                int rank = first + i;
                int at = Locate(merges[rank].Left, merges[rank].Right, hashes[i]);
                slots[at] = ((uint)(hashes[i] >> 32) & ~rankMask) | ((uint)rank + 1);
            }
        }
    }

    /// <summary>Keeps reads whose only use is that their memory is near afterwards from being optimized away.</summary>
    public uint Touched { get; }

    /// <summary>The merge of a pair, if there is one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(int left, int right, out uint rank, out int merged)
    {
        uint slot = slots[Locate(left, right, HashOf(left, right))] & rankMask;
        rank = slot - 1;
        merged = slot == 0 ? -1 : merges[rank].Merged;
        return slot != 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong HashOf(int left, int right) => PieceHash.Of(((ulong)(uint)left << 32) | (uint)right);

    // The slot of a pair, or the free one where it belongs.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Locate(int left, int right, ulong hash)
    {
        uint tag = (uint)(hash >> 32) & ~rankMask;
        uint[] table = slots;
        int mask = table.Length - 1;
        int at = (int)hash & mask;
        for (; table[at] is uint slot and not 0; at = (at + 1) & mask)
        {
            if ((slot & ~rankMask) == tag && merges[(int)(slot & rankMask) - 1] is Merge merge && merge.Left == left && merge.Right == right)
            {
                break;
            }
        }

        return at;
    }

    /// <summary>Two pieces and the piece that they become.</summary>
    internal readonly record struct Merge(int Left, int Right, int Merged);
}
