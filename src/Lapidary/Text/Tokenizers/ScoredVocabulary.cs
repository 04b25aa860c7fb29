using System.Text;
using System.Text.Unicode;
using Lapidary.Checkpoints;

namespace Lapidary.Text.Tokenizers;

/// <summary>Pieces with kinds and scores in the order of their ids, as SentencePiece and GGUF have them.</summary>
internal sealed class ScoredVocabulary(string path, int pieces, int bytes)
{
    private readonly PieceTable table = new(pieces, bytes);
    private readonly List<PieceKind> kinds = new(pieces);
    private readonly List<float> scores = new(pieces);

    /// <summary>Number of pieces so far.</summary>
    public int Count => table.Count;

    /// <summary>Adds the piece with the next id.</summary>
    public void Add(ReadOnlySpan<byte> piece, float score, long kind)
    {
        int id = table.Count;
        if (piece.Length is 0 or > PieceTable.LengthLimit || (piece[0] & 0xC0) == 0x80)
        {
            throw new CheckpointException(
                path, $"has a piece with the id {id} of {piece.Length} bytes where valid UTF-8 of 1 to {PieceTable.LengthLimit} bytes was expected");
        }

        if (float.IsNaN(score))
        {
            throw new CheckpointException(path, $"has a score for the piece with the id {id} that is not a number");
        }

        if (kind is < 1 or > 6)
        {
            throw new CheckpointException(path, $"gives {kind} as the type of the piece with the id {id} where 1 to 6 were expected");
        }

        piece.CopyTo(table.Reserve(piece.Length));
        table.Commit(id, piece.Length);
        kinds.Add((PieceKind)kind);
        scores.Add(score);
    }

    /// <summary>Changes a piece that is known by its text into an added token, or adds it with the next id.</summary>
    public void Add(AddedToken token)
    {
        byte[] content = Encoding.UTF8.GetBytes(token.Content);
        if (token.Id == table.Count)
        {
            Add(content, 0, (long)(token.Special ? PieceKind.Control : PieceKind.UserDefined));
        }
        else if (token.Id < table.Count && table[token.Id].SequenceEqual(content))
        {
            kinds[token.Id] = token.Special ? PieceKind.Control : PieceKind.UserDefined;
        }
        else
        {
            throw new CheckpointException(
                path, $"has no piece \"{token.Content}\" with the id {token.Id}, which the settings beside it give to this added token");
        }
    }

    /// <summary>The finished table.</summary>
    public PieceTable Finish()
    {
        if (table.Count == 0)
        {
            throw new CheckpointException(path, "has a vocabulary without pieces");
        }

        if (!Utf8.IsValid(table.Pool))
        {
            throw new CheckpointException(path, "has a vocabulary that is not valid UTF-8");
        }

        return table.Index() is int again and >= 0
            ? throw new CheckpointException(path, $"has the piece \"{Encoding.UTF8.GetString(table[again])}\" twice, once with the id {again}")
            : table;
    }

    /// <summary>The scores by id.</summary>
    public float[] Scores => [.. scores];

    /// <summary>The kinds by id.</summary>
    public PieceKind[] Kinds => [.. kinds];

    /// <summary>The pieces that are cut out of text first.</summary>
    /// <param name="normalized">Whether those that are text are looked for after normalization.</param>
    public List<AddedToken> AddedTokens(bool normalized)
    {
        var tokens = new List<AddedToken>();
        for (int id = 0; id < kinds.Count; id++)
        {
            if (kinds[id] is PieceKind.Control or PieceKind.Unknown or PieceKind.UserDefined)
            {
                string content = Encoding.UTF8.GetString(table[id]);
                bool special = kinds[id] != PieceKind.UserDefined;
                if (content.Length > AddedTokenMatcher.LengthLimit)
                {
                    throw new CheckpointException(
                        path, $"has an added token of {content.Length} characters where at most {AddedTokenMatcher.LengthLimit} were expected");
                }

                tokens.Add(new AddedToken(id, content, special, normalized && !special));
            }
        }

        return tokens;
    }
}
