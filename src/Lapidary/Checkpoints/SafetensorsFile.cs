using Lapidary.Numerics;
using Lapidary.Numerics.Memory;

namespace Lapidary.Checkpoints;

/// <summary>One safetensors file, mapped into memory. Names are those of the file.</summary>
public sealed class SafetensorsFile : IDisposable
{
    private readonly OrderedDictionary<string, TensorInfo> tensors = new(StringComparer.Ordinal);
    private bool disposed;

    private SafetensorsFile(MappedFile file, SafetensorsHeader header)
    {
        Map = file;
        Metadata = header.Metadata;
        foreach (TensorInfo tensor in header.Tensors)
        {
            tensors.Add(tensor.Name, tensor);
        }
    }

    /// <summary>The path that was opened.</summary>
    public string Path => Map.Path;

    /// <summary>The tensors by the name in the file, in the order of their data.</summary>
    public IReadOnlyDictionary<string, TensorInfo> Tensors => tensors;

    /// <summary>The <c>__metadata__</c> of the file.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The mapped file.</summary>
    internal MappedFile Map { get; }

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="CheckpointException">The file cannot be read or is not valid.</exception>
    public static SafetensorsFile Open(string path)
    {
        MappedFile file = InputFile.Map(path);
        try
        {
            int head = (int)Math.Min(file.ByteLength, SafetensorsHeader.LengthLimit + 8);
            return new SafetensorsFile(file, SafetensorsHeader.Parse(file.Slice(0, head), file.ByteLength, path));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>A view of a tensor's data; it lives as long as the file is open.</summary>
    /// <exception cref="CheckpointException">There is no such tensor, or its type cannot be computed with.</exception>
    public Tensor GetTensor(string name)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (!tensors.TryGetValue(name, out TensorInfo? info))
        {
            throw new CheckpointException(Path, $"has no tensor {name}");
        }

        return Checkpoint.IsSupported(info.Type)
            ? Tensor.Map(Map, info.Offset, info.Type.ElementType!.Value, info.Shape.AsSpan())
            : throw new CheckpointException(Path, $"tensor {name} is stored as {info.Type}, which cannot be computed with");
    }

    /// <summary>The bytes of a tensor of any type; valid as long as the file is open.</summary>
    /// <param name="name">The tensor.</param>
    /// <param name="start">The first byte.</param>
    /// <param name="length">How many.</param>
    /// <exception cref="CheckpointException">There is no such tensor.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The bytes do not lie inside the tensor.</exception>
    public ReadOnlySpan<byte> GetBytes(string name, long start, int length)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (!tensors.TryGetValue(name, out TensorInfo? info))
        {
            throw new CheckpointException(Path, $"has no tensor {name}");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, info.ByteLength - start);
        return Map.Slice(info.Offset + start, length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        disposed = true;
        Map.Dispose();
    }
}
