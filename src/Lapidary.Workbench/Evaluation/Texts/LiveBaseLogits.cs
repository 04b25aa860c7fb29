using Lapidary.Inference;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;

namespace Lapidary.Workbench.Evaluation.Texts;

/// <summary>A base that runs beside the tested model: its predictions are exact, not rounded to 16 bits.</summary>
public sealed unsafe class LiveBaseLogits : IBaseLogits, IDisposable
{
    private readonly ModelRows rows;

    /// <summary>Takes a model, which must outlive it.</summary>
    public LiveBaseLogits(LanguageModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        rows = new ModelRows(model);
        VocabularySize = model.Config.VocabularySize;
    }

    /// <inheritdoc/>
    public int VocabularySize { get; }

    /// <inheritdoc/>
    public void Begin(int chunk, ReadOnlySpan<int> tokens) => rows.Begin(tokens);

    /// <inheritdoc/>
    /// <exception cref="NonFiniteException">NaN or infinity appeared.</exception>
    public void Fill(WorkerPool pool, ReadOnlySpan<int> tokens, float* logits, Span<float> largest, Span<double> logSums)
    {
        var target = logits;
        rows.Process(tokens, (_, _, tile) =>
        {
            tile.CopyTo(new Span<float>(target, tile.Length));
            target += tile.Length;
        });
        LogSumExp.Forward(pool, logits, tokens.Length, VocabularySize, largest, logSums);
        rows.ThrowIfNonFinite(logSums[..tokens.Length]);
    }

    /// <inheritdoc/>
    public void Dispose() => rows.Dispose();
}
