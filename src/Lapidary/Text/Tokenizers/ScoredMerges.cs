using System.Runtime.CompilerServices;

namespace Lapidary.Text.Tokenizers;

/// <summary>
/// SentencePiece's merges: two neighbours may merge whenever their text is a piece, and the piece with the higher score comes first
/// (bpe_model.cc of SentencePiece; llm_tokenizer_spm of llama.cpp).
/// </summary>
internal readonly struct ScoredMerges : IMergeRule
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryMerge(BpeModel model, int left, int right, ReadOnlySpan<byte> joined, out uint rank, out int merged)
    {
        merged = left == BpeModel.NotText || right == BpeModel.NotText || joined.Length > PieceTable.LengthLimit
            ? BpeModel.NoPiece
            : model.Vocabulary.Find(joined);
        if (merged < 0 || model.Kinds[merged] is PieceKind.Control or PieceKind.Unknown or PieceKind.Byte)
        {
            merged = BpeModel.NoPiece;
            rank = 0;
            return false;
        }

        rank = RankOf(model.Scores![merged]);
        return true;
    }

    /// <summary>A number that falls as the score rises, so that scores compare as whole numbers.</summary>
    public static uint RankOf(float score)
    {
        // -0 and 0 are the same score.
        uint bits = BitConverter.SingleToUInt32Bits(score + 0f);
        return (bits & 0x80000000) != 0 ? bits : ~bits ^ 0x80000000;
    }
}
