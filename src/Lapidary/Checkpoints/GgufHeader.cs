using System.Collections.Immutable;
using System.Numerics;

namespace Lapidary.Checkpoints;

/// <summary>The header of a GGUF file of version 2 or 3: metadata and the list of tensors (ggml/include/gguf.h).</summary>
internal sealed class GgufHeader
{
    // A key needs a length, one byte, a type and one byte of value; a tensor a length, one byte, a rank, a type and an offset.
    private const int LeastPair = 8 + 1 + 4 + 1;
    private const int LeastTensor = 8 + 1 + 4 + 4 + 8;
    private const int NameLimit = 65535;
    private const int RankLimit = 4;

    private GgufHeader(int version, OrderedDictionary<string, GgufValue> metadata)
    {
        Version = version;
        Metadata = metadata;
    }

    /// <summary>2 or 3.</summary>
    public int Version { get; }

    /// <summary>The metadata in the order of the file.</summary>
    public OrderedDictionary<string, GgufValue> Metadata { get; }

    /// <summary>The tensors in the order of the file; <see cref="TensorInfo.Name"/> is still the stored name.</summary>
    public OrderedDictionary<string, TensorInfo> Tensors { get; } = new(StringComparer.Ordinal);

    /// <summary>What offsets of tensors are multiples of.</summary>
    public long Alignment { get; private set; } = 32;

    /// <summary>Parses and checks a header.</summary>
    /// <param name="head">The file, or its first 2 GB.</param>
    /// <param name="fileLength">Length of the file in bytes.</param>
    /// <param name="path">Named in errors.</param>
    /// <exception cref="CheckpointException">The file is not valid.</exception>
    public static GgufHeader Parse(ReadOnlyMemory<byte> head, long fileLength, string path)
    {
        var reader = new GgufReader(head.Span, fileLength, path);
        CheckMagic(head.Span, path);
        reader.ReadUInt32("magic number");
        uint version = reader.ReadUInt32("version");
        if (version is not (2 or 3))
        {
            // In a big-endian file the low half of the version comes last.
            throw new CheckpointException(
                path,
                version != 0 && (version & 0xFFFF) == 0
                    ? "is a big-endian GGUF file; only little-endian files are read"
                    : $"is a GGUF file of version {version} where 2 or 3 was expected");
        }

        int afterVersion = reader.Position;
        ulong tensorCount = reader.ReadUInt64("number of tensors");
        int pairCount = reader.ReadCount(LeastPair, "number of metadata entries");
        if (tensorCount > (ulong)(reader.Remaining / LeastTensor))
        {
            throw reader.Fail(afterVersion, $"gives {tensorCount} as the number of tensors, but only {fileLength - reader.Position} bytes follow");
        }

        var header = new GgufHeader((int)version, new OrderedDictionary<string, GgufValue>(StringComparer.Ordinal));
        header.ReadMetadata(ref reader, head, pairCount, path);
        header.ReadTensors(ref reader, (int)tensorCount, fileLength, path);
        return header;
    }

    /// <summary>Reads the value at the reader's position.</summary>
    internal static GgufValue ReadValue(
        ref GgufReader reader, ReadOnlyMemory<byte> source, GgufValueType type, string path, string key)
    {
        if (type == GgufValueType.Array)
        {
            GgufValueType element = reader.ReadType(key);
            int count = reader.ReadCount(GgufReader.LeastSize(element), "number of values", key);
            int start = reader.Position;
            reader.SkipElements(element, count, key, 0);
            return new GgufValue(type, element, count, source[start..reader.Position], path, key);
        }

        int at = reader.Position;
        reader.Skip(type, key);
        int skip = type == GgufValueType.String ? 8 : 0;
        return new GgufValue(type, type, 1, source[(at + skip)..reader.Position], path, key);
    }

    private static void CheckMagic(ReadOnlySpan<byte> head, string path)
    {
        if (head.StartsWith("FUGG"u8))
        {
            throw new CheckpointException(path, "is a big-endian GGUF file; only little-endian files are read");
        }

        if (!head.StartsWith("GGUF"u8))
        {
            throw new CheckpointException(
                path, head.Length == 0 ? "is empty where a GGUF file was expected" : "does not begin with GGUF, so it is not a GGUF file");
        }
    }

    private void ReadMetadata(ref GgufReader reader, ReadOnlyMemory<byte> head, int count, string path)
    {
        for (int i = 0; i < count; i++)
        {
            int at = reader.Position;
            string key = reader.ReadName("metadata key", NameLimit);
            GgufValueType type = reader.ReadType(key);
            if (!Metadata.TryAdd(key, ReadValue(ref reader, head, type, path, key)))
            {
                throw reader.Fail(at, $"has the metadata key {key} twice");
            }
        }

        if (Metadata.TryGetValue("general.alignment", out GgufValue? alignment))
        {
            Alignment = alignment.ToInt64();
            if (Alignment is <= 0 or > 1 << 30 || !BitOperations.IsPow2(Alignment))
            {
                throw new CheckpointException(path, $"gives {Alignment} as general.alignment where a power of two was expected");
            }
        }
    }

    private void ReadTensors(ref GgufReader reader, int count, long fileLength, string path)
    {
        var described = new List<TensorInfo>();
        for (int i = 0; i < count; i++)
        {
            described.Add(ReadTensor(ref reader, path));
        }

        long dataStart = (reader.Position + Alignment - 1) / Alignment * Alignment;
        long dataLength = fileLength - dataStart;
        foreach (TensorInfo tensor in described)
        {
            if (tensor.ByteLength > dataLength || tensor.Offset > dataLength - tensor.ByteLength)
            {
                throw new CheckpointException(
                    path,
                    $"tensor {tensor.StoredName} needs {tensor.ByteLength} bytes at {tensor.Offset} of the data but only " +
                    $"{Math.Max(dataLength, 0)} bytes are there; the file is truncated");
            }

            if (!Tensors.TryAdd(tensor.StoredName, tensor with { Offset = dataStart + tensor.Offset }))
            {
                throw new CheckpointException(path, $"has the tensor {tensor.StoredName} twice");
            }
        }

        TensorInfo? before = null;
        foreach (TensorInfo tensor in Tensors.Values.OrderBy(tensor => tensor.Offset))
        {
            if (before is not null && tensor.Offset < before.Offset + before.ByteLength)
            {
                throw new CheckpointException(path, $"tensor {tensor.StoredName} overlaps the data of {before.StoredName}");
            }

            before = tensor;
        }
    }

    private TensorInfo ReadTensor(ref GgufReader reader, string path)
    {
        string name = reader.ReadName("tensor name", NameLimit);
        int at = reader.Position;
        uint rank = reader.ReadUInt32("rank", name);
        if (rank > RankLimit)
        {
            throw reader.Fail(at, $"tensor {name} has {rank} dimensions where at most {RankLimit} were expected");
        }

        // GGUF lists the contiguous dimension first.
        var shape = new long[rank];
        for (int i = (int)rank - 1; i >= 0; i--)
        {
            at = reader.Position;
            ulong size = reader.ReadUInt64("shape", name);
            shape[i] = size is > 0 and <= long.MaxValue
                ? (long)size
                : throw reader.Fail(at, $"tensor {name} has a dimension of {size} where 1 to 2^63 - 1 was expected");
        }

        at = reader.Position;
        uint number = reader.ReadUInt32("type", name);
        StoredType type = StoredType.FromGgml(number)
            ?? throw reader.Fail(at, $"tensor {name} has the type {number}, which ggml does not define");
        long bytes = type.ByteLengthOf(shape)
            ?? throw reader.Fail(at, $"tensor {name} of {type} {TensorInfo.Describe(shape)} has an impossible size");
        at = reader.Position;
        ulong offset = reader.ReadUInt64("offset", name);
        if (offset > long.MaxValue || offset % (ulong)Alignment != 0)
        {
            throw reader.Fail(at, $"tensor {name} has the offset {offset} where a multiple of {Alignment} was expected");
        }

        return new TensorInfo(name, name, type, [.. shape], path, (long)offset, bytes);
    }
}
