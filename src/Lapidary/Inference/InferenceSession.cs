using Lapidary.Networks;
using Lapidary.Numerics.Memory;

namespace Lapidary.Inference;

/// <summary>One sequence of tokens and its cache. A session is used by one thread at a time.</summary>
public sealed unsafe class InferenceSession : IDisposable
{
    private readonly LanguageModel model;
    private readonly KvCache cache;
    private readonly Batch batch = new();
    private readonly NativeMemoryBlock logits;

    internal InferenceSession(LanguageModel model, int capacity)
    {
        this.model = model;
        cache = model.CreateCache(capacity);
        logits = new NativeMemoryBlock((long)model.Config.VocabularySize * sizeof(float));
    }

    /// <summary>Tokens that were processed.</summary>
    public int Position => cache.Length;

    /// <summary>Tokens that fit.</summary>
    public int Capacity => cache.Capacity;

    /// <summary>Memory of the keys and values in bytes.</summary>
    public long CacheBytes => cache.ByteLength;

    /// <summary>Watches the named values of every pass from now on; null to stop.</summary>
    public ActivationObserver? Observer { get; set; }

    /// <summary>Positions for which the cache of <paramref name="layer"/> has room.</summary>
    public int CacheSlots(int layer) => cache.SlotsOf(layer);

    /// <summary>Forgets all tokens.</summary>
    public void Reset() => cache.Clear();

    /// <summary>Makes room for at least <paramref name="capacity"/> tokens; those that were processed stay.</summary>
    public void EnsureCapacity(int capacity) => cache.EnsureCapacity(capacity);

    /// <summary>
    /// Forgets all but the first <paramref name="position"/> tokens, unless a sliding window has moved on too far: then nothing changes.
    /// </summary>
    /// <returns>Whether the tokens were forgotten.</returns>
    public bool TryRewind(int position)
    {
        bool possible = cache.CanRewind(position);
        if (possible)
        {
            cache.Rewind(position);
        }

        return possible;
    }

    /// <summary>Processes a prompt, in chunks, with the exact kernels; for the logits the model's choice of kernels holds, as in decoding.</summary>
    /// <param name="tokens">The next tokens of the sequence.</param>
    /// <returns>The logits [vocabulary] after the last of them, valid until the next call.</returns>
    /// <exception cref="ArgumentException">There are no tokens, one is not in the vocabulary, or they do not fit.</exception>
    /// <exception cref="NonFiniteException">NaN or infinity appeared.</exception>
    public ReadOnlySpan<float> Process(scoped ReadOnlySpan<int> tokens)
    {
        Check(tokens);
        while (tokens.Length > model.Options.ChunkSize)
        {
            Pass(tokens[..model.Options.ChunkSize], fast: false, wantsLogits: false);
            tokens = tokens[model.Options.ChunkSize..];
        }

        return Pass(tokens, fast: false, wantsLogits: true);
    }

    /// <summary>Processes a prompt and gives the logits after every token.</summary>
    /// <param name="tokens">The next tokens of the sequence.</param>
    /// <param name="sink">Called for runs of positions in order.</param>
    /// <exception cref="ArgumentException">There are no tokens, one is not in the vocabulary, or they do not fit.</exception>
    /// <exception cref="NonFiniteException">NaN or infinity appeared.</exception>
    public void ProcessAll(ReadOnlySpan<int> tokens, LogitsSink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        Check(tokens);
        while (!tokens.IsEmpty)
        {
            ReadOnlySpan<int> chunk = tokens[..Math.Min(tokens.Length, model.Options.ChunkSize)];
            Run(chunk, fast: false, null, sink);
            tokens = tokens[chunk.Length..];
        }
    }

    /// <summary>Processes one token, with the fast kernels unless the model is exact. Allocates no managed memory.</summary>
    /// <returns>The logits [vocabulary] after the token, valid until the next call.</returns>
    /// <exception cref="ArgumentException">The token is not in the vocabulary or does not fit.</exception>
    /// <exception cref="NonFiniteException">NaN or infinity appeared.</exception>
    public ReadOnlySpan<float> Decode(int token)
    {
        ReadOnlySpan<int> tokens = new(in token);
        Check(tokens);
        return Pass(tokens, fast: !model.Options.Exact, wantsLogits: true);
    }

    /// <summary>Processes a prompt, in chunks with the exact kernels, for its caches and for <see cref="Observer"/>: no logits are computed.</summary>
    /// <param name="tokens">The next tokens of the sequence.</param>
    /// <param name="cancellation">Ends the work between two chunks; those that were processed stay.</param>
    /// <exception cref="ArgumentException">There are no tokens, one is not in the vocabulary, or they do not fit.</exception>
    /// <exception cref="NonFiniteException">NaN or infinity appeared.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was triggered.</exception>
    public void Prefill(ReadOnlySpan<int> tokens, CancellationToken cancellation = default)
    {
        Check(tokens);
        while (!tokens.IsEmpty)
        {
            cancellation.ThrowIfCancellationRequested();
            ReadOnlySpan<int> chunk = tokens[..Math.Min(tokens.Length, model.Options.ChunkSize)];
            Pass(chunk, fast: false, wantsLogits: false);
            tokens = tokens[chunk.Length..];
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        cache.Dispose();
        logits.Dispose();
    }

    /// <summary>Processes the virtual tokens of a new session and gives the logits after each of them.</summary>
    internal void ProcessVirtual(LogitsSink sink) => model.ProcessVirtual(cache, sink);

    private ReadOnlySpan<float> Pass(scoped ReadOnlySpan<int> tokens, bool fast, bool wantsLogits)
    {
        Run(tokens, fast, wantsLogits ? (float*)logits.Pointer : null, null);
        return wantsLogits ? new ReadOnlySpan<float>(logits.Pointer, model.Config.VocabularySize) : default;
    }

    private void Run(scoped ReadOnlySpan<int> tokens, bool fast, float* lastLogits, LogitsSink? sink)
    {
        batch.Clear();
        batch.Add(cache, tokens);
        model.Run(batch, fast, lastLogits, sink, Observer);
    }

    private void Check(scoped ReadOnlySpan<int> tokens)
    {
        if (tokens.IsEmpty)
        {
            throw new ArgumentException("There are no tokens to process.", nameof(tokens));
        }

        if (tokens.Length > cache.Capacity - cache.Length)
        {
            throw new ArgumentException(
                $"{tokens.Length} tokens do not fit behind {cache.Length} others into a context of {cache.Capacity}.", nameof(tokens));
        }

        foreach (int token in tokens)
        {
            if ((uint)token >= (uint)model.Config.VocabularySize)
            {
                throw new ArgumentException(
                    $"Token {token} is not in the vocabulary of {model.Config.VocabularySize}.", nameof(tokens));
            }
        }
    }
}
