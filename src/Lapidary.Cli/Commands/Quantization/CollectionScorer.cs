using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Commands.Texts;
using Lapidary.Cli.Models;
using Lapidary.Cli.Output;
using Lapidary.Inference;
using Lapidary.Workbench.Compression.Collections;
using Lapidary.Workbench.Evaluation.Texts;

namespace Lapidary.Cli.Commands.Quantization;

/// <summary>
/// Measures the files of a collection on a text. The unquantized model runs over it once, when the first file is measured; what it predicts lies in a
/// temporary file in the folder of the collection.
/// </summary>
internal sealed class CollectionScorer : IDisposable
{
    private const string BaseOption = "--base";

    private readonly Invocation invocation;
    private readonly TextChunks chunks;
    private readonly string folder;
    private readonly string basePath;
    private readonly string baseHash;
    private readonly InferenceOptions options;
    private TemporaryRecording? recording;

    public CollectionScorer(Invocation invocation, string modelPath, string? baseModel, TextChunks chunks, string folder, int threads)
    {
        this.invocation = invocation;
        this.chunks = chunks;
        this.folder = folder;
        options = new InferenceOptions { Threads = threads, Exact = true };
        basePath = baseModel is null ? modelPath : ModelLocator.Find(baseModel);
        using LanguageModel model = LanguageModel.Open(modelPath, new InferenceOptions { Threads = 1 });
        using LanguageModel reference = LanguageModel.Open(basePath, new InferenceOptions { Threads = 1 });
        ScoredText.CheckVocabulary(BaseOption, basePath, model.Config.VocabularySize, reference.Config.VocabularySize);
        ScoredText.CheckContext("--ctx", chunks.ContextLength, reference);
        baseHash = CollectionFolder.SourceOf(reference.Checkpoint);
    }

    /// <summary>The perplexity of the unquantized model; null where no file had to be measured.</summary>
    public UncertainValue? BasePerplexity => recording?.Scores.Perplexity.Perplexity;

    /// <summary>What a file scores.</summary>
    /// <param name="collection">The collection.</param>
    /// <param name="entry">The file.</param>
    /// <param name="earlier">What an earlier run measured; taken where it is the same measurement.</param>
    public CollectionScores Score(CollectionFolder collection, CollectionEntry entry, CollectionScores? earlier)
    {
        string scoredOn = CollectionFolder.ScoredOn(entry.Sha256, baseHash, chunks);
        if (earlier?.ScoredOn == scoredOn)
        {
            return earlier;
        }

        recording ??= Record();
        using LanguageModel model = LanguageModel.Open(Path.Combine(collection.Folder, entry.File), options);
        using var evaluator = new TextEvaluator(model);
        TextScores scores;
        using (TextProgressLine line = Line(entry.Type))
        {
            scores = evaluator.Run(chunks, recording.Logits, null, line, invocation.Cancellation);
        }

        return new CollectionScores(scores.Perplexity.Perplexity, scores.Divergence!.Divergence, scores.Divergence.SameTop, scoredOn);
    }

    public void Dispose() => recording?.Dispose();

    private TemporaryRecording Record()
    {
        using LanguageModel model = LanguageModel.Open(basePath, options);
        using TextProgressLine line = Line("unquantized");
        return TemporaryRecording.Record(model, chunks, folder, line, invocation.Cancellation);
    }

    private static TextProgressLine Line(string title) => new(Console.Error, !Console.IsErrorRedirected, TimeProvider.System, title + ": ");
}
