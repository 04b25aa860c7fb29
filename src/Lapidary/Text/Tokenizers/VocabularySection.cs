using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Lapidary.Checkpoints;

namespace Lapidary.Text.Tokenizers;

/// <summary>The members <c>vocab</c> and <c>merges</c> of <c>tokenizer.json</c> and the added tokens: nearly the whole of its bytes.</summary>
internal sealed class VocabularySection(string path)
{
    // A vocabulary ten times Gemma's is beyond anything in use; it bounds what a claimed id can make us allocate.
    private const int IdLimit = 1 << 22;

    private PieceTable? pieces;
    private (int Start, int Length)? postponed;
    private int indexed;

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
                var earlier = new JsonScanner(json[..(start + length)], path) { Position = start };
                ReadMerges(ref earlier, length);
            }
        }
        else if (pieces is null)
        {
            int start = scanner.Position;
            postponed = (start, scanner.TakeValue().Length);
        }
        else
        {
            ReadMerges(ref scanner, json.Length - scanner.Position);
        }
    }

    /// <summary>Adds the added tokens, most of which are in the vocabulary already.</summary>
    public IReadOnlyList<AddedToken> Add(IReadOnlyList<JsonElement> items)
    {
        var tokens = new List<AddedToken>(items.Count);
        foreach (JsonElement item in items)
        {
            var fields = new TokenizerFields(path, "added token", item);
            int id = fields["id"] is null ? throw new CheckpointException(path, "has an added token without id") : fields.Number("id");
            string content = fields.NeededText("content");
            if (content.Length is 0 or > AddedTokenMatcher.LengthLimit)
            {
                throw new CheckpointException(
                    path, $"has an added token of {content.Length} characters where 1 to {AddedTokenMatcher.LengthLimit} were expected");
            }

            AddPiece(id, Encoding.UTF8.GetBytes(content), content);
            bool special = fields.Flag("special");
            bool normalized = fields["normalized"] is null ? !special : fields.Flag("normalized");
            tokens.Add(new AddedToken(
                id, content, special, normalized, fields.Flag("lstrip"), fields.Flag("rstrip"), fields.Flag("single_word")));
        }

        return tokens;
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

        if (pieces.Pieces != indexed)
        {
            Index();
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
        }
        else if (!there.SequenceEqual(utf8))
        {
            throw new CheckpointException(
                path, $"gives the id {id} to the added token \"{content}\", but it belongs to the piece \"{Encoding.UTF8.GetString(there)}\"");
        }
    }

    private void CheckId(int id, ReadOnlySpan<byte> piece)
    {
        if (id >= IdLimit)
        {
            throw new CheckpointException(path, $"gives the id {id} to the piece \"{Show(piece)}\" where ids below {IdLimit} were expected");
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

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveOptimization)]
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
                    path, $"gives the id {id} to both \"{Show(table[id])}\" and \"{Show(target[..length])}\"");
            }
        }
        while (scanner.Continues((byte)'}'));
    }

    private void Index()
    {
        indexed = pieces!.Pieces;
        if (pieces.Index() is int again and >= 0)
        {
            throw new CheckpointException(path, $"has the piece \"{Show(pieces[again])}\" twice, once with the id {again}");
        }
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveOptimization)]
    private void ReadMerges(ref JsonScanner scanner, int bytesLeft)
    {
        var list = new MergeList(path, pieces!, bytesLeft);
        scanner.Take((byte)'[');
        if (!scanner.TryTake((byte)']'))
        {
            byte[] leftBuffer = [];
            byte[] rightBuffer = [];
            do
            {
                if (scanner.TryTake((byte)'['))
                {
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
        }

        Merges = list.ToTable();
    }

    private static string Show(ReadOnlySpan<byte> piece) => Encoding.UTF8.GetString(piece[..Math.Min(piece.Length, 60)]);
}
