using System.Runtime.CompilerServices;
using System.Text;
using Lapidary.Checkpoints;

namespace Lapidary.Text.Tokenizers;

/// <summary>Merges as they are read, the first one first: texts become ids at once.</summary>
internal sealed class MergeList
{
    private readonly string path;
    private readonly PieceTable pieces;
    private readonly byte[] joined = new byte[2 * PieceTable.LengthLimit];
    private (int Left, int Right, int Merged)[] merges;
    private int count;
    private int last;

    /// <summary>An empty list for a section of the file with so many bytes.</summary>
    public MergeList(string path, PieceTable pieces, int bytes)
    {
        this.path = path;
        this.pieces = pieces;
        merges = new (int, int, int)[Math.Min(bytes / 24, 1 << 20) + 16];
    }

    /// <summary>Adds a merge that is written as one text with a space.</summary>
    public void Add(ReadOnlySpan<byte> pair)
    {
        int space = pair.IndexOf((byte)' ');
        if (space < 0 || pair[(space + 1)..].Contains((byte)' '))
        {
            throw new CheckpointException(path, $"has \"{Show(pair)}\" as merge {count} where two pieces and a space between them were expected");
        }

        Add(pair[..space], pair[(space + 1)..]);
    }

    /// <summary>Adds a merge.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        int leftId = pieces.Find(left);
        int rightId = pieces.Find(right);
        int merged = (leftId | rightId) < 0 ? -1 : FindJoined(left, right);
        if (merged < 0)
        {
            throw Unknown(left, right, leftId, rightId);
        }

        if (count == merges.Length)
        {
            Array.Resize(ref merges, count * 2);
        }

        merges[count++] = (leftId, rightId, merged);
    }

    /// <summary>The table of all of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public MergeTable ToTable()
    {
        var table = new MergeTable(count);
        for (int rank = 0; rank < count; rank++)
        {
            (int left, int right, int merged) = merges[rank];
            table.Add(left, right, (uint)rank, merged);
        }

        return table;
    }

    // Lists come from vocabularies: all the ways to make one piece stand together, and the next piece is often the next id. That saves
    // half of the look-ups that wait for memory.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int FindJoined(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (Joins(last, left, right))
        {
            return last;
        }

        if (last + 1 < pieces.Count && Joins(last + 1, left, right))
        {
            return ++last;
        }

        left.CopyTo(joined);
        right.CopyTo(joined.AsSpan(left.Length));
        int found = pieces.Find(joined.AsSpan(0, left.Length + right.Length));
        last = Math.Max(found, 0);
        return found;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Joins(int id, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        ReadOnlySpan<byte> piece = pieces[id];
        return piece.Length == left.Length + right.Length && piece.StartsWith(left) && piece.EndsWith(right);
    }

    private CheckpointException Unknown(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, int leftId, int rightId)
    {
        string missing = leftId < 0 ? Show(left) : rightId < 0 ? Show(right) : Show([.. left, .. right]);
        return new CheckpointException(
            path, $"has the merge of \"{Show(left)}\" and \"{Show(right)}\" (number {count}), but no piece \"{missing}\" in the vocabulary");
    }

    private static string Show(ReadOnlySpan<byte> piece) => Encoding.UTF8.GetString(piece[..Math.Min(piece.Length, 60)]);
}
