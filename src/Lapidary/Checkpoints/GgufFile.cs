using Lapidary.Numerics;
using Lapidary.Numerics.Memory;

namespace Lapidary.Checkpoints;

/// <summary>One GGUF file, mapped into memory: a model, an adapter or an importance matrix. Names are those of the file.</summary>
public sealed class GgufFile : IDisposable
{
    private readonly GgufHeader header;
    private readonly MappedMemory memory;
    private bool disposed;

    private GgufFile(MappedFile map, MappedMemory memory, GgufHeader header)
    {
        Map = map;
        this.memory = memory;
        this.header = header;
    }

    /// <summary>The path that was opened.</summary>
    public string Path => Map.Path;

    /// <summary>The version of the format, 2 or 3.</summary>
    public int Version => header.Version;

    /// <summary>What the offsets of tensors are multiples of.</summary>
    public long Alignment => header.Alignment;

    /// <summary>The metadata in the order of the file.</summary>
    public IReadOnlyDictionary<string, GgufValue> Metadata => header.Metadata;

    /// <summary>The tensors by the name in the file, in its order. Shapes are given outermost dimension first.</summary>
    public IReadOnlyDictionary<string, TensorInfo> Tensors => header.Tensors;

    /// <summary>The network that the file is for, such as <c>gemma3</c>, or null if it does not say.</summary>
    /// <exception cref="CheckpointException">The key is not a text.</exception>
    public string? Architecture => Metadata.TryGetValue("general.architecture", out GgufValue? value) ? value.ToText() : null;

    /// <summary>The mapped file.</summary>
    internal MappedFile Map { get; }

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="CheckpointException">The file cannot be read or is not valid.</exception>
    public static GgufFile Open(string path)
    {
        MappedFile map = InputFile.Map(path);
        try
        {
            var memory = new MappedMemory(map);
            return new GgufFile(map, memory, GgufHeader.Parse(memory.Memory, map.ByteLength, path));
        }
        catch
        {
            map.Dispose();
            throw;
        }
    }

    /// <summary>A view of a tensor's data; it lives as long as the file is open.</summary>
    /// <exception cref="CheckpointException">There is no such tensor, or its type cannot be computed with.</exception>
    public Tensor GetTensor(string name)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (!header.Tensors.TryGetValue(name, out TensorInfo? info))
        {
            throw new CheckpointException(Path, $"has no tensor {name}");
        }

        return Checkpoint.IsSupported(info.Type)
            ? Tensor.Map(Map, info.Offset, info.Type.ElementType!.Value, info.Shape.AsSpan())
            : throw new CheckpointException(Path, $"tensor {name} is stored as {info.Type}, which cannot be computed with");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        disposed = true;
        memory.Close();
        Map.Dispose();
    }

    /// <summary>Whether the file begins as GGUF files do; false if it cannot be read.</summary>
    internal static bool HasMagic(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            Span<byte> magic = stackalloc byte[4];
            return stream.ReadAtLeast(magic, 4, throwOnEndOfStream: false) == 4 && magic.SequenceEqual("GGUF"u8);
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
