using Lapidary.Numerics.Threading;

namespace Lapidary.Workbench.Evaluation.Texts;

/// <summary>The predictions of the base that a model is compared with: those of a model that runs beside it, or recorded ones.</summary>
public unsafe interface IBaseLogits
{
    /// <summary>Logits of a row.</summary>
    int VocabularySize { get; }

    /// <summary>Begins a chunk.</summary>
    /// <param name="chunk">Index of the chunk; they come in order.</param>
    /// <param name="tokens">Its tokens before the first scored row, as a model sees them.</param>
    void Begin(int chunk, ReadOnlySpan<int> tokens);

    /// <summary>Gives the next rows of the chunk.</summary>
    /// <param name="pool">Workers that may be used.</param>
    /// <param name="tokens">The tokens behind which the rows stand.</param>
    /// <param name="logits">Gets the rows [tokens, vocabulary].</param>
    /// <param name="largest">Gets the largest number of each row [tokens].</param>
    /// <param name="logSums">Gets what is subtracted from a row for log-probabilities [tokens].</param>
    void Fill(WorkerPool pool, ReadOnlySpan<int> tokens, float* logits, Span<float> largest, Span<double> logSums);
}
