using System.Diagnostics;
using Lapidary.Inference;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Memory;
using Lapidary.Numerics.Threading;

namespace Lapidary.Workbench.Evaluation.Texts;

/// <summary>
/// The perplexity of a model on texts, and its divergence from a base, as llama.cpp's perplexity tool computes them: chunk by chunk, the
/// second half of each scored behind the first.
/// </summary>
/// <remarks>
/// The exact kernels are used, so the numbers are the same bits for any number of threads. Of the logits only a tile is in memory at a time,
/// 64 MiB and with a base three of them, however long the text is. Used by one thread at a time.
/// </remarks>
public sealed unsafe class TextEvaluator : IDisposable
{
    // Rows of base and model side by side: as many as the model gives at once for a large vocabulary.
    private const long UsualTileBytes = 64L << 20;

    private readonly long tileBytes;
    private readonly ModelRows rows;
    private readonly WorkerPool pool;
    private readonly LanguageModel model;
    private readonly int vocabulary;
    private float[] largest = [];
    private double[] logSums = [];
    private float[] baseLargest = [];
    private double[] baseLogSums = [];
    private double[] divergences = [];
    private bool[] sameTop = [];
    private NativeMemoryBlock? baseTile;

    /// <summary>An evaluator; the model must outlive it.</summary>
    public TextEvaluator(LanguageModel model)
        : this(model, UsualTileBytes)
    {
    }

    /// <summary>An evaluator that holds at most <paramref name="tileBytes"/> of the base's logits, but at least a row.</summary>
    internal TextEvaluator(LanguageModel model, long tileBytes)
    {
        ArgumentNullException.ThrowIfNull(model);
        this.tileBytes = tileBytes;
        this.model = model;
        rows = new ModelRows(model);
        vocabulary = model.Config.VocabularySize;
        pool = new WorkerPool(model.Options.Threads);
    }

    /// <summary>Scores a text.</summary>
    /// <param name="chunks">Its chunks.</param>
    /// <param name="baseLogits">The base; null for none.</param>
    /// <param name="record">Gets the predictions of the model; null for nobody.</param>
    /// <param name="progress">Told after every chunk, and once before the first.</param>
    /// <param name="cancellation">Ends the work between two passes.</param>
    /// <exception cref="ArgumentException">
    /// A chunk is longer than the context of the model, a token is not in its vocabulary, or the base has another vocabulary.
    /// </exception>
    /// <exception cref="NonFiniteException">NaN or infinity appeared.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was triggered.</exception>
    public TextScores Run(
        TextChunks chunks,
        IBaseLogits? baseLogits = null,
        RecordedLogitsWriter? record = null,
        IProgress<TextProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(chunks);
        Check(chunks, baseLogits);
        int portion = baseLogits is null ? chunks.ScoredCount : (int)Math.Clamp(tileBytes / (vocabulary * (long)sizeof(float)), 1, chunks.ScoredCount);
        MakeRoom(portion, baseLogits is not null);
        var total = new TokenScores();
        var scores = new ChunkScore[chunks.Count];
        var watch = Stopwatch.StartNew();
        progress?.Report(new TextProgress(0, chunks.Count, double.NaN, null, watch.Elapsed));
        for (int chunk = 0; chunk < chunks.Count; chunk++)
        {
            scores[chunk] = Score(chunks, chunk, portion, baseLogits, record, total, cancellation);
            progress?.Report(new TextProgress(
                chunk + 1, chunks.Count, total.Perplexity().Perplexity.Value, total.MeanDivergence, watch.Elapsed));
        }

        return new TextScores(total.Perplexity(), total.Divergence(), scores);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        rows.Dispose();
        pool.Dispose();
        baseTile?.Dispose();
    }

    private ChunkScore Score(
        TextChunks chunks,
        int chunk,
        int portion,
        IBaseLogits? baseLogits,
        RecordedLogitsWriter? record,
        TokenScores total,
        CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        int[] input = chunks.Input(chunk);
        ReadOnlyMemory<int> targets = chunks.Targets(chunk);
        var sums = new ChunkSums();
        rows.Begin(input.AsSpan(0, chunks.FirstScored));
        baseLogits?.Begin(chunk, input.AsSpan(0, chunks.FirstScored));
        for (int done = 0; done < chunks.ScoredCount; done += portion)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(portion, chunks.ScoredCount - done);
            ReadOnlySpan<int> tokens = input.AsSpan(chunks.FirstScored + done, count);
            baseLogits?.Fill(pool, tokens, (float*)baseTile!.Pointer, baseLargest, baseLogSums);
            int seen = 0;
            rows.Process(tokens, (_, present, logits) =>
            {
                fixed (float* x = logits)
                {
                    Take(x, seen, present, targets.Span.Slice(done + seen, present), baseLogits is not null, record, total, sums);
                }

                seen += present;
            });
        }

        return sums.Score(chunk, baseLogits is not null);
    }

    // Rows of the model that are there now; those of the base lie in the tile, the first of them at row first.
    private void Take(
        float* logits, int first, int count, ReadOnlySpan<int> targets, bool hasBase, RecordedLogitsWriter? record, TokenScores total, ChunkSums sums)
    {
        LogSumExp.Forward(pool, logits, count, vocabulary, largest, logSums);
        rows.ThrowIfNonFinite(logSums.AsSpan(0, count));
        float* reference = null;
        if (hasBase)
        {
            reference = (float*)baseTile!.Pointer + ((nint)first * vocabulary);
            LogitDivergence.Forward(
                pool,
                new LogitRows(reference, baseLargest.AsSpan(first), baseLogSums.AsSpan(first)),
                new LogitRows(logits, largest, logSums),
                vocabulary,
                divergences.AsSpan(0, count),
                sameTop);
        }

        for (int i = 0; i < count; i++)
        {
            nint place = ((nint)i * vocabulary) + targets[i];
            double nll = logSums[i] - logits[place];
            record?.Write(new ReadOnlySpan<float>(logits + ((nint)i * vocabulary), vocabulary), largest[i], logSums[i]);
            if (hasBase)
            {
                var token = new TokenComparison(nll, baseLogSums[first + i] - reference[place], divergences[i], sameTop[i]);
                total.Add(token);
                sums.Add(token);
            }
            else
            {
                total.Add(nll);
                sums.Add(new TokenComparison(nll, 0, 0, false));
            }
        }
    }

    private void MakeRoom(int count, bool hasBase)
    {
        if (largest.Length < count)
        {
            largest = new float[count];
            logSums = new double[count];
            baseLargest = new float[count];
            baseLogSums = new double[count];
            divergences = new double[count];
            sameTop = new bool[count];
        }

        long bytes = (long)count * vocabulary * sizeof(float);
        if (hasBase && (baseTile is null || baseTile.ByteLength < bytes))
        {
            baseTile?.Dispose();
            baseTile = null;
            baseTile = new NativeMemoryBlock(bytes);
        }
    }

    private void Check(TextChunks chunks, IBaseLogits? baseLogits)
    {
        if (chunks.ContextLength > model.ContextLength)
        {
            throw new ArgumentException(
                $"Chunks of {chunks.ContextLength} tokens are longer than the context of the model, {model.ContextLength}.", nameof(chunks));
        }

        if (baseLogits is not null && baseLogits.VocabularySize != vocabulary)
        {
            throw new ArgumentException(
                $"A base with a vocabulary of {baseLogits.VocabularySize} tokens cannot be compared with a model that has {vocabulary}.", nameof(baseLogits));
        }

        foreach (int token in chunks.Tokens.Span)
        {
            if ((uint)token >= (uint)vocabulary)
            {
                throw new ArgumentException($"Token {token} is not in the vocabulary of {vocabulary}.", nameof(chunks));
            }
        }
    }
}
