using Lapidary.Numerics;

namespace Lapidary.Checkpoints;

/// <summary>
/// Writes a file of tensors as a stream: all tensors are declared first, then their data comes in the order of the declarations, in
/// pieces of any size. The file gets its name in <see cref="Complete"/>; before that, or after a failure, there is only a temporary one.
/// </summary>
public abstract class TensorFileWriter : IDisposable, ITensorSink
{
    private readonly string path;
    private readonly string temporary;
    private readonly bool renames;
    private readonly FileStream stream;
    private readonly IReadOnlyList<TensorDeclaration> tensors;
    private readonly TensorFileLayout layout;
    private int current;
    private long written;
    private bool completed;

    /// <summary>Begins a file.</summary>
    /// <param name="path">The name that the file gets in the end; an existing file is replaced.</param>
    /// <param name="temporary">The name that it has until then.</param>
    /// <param name="renames">Whether <see cref="Complete"/> gives it its name; otherwise somebody else does.</param>
    /// <param name="tensors">What is going to be written, in the order in which it will come.</param>
    /// <param name="layout">What stands before the data, and where the data of each tensor stands.</param>
    /// <exception cref="CheckpointException">The file cannot be written.</exception>
    private protected TensorFileWriter(string path, string temporary, bool renames, IReadOnlyList<TensorDeclaration> tensors, TensorFileLayout layout)
    {
        this.path = path;
        this.temporary = temporary;
        this.renames = renames;
        this.tensors = tensors;
        this.layout = layout;
        stream = OutputFolder.Create(temporary);
        try
        {
            stream.Write(layout.Header);
        }
        catch (Exception thrown) when (IsFault(thrown))
        {
            Dispose();
            throw OutputFolder.CannotWrite(path, thrown);
        }

        SkipEmpty();
    }

    /// <summary>Adds data to the current tensor, and goes on to the next one when it is full.</summary>
    /// <exception cref="InvalidOperationException">The data is more than the current tensor holds.</exception>
    /// <exception cref="CheckpointException">The file cannot be written.</exception>
    public void Write(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
        {
            return;
        }

        if (current == tensors.Count || data.Length > tensors[current].ByteLength - written)
        {
            string place = current == tensors.Count ? "the last tensor" : tensors[current].Name;
            throw new InvalidOperationException($"{data.Length} bytes are more than {place} has room for.");
        }

        try
        {
            if (written == 0)
            {
                stream.Position = layout.Offsets[current];
            }

            stream.Write(data);
        }
        catch (Exception thrown) when (IsFault(thrown))
        {
            throw OutputFolder.CannotWrite(path, thrown);
        }

        written += data.Length;
        if (written == tensors[current].ByteLength)
        {
            current++;
            written = 0;
            SkipEmpty();
        }
    }

    /// <summary>Writes a whole tensor, which must be the next one that was declared.</summary>
    /// <exception cref="InvalidOperationException">Its size is not the declared one.</exception>
    /// <exception cref="CheckpointException">The file cannot be written.</exception>
    public unsafe void Write(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (written != 0 || (tensor.ByteLength > 0 && (current == tensors.Count || tensor.ByteLength != tensors[current].ByteLength)))
        {
            throw new InvalidOperationException("The tensor is not the one that was declared next.");
        }

        const int Piece = 1 << 26;
        for (long done = 0; done < tensor.ByteLength; done += Piece)
        {
            Write(new ReadOnlySpan<byte>(tensor.Data + done, (int)Math.Min(Piece, tensor.ByteLength - done)));
        }
    }

    /// <summary>Flushes the file to the disk and gives it its name.</summary>
    /// <exception cref="InvalidOperationException">A declared tensor was not written.</exception>
    /// <exception cref="CheckpointException">The file cannot be written.</exception>
    public void Complete()
    {
        if (current < tensors.Count)
        {
            throw new InvalidOperationException($"The tensor {tensors[current].Name} was declared but not written.");
        }

        try
        {
            if (stream.Length < layout.Length)
            {
                // What fills up the last tensor to the alignment.
                stream.SetLength(layout.Length);
            }

            stream.Flush(flushToDisk: true);
            stream.Dispose();
            if (renames)
            {
                File.Move(temporary, path, overwrite: true);
            }

            completed = true;
        }
        catch (Exception thrown) when (IsFault(thrown) || thrown is UnauthorizedAccessException)
        {
            throw OutputFolder.CannotWrite(path, thrown);
        }
    }

    /// <summary>Closes the file, and removes it if it was not completed.</summary>
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        if (completed)
        {
            return;
        }

        try
        {
            stream.Dispose();
        }
        catch (Exception thrown) when (IsFault(thrown))
        {
            // The disk is full; what could not be flushed is removed anyway.
        }

        OutputFolder.Discard(temporary);
    }

    // The second is what .NET makes of a file that is larger than its file system, or a limit of the process, allows.
    private static bool IsFault(Exception thrown) => thrown is IOException or ArgumentOutOfRangeException;

    private void SkipEmpty()
    {
        while (current < tensors.Count && tensors[current].ByteLength == 0)
        {
            current++;
        }
    }
}
