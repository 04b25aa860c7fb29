using System.Buffers.Binary;
using System.Text;
using Lapidary.Numerics;

namespace Lapidary.Checkpoints;

/// <summary>
/// Writes a GGUF file of version 3 as a stream (ggml/include/gguf.h): metadata and all tensors are declared first, then their data comes in
/// the order of the declarations, in pieces of any size. The file gets its name in <see cref="Complete"/>; before that, or after a failure,
/// there is only a temporary one.
/// </summary>
public sealed class GgufWriter : IDisposable
{
    /// <summary>The key of the alignment; files are written with the alignment that holds where it is left out.</summary>
    internal const string AlignmentKey = "general.alignment";

    private const int Alignment = 32;
    private const int RankLimit = 4;

    // GGML_MAX_NAME of ggml/include/ggml.h, less the zero at the end.
    private const int NameLimit = 63;

    private readonly string path;
    private readonly string temporary;
    private readonly FileStream stream;
    private readonly IReadOnlyList<TensorDeclaration> tensors;
    private int current;
    private long written;
    private bool completed;

    /// <summary>Begins a file.</summary>
    /// <param name="path">The name that the file gets in the end; an existing file is replaced.</param>
    /// <param name="metadata">What the file says beside its tensors.</param>
    /// <param name="tensors">What is going to be written, in the order in which it will come; shapes outermost dimension first.</param>
    /// <exception cref="ArgumentException">A name is there twice or too long, or a tensor cannot be in such a file.</exception>
    /// <exception cref="CheckpointException">The file cannot be written.</exception>
    public GgufWriter(string path, GgufMetadata metadata, IReadOnlyList<TensorDeclaration> tensors)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(metadata);
        ArgumentNullException.ThrowIfNull(tensors);
        this.path = path;
        this.tensors = tensors;
        byte[] header = Header(metadata, tensors);
        temporary = OutputFolder.TemporaryFor(path);
        stream = OutputFolder.Create(temporary);
        try
        {
            stream.Write(header);
        }
        catch (IOException thrown)
        {
            Dispose();
            throw OutputFolder.CannotWrite(path, thrown);
        }
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
            stream.Write(data);
            written += data.Length;
            if (written == tensors[current].ByteLength)
            {
                stream.Write(stackalloc byte[(int)(Aligned(written) - written)]);
                current++;
                written = 0;
            }
        }
        catch (IOException thrown)
        {
            throw OutputFolder.CannotWrite(path, thrown);
        }
    }

    /// <summary>Writes a whole tensor, which must be the next one that was declared.</summary>
    /// <exception cref="InvalidOperationException">Its size is not the declared one.</exception>
    /// <exception cref="CheckpointException">The file cannot be written.</exception>
    public unsafe void Write(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (written != 0 || current == tensors.Count || tensor.ByteLength != tensors[current].ByteLength)
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
            stream.Flush(flushToDisk: true);
            stream.Dispose();
            File.Move(temporary, path, overwrite: true);
            completed = true;
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            throw OutputFolder.CannotWrite(path, thrown);
        }
    }

    /// <summary>Closes the file, and removes it if it was not completed.</summary>
    public void Dispose()
    {
        if (completed)
        {
            return;
        }

        try
        {
            stream.Dispose();
        }
        catch (IOException)
        {
            // The disk is full; what could not be flushed is removed anyway.
        }

        OutputFolder.Discard(temporary);
    }

    private static long Aligned(long position) => checked(position + Alignment - 1) / Alignment * Alignment;

    private static byte[] Header(GgufMetadata metadata, IReadOnlyList<TensorDeclaration> tensors)
    {
        using var buffer = new MemoryStream();
        buffer.Write("GGUF"u8);
        Number(buffer, 3u);
        Number(buffer, (ulong)tensors.Count);
        Number(buffer, (ulong)metadata.Count);
        buffer.Write(metadata.Content);
        var names = new HashSet<string>(StringComparer.Ordinal);
        long position = 0;
        foreach (TensorDeclaration tensor in tensors)
        {
            byte[] name = Encoding.UTF8.GetBytes(tensor.Name);
            if (name.Length is 0 or > NameLimit || !names.Add(tensor.Name))
            {
                throw new ArgumentException($"The name {tensor.Name} is declared twice, empty or longer than {NameLimit} bytes.", nameof(tensors));
            }

            if (tensor.Type.GgmlNumber is not uint type || tensor.Shape.Length is 0 or > RankLimit || tensor.Shape.Any(size => size <= 0))
            {
                throw new ArgumentException(
                    $"A GGUF file cannot hold {tensor.Name}, {tensor.Type} {TensorInfo.Describe(tensor.Shape.AsSpan())}.", nameof(tensors));
            }

            Number(buffer, (ulong)name.Length);
            buffer.Write(name);
            Number(buffer, (uint)tensor.Shape.Length);

            // The contiguous dimension comes first.
            foreach (long size in tensor.Shape.Reverse())
            {
                Number(buffer, (ulong)size);
            }

            Number(buffer, type);
            Number(buffer, (ulong)position);
            position = Aligned(checked(position + tensor.ByteLength));
        }

        buffer.SetLength(Aligned(buffer.Length));
        return buffer.ToArray();
    }

    private static void Number(MemoryStream buffer, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        buffer.Write(bytes);
    }

    private static void Number(MemoryStream buffer, ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        buffer.Write(bytes);
    }
}
