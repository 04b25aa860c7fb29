using Lapidary.Checkpoints;

namespace Lapidary.Text.Data;

/// <summary>
/// Data that cannot be used for training as they stand. The message is one sentence that names the file, what was expected and what was
/// found. A single row that cannot be used is no error: see <see cref="TrainingData.Unusable"/>.
/// </summary>
public sealed class TrainingDataException : CheckpointException
{
    /// <summary>An error about the file or folder at <paramref name="path"/>.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="fact">What was expected and what was found, as the rest of a sentence.</param>
    /// <param name="cause">What was caught, if anything.</param>
    public TrainingDataException(string path, string fact, Exception? cause = null)
        : base(path, fact, cause)
    {
    }
}
