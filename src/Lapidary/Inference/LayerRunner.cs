using Lapidary.Numerics;
using Lapidary.Numerics.Memory;
using Lapidary.Numerics.Threading;

namespace Lapidary.Inference;

/// <summary>
/// Runs some sequences through a model a layer at a time: the residual streams of all of them are kept, so that a layer can be looked at,
/// changed, and run again before the next one. The exact kernels compute, so the bits are those of a whole pass for any number of threads.
/// </summary>
public sealed unsafe class LayerRunner : IDisposable
{
    private readonly LanguageModel model;
    private readonly IReadOnlyList<int[]> sequences;
    private readonly NativeMemoryBlock[] streams;
    private readonly KvCache cache;
    private readonly Batch batch = new();

    /// <summary>Embeds the sequences.</summary>
    /// <param name="model">The model, without adapters; it must outlive the runner.</param>
    /// <param name="sequences">Token ids; each sequence stands alone and has at least one token.</param>
    /// <exception cref="ArgumentException">
    /// There are no sequences, one is empty, longer than the context of the model or has a token that is not in the vocabulary, or the model
    /// has adapters.
    /// </exception>
    /// <exception cref="OutOfMemoryException">The system refuses the memory for the streams, tokens x hidden size x 4 bytes.</exception>
    public LayerRunner(LanguageModel model, IReadOnlyList<int[]> sequences)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(sequences);
        Check(model, sequences);
        this.model = model;
        this.sequences = sequences;
        streams = new NativeMemoryBlock[sequences.Count];
        cache = model.CreateCache(sequences.Max(sequence => sequence.Length));
        try
        {
            for (int i = 0; i < streams.Length; i++)
            {
                streams[i] = new NativeMemoryBlock((long)sequences[i].Length * model.Config.HiddenSize * sizeof(float));
                for (int first = 0; first < sequences[i].Length; first += batch.Count)
                {
                    Fill(i, first);
                    model.Embed(batch, Rows(i, first));
                }
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The threads that compute; an observer may use them while it is shown a value.</summary>
    public WorkerPool Workers => model.Workers;

    /// <summary>Runs a layer with the model's own weights and shows its values; the streams stay before the layer.</summary>
    /// <param name="layer">Which layer, from 0.</param>
    /// <param name="observer">Is shown the values of every sequence, in order, some tokens at a time.</param>
    /// <param name="cancellationToken">Looked at between passes.</param>
    /// <exception cref="NonFiniteException">NaN or infinity appeared.</exception>
    public void Observe(int layer, ActivationObserver observer, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(observer);
        Run(layer, keep: false, observer, null, cancellationToken);
    }

    /// <summary>Moves the streams behind a layer.</summary>
    /// <param name="layer">Which layer, from 0.</param>
    /// <param name="replacement">Another matrix of the same shape for a canonical name, or null where the model's own holds.</param>
    /// <param name="cancellationToken">Looked at between passes; after it was triggered the streams are of no use.</param>
    /// <exception cref="ArgumentException">A matrix has another shape.</exception>
    /// <exception cref="NonFiniteException">NaN or infinity appeared.</exception>
    public void Advance(int layer, Func<string, Tensor?> replacement, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(replacement);
        Run(layer, keep: true, null, replacement, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        cache.Dispose();
        foreach (NativeMemoryBlock? stream in streams)
        {
            stream?.Dispose();
        }
    }

    private static void Check(LanguageModel model, IReadOnlyList<int[]> sequences)
    {
        if (model.Options.Adapters.Count > 0)
        {
            throw new ArgumentException("Layers are run one at a time on models without adapters only.", nameof(model));
        }

        if (sequences.Count == 0 || sequences.Any(sequence => sequence.Length == 0 || sequence.Length > model.ContextLength))
        {
            throw new ArgumentException($"Sequences of 1 to {model.ContextLength} tokens are needed.", nameof(sequences));
        }

        int vocabulary = model.Config.VocabularySize;
        if (sequences.Any(sequence => Array.Exists(sequence, token => (uint)token >= (uint)vocabulary)))
        {
            throw new ArgumentException($"A token is not in the vocabulary of {vocabulary}.", nameof(sequences));
        }
    }

    private void Run(
        int layer, bool keep, ActivationObserver? observer, Func<string, Tensor?>? replacement, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(layer, model.Config.LayerCount);
        for (int i = 0; i < streams.Length; i++)
        {
            for (int first = 0; first < sequences[i].Length; first += batch.Count)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Fill(i, first);
                Span<float> rows = Rows(i, first);
                model.RunLayer(batch, layer, rows, keep ? rows : default, observer, replacement);
            }
        }
    }

    // The next tokens of a sequence. Its keys and values lie in the cache at their positions, over those of the sequence before.
    private void Fill(int sequence, int first)
    {
        batch.Clear();
        int count = Math.Min(model.Options.ChunkSize, sequences[sequence].Length - first);
        batch.AddAt(cache, first, sequences[sequence].AsSpan(first, count));
    }

    private Span<float> Rows(int sequence, int first)
    {
        int width = model.Config.HiddenSize;
        return new((float*)streams[sequence].Pointer + ((nint)first * width), checked(batch.Count * width));
    }
}
