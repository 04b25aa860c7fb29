namespace Lapidary.Checkpoints;

/// <summary>The system failed to write a file that it was right to ask for: the disk is full, or the device reports an error.</summary>
public sealed class CheckpointWriteException : CheckpointException
{
    /// <summary>An error about the file at <paramref name="path"/>.</summary>
    /// <param name="path">The file that could not be written.</param>
    /// <param name="fact">What happened, as the rest of a sentence.</param>
    /// <param name="cause">What was caught.</param>
    public CheckpointWriteException(string path, string fact, Exception? cause)
        : base(path, fact, cause)
    {
    }
}
