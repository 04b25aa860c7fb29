using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Lapidary.Checkpoints;

namespace Lapidary.Text.Tokenizers;

/// <summary>Merges as they are read, the first one first: texts become ids at once.</summary>
internal sealed class MergeList
{
    private readonly string path;
    private readonly PieceTable pieces;
    private readonly int[] ends = new int[PieceTable.BatchLength];
    private readonly int[] ids = new int[PieceTable.BatchLength];
    private byte[] texts = new byte[4096];
    private int waiting;
    private MergeTable.Merge[] merges;
    private int count;
    private int last;

    /// <summary>An empty list for a section of the file with so many bytes.</summary>
    public MergeList(string path, PieceTable pieces, int bytes)
    {
        this.path = path;
        this.pieces = pieces;
        merges = new MergeTable.Merge[Math.Min(bytes / 24, 1 << 20) + 16];
    }

    /// <summary>Adds a merge that is written as one text with a space.</summary>
    public void Add(ReadOnlySpan<byte> pair)
    {
        int space = pair.IndexOf((byte)' ');
        if (space < 0 || pair[(space + 1)..].Contains((byte)' '))
        {
            throw new CheckpointException(path, $"has \"{Show(pair)}\" as a merge where two pieces and a space between them were expected");
        }

        Add(pair[..space], pair[(space + 1)..]);
    }

    /// <summary>Adds a merge.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        int start = waiting == 0 ? 0 : ends[waiting - 1];
        if (texts.Length - start - PieceHash.Padding < left.Length + right.Length)
        {
            Array.Resize(ref texts, checked(start + left.Length + right.Length + PieceHash.Padding) * 2);
        }

        left.CopyTo(texts.AsSpan(start));
        ends[waiting++] = start += left.Length;
        right.CopyTo(texts.AsSpan(start));
        ends[waiting++] = start + right.Length;
        if (waiting == PieceTable.BatchLength)
        {
            LookUp();
        }
    }

    /// <summary>Adds the merges of a list that was read apart.</summary>
    public void Append(MergeList rest)
    {
        LookUp();
        rest.LookUp();
        if (merges.Length - count < rest.count)
        {
            Array.Resize(ref merges, count + rest.count);
        }

        rest.merges.AsSpan(0, rest.count).CopyTo(merges.AsSpan(count));
        count += rest.count;
    }

    /// <summary>The table of all of them.</summary>
    public MergeTable ToTable()
    {
        LookUp();
        return new MergeTable(merges, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void LookUp()
    {
        pieces.Find(texts, ends.AsSpan(0, waiting), ids);
        if (merges.Length - count < waiting / 2)
        {
            Array.Resize(ref merges, (count * 2) + waiting);
        }

        int start = 0;
        for (int i = 0; i < waiting; i += 2)
        {
            ReadOnlySpan<byte> joined = texts.AsSpan(start, ends[i + 1] - start);
            int merged = (ids[i] | ids[i + 1]) < 0 ? -1 : FindJoined(joined);
            if (merged < 0)
            {
                throw Unknown(joined[..(ends[i] - start)], joined[(ends[i] - start)..], ids[i], ids[i + 1]);
            }

            start = ends[i + 1];
            merges[count++] = new MergeTable.Merge(ids[i], ids[i + 1], merged);
        }

        waiting = 0;
    }

    // Lists come from vocabularies: all the ways to make one piece stand together, and the next piece is often the next id. That saves
    // a third of the look-ups.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int FindJoined(ReadOnlySpan<byte> joined)
    {
        ref byte text = ref MemoryMarshal.GetReference(joined);
        if (!pieces.IsPadded(last, ref text, joined.Length))
        {
            last = last + 1 < pieces.Count && pieces.IsPadded(last + 1, ref text, joined.Length) ? last + 1 : pieces.Find(joined);
        }

        int found = last;
        last = Math.Max(last, 0);
        return found;
    }

    private CheckpointException Unknown(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, int leftId, int rightId)
    {
        string missing = leftId < 0 ? Show(left) : rightId < 0 ? Show(right) : Show([.. left, .. right]);
        return new CheckpointException(
            path, $"has the merge of \"{Show(left)}\" and \"{Show(right)}\", but no piece \"{missing}\" in the vocabulary");
    }

    private static string Show(ReadOnlySpan<byte> piece) => Encoding.UTF8.GetString(piece[..Math.Min(piece.Length, 60)]);
}
