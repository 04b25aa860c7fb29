namespace Lapidary.Checkpoints;

/// <summary>Takes the data of tensors that were declared before: a file, or the files of a checkpoint.</summary>
internal interface ITensorSink
{
    /// <summary>Adds data to the current tensor, and goes on to the next one when it is full.</summary>
    /// <exception cref="InvalidOperationException">The data is more than the current tensor holds.</exception>
    /// <exception cref="CheckpointException">The file cannot be written.</exception>
    void Write(ReadOnlySpan<byte> data);
}
