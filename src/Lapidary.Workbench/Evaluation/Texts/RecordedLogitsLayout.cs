namespace Lapidary.Workbench.Evaluation.Texts;

/// <summary>
/// Sizes of a file of recorded predictions as llama.cpp's <c>--kl-divergence-base</c> has it: the eight bytes <c>_logits_</c>; the 32-bit
/// numbers n_ctx, n_vocab and n_chunk; n_ctx n_chunk tokens of 32 bits; then for each chunk n_ctx - 1 - floor(n_ctx / 2) rows. All numbers
/// are little-endian.
/// </summary>
/// <param name="ContextLength">Tokens of a chunk, n_ctx.</param>
/// <param name="VocabularySize">Tokens of the vocabulary, n_vocab.</param>
/// <param name="ChunkCount">The number of chunks, n_chunk.</param>
internal readonly record struct RecordedLogitsLayout(int ContextLength, int VocabularySize, int ChunkCount)
{
    /// <summary>Bytes before the tokens.</summary>
    public const int HeaderBytes = 20;

    /// <summary>More tokens than any text of the tool has.</summary>
    public const int TokenLimit = 1 << 26;

    /// <summary>A longer context or a larger vocabulary than any model has.</summary>
    public const int SizeLimit = 1 << 24;

    /// <summary>What a file begins with.</summary>
    public static ReadOnlySpan<byte> Magic => "_logits_"u8;

    /// <summary>Bytes of a row: 8 for its two floats, 2 for each token, 2 of padding where their number is odd.</summary>
    public int RowBytes => RecordedRow.ByteLength(VocabularySize);

    /// <summary>Rows of a chunk.</summary>
    public int RowsPerChunk => ContextLength - 1 - (ContextLength / 2);

    /// <summary>Where the rows of a chunk begin; of the chunk behind the last one, the length of the file.</summary>
    public Int128 OffsetOf(int chunk) =>
        HeaderBytes + ((Int128)sizeof(int) * ContextLength * ChunkCount) + ((Int128)chunk * RowsPerChunk * RowBytes);
}
