using Lapidary.Checkpoints;

namespace Lapidary.Text.Tokenizers;

/// <summary>
/// Makes the scores of SentencePiece from a list of merges. SentencePiece merges whatever two neighbours make the best piece, so the two
/// agree where the list has every way to make each piece of two others, all the ways to make one before those to make the next; and the
/// order of the pieces in the list is that of their scores.
/// </summary>
internal static class MergeScores
{
    /// <summary>Bytes of the longest piece that merges make; Gemma's longest has 93. All the ways to make a piece are looked up.</summary>
    public const int LengthLimit = 256;

    /// <summary>
    /// The scores by id: what a SentencePiece trainer gives, 0 for the first normal piece behind those of the bytes and one less for each
    /// further id, as long as merges come in the order of ids.
    /// </summary>
    /// <param name="model">The pieces and their merges.</param>
    /// <param name="kinds">The kinds of the pieces that are kept, by id.</param>
    /// <param name="path">Named in errors.</param>
    /// <exception cref="CheckpointException">The merges are such that no scores mean the same.</exception>
    public static float[] Of(BpeModel model, ReadOnlySpan<PieceKind> kinds, string path)
    {
        int first = Math.Max(kinds.LastIndexOf(PieceKind.Byte) + 1, 0);
        var made = new List<Span>();
        var rest = new List<int>();
        for (int id = 0; id < kinds.Length; id++)
        {
            if (kinds[id] != PieceKind.Normal || id >= model.Vocabulary.Count)
            {
                continue;
            }

            if (MergesOf(model, kinds, id, path) is { } span)
            {
                made.Add(span);
            }
            else
            {
                rest.Add(id);
            }
        }

        made.Sort((one, other) => one.First.CompareTo(other.First));
        bool isInOrder = made.Count == 0 || made[0].Id >= first;
        for (int i = 1; i < made.Count; i++)
        {
            isInOrder &= made[i].Id > made[i - 1].Id;
            if (made[i].First < made[i - 1].Last)
            {
                throw new CheckpointException(
                    path,
                    $"has merges into \"{Show(model, made[i].Id)}\" between those into \"{Show(model, made[i - 1].Id)}\", which the scores of a GGUF file cannot say");
            }
        }

        var scores = new float[kinds.Length];
        int position = 0;
        foreach (int id in made.Select(span => span.Id).Concat(rest))
        {
            scores[id] = isInOrder ? -Math.Max(id - first, 0) : -position;
            position++;
        }

        return scores;
    }

    // Ranks of the first and the last merge into a piece, or null where none makes it.
    private static Span? MergesOf(BpeModel model, ReadOnlySpan<PieceKind> kinds, int id, string path)
    {
        ReadOnlySpan<byte> piece = model.Vocabulary[id];
        if (piece.Length > LengthLimit)
        {
            throw new CheckpointException(path, $"has a piece with the id {id} of {piece.Length} bytes where at most {LengthLimit} were expected");
        }

        Span? span = null;
        for (int at = 1; at < piece.Length; at++)
        {
            int left = (piece[at] & 0xC0) == 0x80 ? BpeModel.NoPiece : model.Vocabulary.Find(piece[..at]);
            int right = left < 0 ? BpeModel.NoPiece : model.Vocabulary.Find(piece[at..]);
            if (!IsText(left, kinds) || !IsText(right, kinds))
            {
                continue;
            }

            if (!model.Merges!.TryGet(left, right, out uint rank, out _))
            {
                throw new CheckpointException(
                    path,
                    $"has no merge of \"{Show(model, left)}\" and \"{Show(model, right)}\" though their text is a piece, which the scores of a GGUF file cannot say");
            }

            span = span is { } known ? new Span(id, Math.Min(known.First, rank), Math.Max(known.Last, rank)) : new Span(id, rank, rank);
        }

        return span;
    }

    private static bool IsText(int id, ReadOnlySpan<PieceKind> kinds) =>
        id >= 0 && id < kinds.Length && kinds[id] is PieceKind.Normal or PieceKind.UserDefined;

    private static string Show(BpeModel model, int id) => ForeignText.Show(model.Vocabulary[id]);

    private readonly record struct Span(int Id, uint First, uint Last);
}
