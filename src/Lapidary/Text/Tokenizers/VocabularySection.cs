using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;
using Lapidary.Checkpoints;

namespace Lapidary.Text.Tokenizers;

/// <summary>The members <c>vocab</c> and <c>merges</c> of <c>tokenizer.json</c> and the added tokens: nearly the whole of its bytes.</summary>
internal sealed class VocabularySection(string path, int fileLength)
{
    // The shortest piece with its id takes so many bytes; an id beyond what the file has room for is a claim, not a piece.
    private const int LeastEntry = 5;


    private const int ParallelLength = 1 << 20;

    private PieceTable? pieces;
    private (int Start, int Length)? postponed;

    /// <summary>The merges.</summary>
    public MergeTable? Merges { get; private set; }

    /// <summary>Whether vocabulary and merges were there.</summary>
    public bool IsComplete => pieces is not null && Merges is not null;

    /// <summary>Reads one of the two members.</summary>
    public void Read(ref JsonScanner scanner, ReadOnlySpan<byte> json, string name)
    {
        if (name == "vocab")
        {
            ReadPieces(ref scanner, json.Length - scanner.Position);
            if (postponed is (int start, int length))
            {
                var earlier = new JsonScanner(json, path) { Position = start };
                ReadMerges(ref earlier, json, length);
            }
        }
        else if (pieces is null)
        {
            int start = scanner.Position;
            postponed = (start, scanner.TakeValue().Length);
        }
        else
        {
            ReadMerges(ref scanner, json, json.Length - scanner.Position);
        }
    }

    /// <summary>Adds the added tokens, most of which are in the vocabulary already.</summary>
    public void Add(IReadOnlyList<AddedToken> tokens)
    {
        foreach (AddedToken token in tokens)
        {
            AddPiece(token.Id, Encoding.UTF8.GetBytes(token.Content), token.Content);
        }
    }

    /// <summary>The finished table: every id from 0 on has a piece, no two have the same.</summary>
    public PieceTable Finish()
    {
        if (pieces!.Pieces != pieces.Count)
        {
            int hole = 0;
            while (!pieces[hole].IsEmpty)
            {
                hole++;
            }

            throw new CheckpointException(path, $"has {pieces.Pieces} pieces with ids up to {pieces.Count - 1}, but none with the id {hole}");
        }

        return pieces;
    }

    private void AddPiece(int id, ReadOnlySpan<byte> utf8, string content)
    {
        CheckId(id, utf8);
        ReadOnlySpan<byte> there = id < pieces!.Count ? pieces[id] : default;
        if (there.IsEmpty)
        {
            utf8.CopyTo(pieces.Reserve(utf8.Length));
            pieces.Commit(id, utf8.Length);
            if (!pieces.AddToIndex(id))
            {
                throw new CheckpointException(
                    path, $"gives the id {id} to the added token \"{ForeignText.Show(content)}\", but the vocabulary has this piece with another id");
            }
        }
        else if (!there.SequenceEqual(utf8))
        {
            throw new CheckpointException(
                path, $"gives the id {id} to the added token \"{ForeignText.Show(content)}\", but it belongs to the piece \"{ForeignText.Show(there)}\"");
        }
    }

    private void CheckId(int id, ReadOnlySpan<byte> piece)
    {
        if (id >= (fileLength / LeastEntry) + 1)
        {
            throw new CheckpointException(
                path, $"gives the id {id} to the piece \"{ForeignText.Show(piece)}\", but a file of {fileLength} bytes has no room for so many pieces");
        }
    }

    private void ReadPieces(ref JsonScanner scanner, int bytesLeft)
    {
        // An entry has at least 6 bytes; both are guesses that keep the arrays from growing often.
        pieces = new PieceTable(Math.Min(bytesLeft / 24, 1 << 18) + 64, Math.Min(bytesLeft / 12, 1 << 22) + 64);
        scanner.Take((byte)'{');
        if (!scanner.TryTake((byte)'}'))
        {
            ReadEntries(ref scanner, pieces);
        }

        if (!Utf8.IsValid(pieces.Pool))
        {
            throw new CheckpointException(path, "has a vocabulary that is not valid UTF-8");
        }

        Index();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ReadEntries(ref JsonScanner scanner, PieceTable table)
    {
        do
        {
            ReadOnlySpan<byte> raw = scanner.TakeString(out bool hasEscapes);
            Span<byte> target = table.Reserve(raw.Length);
            int length = raw.Length;
            if (hasEscapes)
            {
                length = scanner.Unescape(raw, target);
            }
            else
            {
                raw.CopyTo(target);
            }

            if (length is 0 or > PieceTable.LengthLimit || (target[0] & 0xC0) == 0x80)
            {
                throw scanner.Fail(
                    length == 0 ? "found an empty piece"
                    : length > PieceTable.LengthLimit ? $"found a piece of {length} bytes" : "found a piece that is not valid UTF-8");
            }

            scanner.Take((byte)':');
            int id = scanner.TakeNumber();
            CheckId(id, target[..length]);
            if (!table.Commit(id, length))
            {
                throw new CheckpointException(
                    path, $"gives the id {id} to both \"{ForeignText.Show(table[id])}\" and \"{ForeignText.Show(target[..length])}\"");
            }
        }
        while (scanner.Continues((byte)'}'));
    }

    private void Index()
    {
        if (pieces!.Index() is int again and >= 0)
        {
            throw new CheckpointException(path, $"has the piece \"{ForeignText.Show(pieces[again])}\" twice, once with the id {again}");
        }
    }

    // Half the time of opening a tokenizer goes into its merges, so long lists are read from the begin and from the middle at once.
    private unsafe void ReadMerges(ref JsonScanner scanner, ReadOnlySpan<byte> json, int length)
    {
        var list = new MergeList(path, pieces!, length);
        scanner.Take((byte)'[');
        bool isEmpty = scanner.TryTake((byte)']');
        int middle = isEmpty || length < ParallelLength ? -1 : FindMerge(json, scanner.Position + (length / 2));
        if (middle < 0)
        {
            if (!isEmpty)
            {
                ReadMerges(ref scanner, list, int.MaxValue);
            }

            Merges = list.ToTable();
            return;
        }

        fixed (byte* start = json)
        {
            nint address = (nint)start;
            int bytes = json.Length;
            using Task<(MergeList List, int End)> second = Task.Run(() => ReadFrom(new ReadOnlySpan<byte>((byte*)address, bytes), middle));
            bool ended;
            try
            {
                ended = ReadMerges(ref scanner, list, middle);
            }
            finally
            {
                // Nothing may read the file when this method is left.
                Task.WaitAny(second);
            }

            // The middle was a guess: inside a string, it is passed over and what was read from there does not count.
            if (!ended)
            {
                (MergeList rest, scanner.Position) = second.GetAwaiter().GetResult();
                list.Append(rest);
            }

            _ = second.Exception;
        }

        Merges = list.ToTable();
    }

    private (MergeList List, int End) ReadFrom(ReadOnlySpan<byte> json, int position)
    {
        var scanner = new JsonScanner(json, path) { Position = position };
        var list = new MergeList(path, pieces!, json.Length - position);
        ReadMerges(ref scanner, list, int.MaxValue);
        return (list, scanner.Position);
    }

    // The begin of what looks like a merge in the form of two texts.
    private static int FindMerge(ReadOnlySpan<byte> json, int from)
    {
        while (from < json.Length && json[from..].IndexOf((byte)']') is int distance and >= 0)
        {
            from += distance + 1;
            ReadOnlySpan<byte> rest = json[from..].TrimStart(" \n\r\t"u8);
            if (rest.StartsWith(","u8) && rest[1..].TrimStart(" \n\r\t"u8) is { IsEmpty: false } next && next[0] == '[')
            {
                return json.Length - next.Length;
            }
        }

        return -1;
    }

    /// <summary>Reads merges up to the end of the array, or up to a position at which one begins; true at the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool ReadMerges(ref JsonScanner scanner, MergeList list, int stop)
    {
        byte[] leftBuffer = [];
        byte[] rightBuffer = [];
        do
        {
            byte first = scanner.Peek();
            if (scanner.Position == stop)
            {
                return false;
            }

            if (first == '[')
            {
                scanner.Position++;
                ReadOnlySpan<byte> left = scanner.TakeText(ref leftBuffer);
                scanner.Take((byte)',');
                list.Add(left, scanner.TakeText(ref rightBuffer));
                scanner.Take((byte)']');
            }
            else
            {
                list.Add(scanner.TakeText(ref leftBuffer));
            }
        }
        while (scanner.Continues((byte)']'));
        return true;
    }
}
