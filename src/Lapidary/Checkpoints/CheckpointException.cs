namespace Lapidary.Checkpoints;

/// <summary>
/// A file of a checkpoint cannot be used. The message is one sentence that names the file, what was expected and what was found; readers
/// throw nothing else for bad content, missing files or missing permissions.
/// </summary>
public class CheckpointException : Exception
{
    /// <summary>An error about the file or folder at <paramref name="path"/>.</summary>
    /// <param name="path">The file or folder that is at fault.</param>
    /// <param name="fact">What was expected and what was found, as the rest of a sentence.</param>
    public CheckpointException(string path, string fact)
        : this(path, fact, null)
    {
    }

    /// <summary>An error with the exception that caused it.</summary>
    /// <param name="path">The file or folder that is at fault.</param>
    /// <param name="fact">What was expected and what was found, as the rest of a sentence.</param>
    /// <param name="cause">What was caught.</param>
    public CheckpointException(string path, string fact, Exception? cause)
        : base($"{path}: {fact}", cause)
    {
        Path = path;
        Fact = fact;
    }

    /// <summary>The file or folder that is at fault.</summary>
    public string Path { get; }

    /// <summary>What was expected and what was found.</summary>
    public string Fact { get; }
}
