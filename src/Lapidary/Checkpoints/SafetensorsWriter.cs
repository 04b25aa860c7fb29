using System.Buffers.Binary;
using System.Text.Json;
using Lapidary.Numerics;

namespace Lapidary.Checkpoints;

/// <summary>
/// Writes one safetensors file as a stream: all tensors are declared first, then their data comes in the order of the declarations, in
/// pieces of any size. The file gets its name in <see cref="Complete"/>; before that, or after a failure, there is only a temporary one.
/// </summary>
public sealed class SafetensorsWriter : IDisposable
{
    private readonly string path;
    private readonly string temporary;
    private readonly bool renames;
    private readonly FileStream stream;
    private readonly IReadOnlyList<TensorDeclaration> tensors;
    private readonly long[] offsets;
    private int current;
    private long written;
    private bool completed;

    /// <summary>Begins a file.</summary>
    /// <param name="path">The name that the file gets in the end; an existing file is replaced.</param>
    /// <param name="tensors">What is going to be written, in the order in which it will come.</param>
    /// <param name="metadata">The <c>__metadata__</c>; <c>format = pt</c>, which transformers asks for, where left out.</param>
    /// <exception cref="ArgumentException">A name is there twice, or a tensor cannot be in such a file.</exception>
    /// <exception cref="CheckpointException">The file cannot be written.</exception>
    public SafetensorsWriter(
        string path, IReadOnlyList<TensorDeclaration> tensors, IReadOnlyDictionary<string, string>? metadata = null)
        : this(path, OutputFolder.TemporaryFor(path), tensors, metadata)
    {
        renames = true;
    }

    /// <summary>Begins a file that somebody else renames.</summary>
    internal SafetensorsWriter(
        string path, string temporary, IReadOnlyList<TensorDeclaration> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        this.path = path;
        this.temporary = temporary;
        this.tensors = tensors;
        offsets = new long[tensors.Count];
        byte[] header = Layout(tensors, metadata, offsets);
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
                stream.Position = offsets[current];
            }

            stream.Write(data);
        }
        catch (IOException thrown)
        {
            throw OutputFolder.CannotWrite(path, thrown);
        }

        written += data.Length;
        if (written == tensors[current].ByteLength)
        {
            Next();
        }
    }

    /// <summary>Writes a whole tensor, which must be the next one that was declared.</summary>
    /// <exception cref="InvalidOperationException">Its size is not the declared one.</exception>
    /// <exception cref="CheckpointException">The file cannot be written.</exception>
    public unsafe void Write(Tensor tensor)
    {
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
            stream.Flush(flushToDisk: true);
            stream.Dispose();
            if (renames)
            {
                File.Move(temporary, path, overwrite: true);
            }

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
            stream?.Dispose();
        }
        catch (IOException)
        {
            // The disk is full; what could not be flushed is removed anyway.
        }

        OutputFolder.Discard(temporary);
    }

    // Wider types come first, so that all data is aligned to its type however the types mix; the order of writing stays the caller's.
    private static byte[] Layout(
        IReadOnlyList<TensorDeclaration> tensors, IReadOnlyDictionary<string, string>? metadata, long[] offsets)
    {
        using var buffer = new MemoryStream();
        buffer.Write(stackalloc byte[8]);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            foreach ((string key, string value) in metadata ?? new Dictionary<string, string> { ["format"] = "pt" })
            {
                json.WriteString(key, value);
            }

            json.WriteEndObject();
            var names = new HashSet<string>(StringComparer.Ordinal) { "__metadata__" };
            long position = 0;
            foreach (int i in Enumerable.Range(0, tensors.Count).OrderByDescending(i => Width(tensors[i])))
            {
                if (!tensors[i].Type.IsInSafetensors)
                {
                    throw new ArgumentException($"A safetensors file cannot hold {tensors[i].Name}, which is {tensors[i].Type}.", nameof(tensors));
                }

                if (!names.Add(tensors[i].Name))
                {
                    throw new ArgumentException($"The tensor {tensors[i].Name} is declared twice.", nameof(tensors));
                }

                offsets[i] = position;
                position = checked(position + tensors[i].ByteLength);
                WriteEntry(json, tensors[i], offsets[i], position);
            }

            json.WriteEndObject();
        }

        while (buffer.Length % 8 != 0)
        {
            buffer.WriteByte((byte)' ');
        }

        byte[] header = buffer.ToArray();
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)(header.Length - 8));
        for (int i = 0; i < offsets.Length; i++)
        {
            offsets[i] += header.Length;
        }

        return header;
    }

    private static long Width(TensorDeclaration tensor) => tensor.Type.ByteLengthOf([8]) ?? 0;

    private static void WriteEntry(Utf8JsonWriter json, TensorDeclaration tensor, long start, long end)
    {
        json.WriteStartObject(tensor.Name);
        json.WriteString("dtype", tensor.Type.Name);
        json.WriteStartArray("shape");
        foreach (long size in tensor.Shape)
        {
            json.WriteNumberValue(size);
        }

        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(start);
        json.WriteNumberValue(end);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void Next()
    {
        current++;
        written = 0;
        SkipEmpty();
    }

    private void SkipEmpty()
    {
        while (current < tensors.Count && tensors[current].ByteLength == 0)
        {
            current++;
        }
    }
}
