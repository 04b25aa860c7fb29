using Lapidary.Checkpoints;
using Lapidary.Inference;

namespace Lapidary.Workbench.Evaluation.Texts;

/// <summary>
/// The predictions of a model on a text, recorded once for several comparisons in a file that is removed again: in 16 bits, as
/// <see cref="RecordedLogitsWriter"/> records.
/// </summary>
public sealed class TemporaryRecording : IDisposable
{
    private readonly string path;

    private TemporaryRecording(string path, RecordedLogits logits, TextScores scores)
    {
        this.path = path;
        Logits = logits;
        Scores = scores;
    }

    /// <summary>The predictions.</summary>
    public RecordedLogits Logits { get; }

    /// <summary>What the model itself scores on the text.</summary>
    public TextScores Scores { get; }

    /// <summary>Runs a model over a text and records what it predicts.</summary>
    /// <param name="model">The model.</param>
    /// <param name="chunks">The text.</param>
    /// <param name="folder">Where the file lies meanwhile; made if it is not there.</param>
    /// <param name="progress">Told after every chunk.</param>
    /// <param name="cancellation">Ends the work; nothing stays.</param>
    /// <exception cref="CheckpointException">The file cannot be written: above all where the disk is too small for it.</exception>
    /// <exception cref="NonFiniteException">NaN or infinity appeared.</exception>
    public static TemporaryRecording Record(
        LanguageModel model, TextChunks chunks, string folder, IProgress<TextProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(chunks);
        string path = Path.Combine(folder, $".logits.{Guid.NewGuid():N}.tmp");
        try
        {
            TextScores scores;
            using (var writer = new RecordedLogitsWriter(path, chunks, model.Config.VocabularySize))
            using (var evaluator = new TextEvaluator(model))
            {
                scores = evaluator.Run(chunks, null, writer, progress, cancellation);
                writer.Complete();
            }

            return new TemporaryRecording(path, RecordedLogits.Open(path), scores);
        }
        catch
        {
            Remove(path);
            throw;
        }
    }

    /// <summary>Removes the file.</summary>
    public void Dispose()
    {
        Logits.Dispose();
        Remove(path);
    }

    private static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            // The name says that it is temporary; nothing reads it.
        }
    }
}
