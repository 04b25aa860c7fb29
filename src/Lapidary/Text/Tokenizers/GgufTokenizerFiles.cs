using System.Text;
using System.Text.Json.Nodes;
using Lapidary.Checkpoints;

namespace Lapidary.Text.Tokenizers;

/// <summary>
/// Makes the files of a tokenizer from the vocabulary of a GGUF file. SentencePiece merges whatever two neighbours make the piece with the
/// best score, so the list of merges has every way to make a piece of two others, the best piece first.
/// </summary>
internal sealed class GgufTokenizerFiles
{
    private readonly string path;
    private readonly TokenizerParts parts;
    private readonly string[] pieces;
    private readonly bool[] hadSpaces;
    private readonly HashSet<string> known = new(StringComparer.Ordinal);
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> knownSpans;

    private GgufTokenizerFiles(TokenizerParts parts)
    {
        path = parts.Path;
        this.parts = parts;
        pieces = new string[CountWithoutPadding(parts.Model)];
        hadSpaces = new bool[pieces.Length];
        knownSpans = known.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    private PieceKind[] Kinds => parts.Model.Kinds;

    /// <summary>Reads the tokenizer of a file.</summary>
    /// <param name="gguf">The file.</param>
    /// <param name="length">Tokens that the model was made for.</param>
    /// <exception cref="CheckpointException">The tokenizer is not valid, or <c>tokenizer.json</c> cannot say what it does.</exception>
    public static TokenizerFiles Read(GgufFile gguf, int length) =>
        From(GgufTokenizer.Read(gguf.Metadata, gguf.Path), length, Template(gguf.Path));

    /// <summary>Makes the files of a tokenizer that was read.</summary>
    /// <param name="parts">The tokenizer.</param>
    /// <param name="length">Tokens that the model was made for.</param>
    /// <param name="template">The chat template, or the list of named ones; null for none.</param>
    public static TokenizerFiles From(TokenizerParts parts, int length, JsonNode? template)
    {
        if (parts.Model.Scores is null)
        {
            throw new CheckpointException(parts.Path, "has a tokenizer with listed merges, which no Gemma 3 model has and which is not written as tokenizer.json");
        }

        var files = new GgufTokenizerFiles(parts);
        files.TakePieces();
        List<List<int>> order = files.Order();
        return new TokenizerFiles
        {
            Pieces = files.pieces,
            Merges = files.Merges(order),
            AddedTokens =
            [
                .. parts.AddedTokens.Where(token => token.Id < files.pieces.Length)
                    .Select(token => token with { Content = files.pieces[token.Id], Normalized = files.hadSpaces[token.Id] }),
            ],
            BosId = parts.BosId,
            EosId = parts.EosId,
            PadId = parts.PadId,
            UnknownId = parts.UnknownId,
            AddsBos = parts.Prefix.Count > 0,
            AddsEos = parts.Suffix.Count > 0,
            AddsPrefix = !parts.Normalizer.IsSentencePiece(out bool addsPrefix) || addsPrefix,
            Length = length,
            ChatTemplate = template,
        };
    }

    // The converter gives a piece to every row of the embedding.
    private static int CountWithoutPadding(BpeModel model)
    {
        int count = model.Vocabulary.Count;
        while (count > 0 && model.Kinds[count - 1] == PieceKind.Unused
            && model.Vocabulary[count - 1].SequenceEqual(Encoding.ASCII.GetBytes($"[PAD{count - 1}]")))
        {
            count--;
        }

        return count;
    }

    private static JsonNode? Template(string path)
    {
        (ChatTemplateFiles.NamedTemplate? main, ChatTemplateFiles.NamedTemplate? tools) = ChatTemplateFiles.Find(path);
        if (main is null || tools is null)
        {
            return main is null ? null : JsonValue.Create(main.Source);
        }

        static JsonObject Named(string name, string source) => new() { ["name"] = name, ["template"] = source };
        return new JsonArray(Named("default", main.Source), Named(ChatTemplateFiles.ToolUse, tools.Source));
    }

    private void TakePieces()
    {
        var all = new HashSet<string>(pieces.Length, StringComparer.Ordinal);
        for (int id = 0; id < pieces.Length; id++)
        {
            string piece = Encoding.UTF8.GetString(parts.Model.Vocabulary[id]);
            if (Kinds[id] == PieceKind.UserDefined && piece.Contains(' ', StringComparison.Ordinal))
            {
                // It is looked for in texts whose spaces are marked.
                piece = piece.Replace(' ', TextNormalizer.SpaceMark);
                hadSpaces[id] = true;
            }

            pieces[id] = piece;
            if (!all.Add(piece))
            {
                throw new CheckpointException(path, $"has two pieces that would both be \"{ForeignText.Show(piece)}\" in tokenizer.json");
            }

            if (IsText(id))
            {
                known.Add(piece);
            }
        }
    }

    private bool IsText(int id) => Kinds[id] is PieceKind.Normal or PieceKind.UserDefined or PieceKind.Unused;

    /// <summary>
    /// The pieces that merges make, in groups of equal rank. Runs of spaces and line breaks come first: they are cut out of the text anyway,
    /// but readers that do not do so get them by merging.
    /// </summary>
    private List<List<int>> Order()
    {
        float[] scores = parts.Model.Scores!;
        var runs = new List<int>();
        var others = new List<int>();
        for (int id = 0; id < pieces.Length; id++)
        {
            if (!IsText(id))
            {
                continue;
            }

            bool isCut = Kinds[id] == PieceKind.UserDefined && (hadSpaces[id] || !pieces[id].Contains(TextNormalizer.SpaceMark, StringComparison.Ordinal));
            if (!isCut)
            {
                CheckCharacters(pieces[id]);
            }

            bool isRun = IsRun(pieces[id]) && pieces[id].Length <= MergeScores.LengthLimit;
            if ((!isCut || isRun) && HasMerge(id))
            {
                (isCut ? runs : others).Add(id);
            }
        }

        others.Sort((one, other) => scores[other].CompareTo(scores[one]) is not 0 and int byScore ? byScore : one.CompareTo(other));
        List<List<int>> groups = [runs];
        foreach (int id in others)
        {
            if (groups.Count > 1 && scores[groups[^1][0]] == scores[id])
            {
                groups[^1].Add(id);
            }
            else
            {
                groups.Add([id]);
            }
        }

        CheckTies(groups.Skip(1));
        return groups;
    }

    // SentencePiece merges characters that are no pieces, too; a list of merges only pieces.
    private void CheckCharacters(string piece)
    {
        int length = 0;
        for (int at = 0; at < piece.Length; at += length)
        {
            length = char.IsHighSurrogate(piece[at]) ? 2 : 1;
            if (length < piece.Length && !knownSpans.Contains(piece.AsSpan(at, length)))
            {
                throw new CheckpointException(
                    path, $"has the piece \"{ForeignText.Show(piece)}\" but none for its character \"{ForeignText.Show(piece.Substring(at, length))}\", which tokenizer.json cannot say");
            }
        }
    }

    // Of two pieces with the same score the one further left is made first, which merges cannot say. Runs of one character
    // grow from the left all the same if their longest left part comes first.
    private void CheckTies(IEnumerable<List<int>> groups)
    {
        if (groups.FirstOrDefault(group => group.Count > 1 && !group.TrueForAll(id => IsRun(pieces[id]))) is { } tied)
        {
            throw new CheckpointException(
                path,
                $"gives the same score to the pieces \"{ForeignText.Show(pieces[tied[0]])}\" and \"{ForeignText.Show(pieces[tied[1]])}\", whose order tokenizer.json cannot say");
        }
    }

    private IEnumerable<(string Left, string Right)> Merges(List<List<int>> groups)
    {
        foreach (List<int> group in groups)
        {
            int longest = group.Count == 0 ? 0 : group.Max(id => pieces[id].Length);
            for (int at = longest - 1; at > 0; at--)
            {
                foreach (int id in group)
                {
                    if (IsMerge(pieces[id], at))
                    {
                        yield return (pieces[id][..at], pieces[id][at..]);
                    }
                }
            }
        }
    }

    private bool HasMerge(int id)
    {
        string piece = pieces[id];
        if (piece.Length > MergeScores.LengthLimit)
        {
            throw new CheckpointException(
                path, $"has a piece with the id {id} of {piece.Length} characters where at most {MergeScores.LengthLimit} were expected");
        }

        for (int at = 1; at < piece.Length; at++)
        {
            if (IsMerge(piece, at))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsMerge(string piece, int at) =>
        at < piece.Length && knownSpans.Contains(piece.AsSpan(0, at)) && knownSpans.Contains(piece.AsSpan(at));

    private static bool IsRun(string piece) => !piece.AsSpan().ContainsAnyExcept(piece[0]);
}
