namespace Lapidary.Workbench.Evaluation.Texts;

/// <summary>
/// A text cut as llama.cpp's perplexity tool cuts it: whole chunks of tokens, each a text of its own, whose second half is scored behind
/// the first. Tokens that do not fill a chunk are left out.
/// </summary>
public sealed class TextChunks
{
    /// <summary>The usual length of a chunk.</summary>
    public const int UsualContextLength = 512;

    /// <summary>The shortest chunk that has a token to score.</summary>
    public const int SmallestContextLength = 3;

    private readonly ReadOnlyMemory<int> tokens;
    private readonly int? beginToken;

    /// <summary>Cuts a text.</summary>
    /// <param name="tokens">Its tokens, the one that begins a text first, where the model has one.</param>
    /// <param name="contextLength">Tokens of a chunk, at least <see cref="SmallestContextLength"/>.</param>
    /// <param name="beginToken">
    /// What the model sees in place of the first token of each chunk; null where it sees the token itself. What is scored stays the same.
    /// </param>
    /// <param name="limit">Chunks at most; null for all.</param>
    /// <exception cref="ArgumentException">There is no whole chunk, or a number is too small.</exception>
    public TextChunks(ReadOnlyMemory<int> tokens, int contextLength, int? beginToken, int? limit = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(contextLength, SmallestContextLength);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit ?? 1, 1);
        Available = tokens.Length / contextLength;
        Count = Math.Min(Available, limit ?? Available);
        if (Count == 0)
        {
            throw new ArgumentException($"{tokens.Length} tokens are no chunk of {contextLength}.", nameof(tokens));
        }

        this.tokens = tokens[..(Count * contextLength)];
        this.beginToken = beginToken;
        ContextLength = contextLength;
    }

    /// <summary>Tokens of a chunk.</summary>
    public int ContextLength { get; }

    /// <summary>The number of chunks.</summary>
    public int Count { get; }

    /// <summary>Chunks that the text has, with those beyond the limit.</summary>
    public int Available { get; }

    /// <summary>Place in a chunk of the first token behind which a prediction is scored.</summary>
    public int FirstScored => ContextLength / 2;

    /// <summary>Tokens that are scored in a chunk: n - 1 - floor(n / 2), for 512 tokens 255.</summary>
    public int ScoredCount => ContextLength - 1 - FirstScored;

    /// <summary>The tokens of all chunks, as the text has them.</summary>
    public ReadOnlyMemory<int> Tokens => tokens;

    /// <summary>Tokens that a text needs: with fewer than two chunks llama.cpp refuses to speak of a perplexity.</summary>
    /// <param name="contextLength">Tokens of a chunk.</param>
    public static long TokensNeeded(int contextLength) => 2L * contextLength;

    /// <summary>The tokens of a chunk as the text has them.</summary>
    public ReadOnlyMemory<int> Chunk(int index) => tokens.Slice(index * ContextLength, ContextLength);

    /// <summary>What the model sees of a chunk whose last token is only predicted: all but that.</summary>
    public int[] Input(int index) => Begun(Chunk(index)[..^1]);

    /// <summary>A whole chunk as the model sees it: what begins a text in place of its first token.</summary>
    public int[] Sequence(int index) => Begun(Chunk(index));

    /// <summary>The tokens of a chunk that are scored.</summary>
    public ReadOnlyMemory<int> Targets(int index) => Chunk(index)[(FirstScored + 1)..];

    private int[] Begun(ReadOnlyMemory<int> chunk)
    {
        int[] sequence = chunk.ToArray();
        sequence[0] = beginToken ?? sequence[0];
        return sequence;
    }
}
