using Lapidary.Inference;
using Lapidary.Numerics;
using Lapidary.Workbench.Evaluation.Texts;

namespace Lapidary.Workbench.Compression.Search;

/// <summary>Measures how far a model with some matrices replaced is from itself.</summary>
internal sealed class DivergenceMeter : IDisposable
{
    private readonly string model;
    private readonly InferenceOptions options;
    private readonly TemporaryRecording recording;
    private readonly CancellationToken cancellation;

    /// <summary>Runs the model as it is over a text.</summary>
    /// <param name="model">The model.</param>
    /// <param name="chunks">The text.</param>
    /// <param name="scratch">A folder for what is recorded meanwhile.</param>
    /// <param name="threads">Threads that compute.</param>
    /// <param name="cancellation">Ends the work.</param>
    public DivergenceMeter(string model, TextChunks chunks, string scratch, int threads, CancellationToken cancellation)
    {
        this.model = model;
        this.cancellation = cancellation;
        Chunks = chunks;
        options = new InferenceOptions { Threads = threads, Exact = true };
        using LanguageModel opened = LanguageModel.Open(model, options);
        recording = TemporaryRecording.Record(opened, chunks, scratch, null, cancellation);
    }

    /// <summary>The text.</summary>
    public TextChunks Chunks { get; }

    /// <summary>What the model scores with replacements, by canonical names, on the first chunks of the text.</summary>
    public TextScores Score(IReadOnlyDictionary<string, Tensor> replacements, int chunks)
    {
        using LanguageModel opened = LanguageModel.Open(model, options with { Replacements = replacements });
        using var evaluator = new TextEvaluator(opened);
        var part = new TextChunks(Chunks.Tokens, Chunks.ContextLength, Chunks.Input(0)[0], chunks);
        return evaluator.Run(part, recording.Logits, null, null, cancellation);
    }

    /// <inheritdoc/>
    public void Dispose() => recording.Dispose();
}
