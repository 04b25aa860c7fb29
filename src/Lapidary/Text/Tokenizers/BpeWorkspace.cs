using System.Runtime.CompilerServices;

namespace Lapidary.Text.Tokenizers;

/// <summary>
/// The memory of one run of merges: the symbols as a linked list over the text, for each the merge with its right neighbour, and a heap
/// of these merges. Symbol i begins where character i does; a merge keeps the left one.
/// </summary>
internal sealed class BpeWorkspace
{
    private ulong[] heap = new ulong[64];
    private int heapCount;

    /// <summary>The text.</summary>
    public byte[] Utf8 { get; private set; } = new byte[128];

    /// <summary>Bytes of the text.</summary>
    public int ByteCount { get; set; }

    /// <summary>Pieces of the symbols, or a negative number.</summary>
    public int[] Ids { get; private set; } = new int[32];

    /// <summary>Where the symbols begin in the text.</summary>
    public int[] Starts { get; private set; } = new int[32];

    /// <summary>The next symbols, or -1.</summary>
    public int[] Next { get; private set; } = new int[32];

    /// <summary>The symbols before, or -1.</summary>
    public int[] Previous { get; private set; } = new int[32];

    /// <summary>The ranks of the merges with the next symbols.</summary>
    public uint[] Ranks { get; private set; } = new uint[32];

    /// <summary>The pieces of the merges with the next symbols, or -1.</summary>
    public int[] Merged { get; private set; } = new int[32];

    /// <summary>Whether the memory is worth keeping.</summary>
    public bool IsSmall => Ids.Length <= 1 << 16;

    /// <summary>Makes room for a text.</summary>
    /// <param name="characters">UTF-16 units of the text.</param>
    public void Reserve(int characters)
    {
        heapCount = 0;
        if (Ids.Length < characters)
        {
            int length = Math.Max(characters, Ids.Length * 2);
            Ids = new int[length];
            Starts = new int[length];
            Next = new int[length];
            Previous = new int[length];
            Ranks = new uint[length];
            Merged = new int[length];
            Utf8 = new byte[checked(length * 3)];
        }
    }

    /// <summary>Puts a merge on the heap: smaller ranks first, equal ones from left to right.</summary>
    public void Push(uint rank, int symbol)
    {
        if (heapCount == heap.Length)
        {
            Array.Resize(ref heap, heap.Length * 2);
        }

        ulong entry = ((ulong)rank << 32) | (uint)symbol;
        int at = heapCount++;
        while (at > 0)
        {
            int parent = (at - 1) >> 1;
            if (heap[parent] <= entry)
            {
                break;
            }

            heap[at] = heap[parent];
            at = parent;
        }

        heap[at] = entry;
    }

    /// <summary>Takes the first merge that still stands: one whose symbols have not changed since it was put there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryPop(out int symbol)
    {
        while (heapCount > 0)
        {
            ulong first = heap[0];
            SiftDown(heap[--heapCount]);
            symbol = (int)(uint)first;
            if (Merged[symbol] >= 0 && Ranks[symbol] == (uint)(first >> 32))
            {
                return true;
            }
        }

        symbol = -1;
        return false;
    }

    private void SiftDown(ulong entry)
    {
        ulong[] entries = heap;
        int count = heapCount;
        int at = 0;
        while (true)
        {
            int child = (2 * at) + 1;
            if (child >= count)
            {
                break;
            }

            if (child + 1 < count && entries[child + 1] < entries[child])
            {
                child++;
            }

            if (entry <= entries[child])
            {
                break;
            }

            entries[at] = entries[child];
            at = child;
        }

        entries[at] = entry;
    }
}
