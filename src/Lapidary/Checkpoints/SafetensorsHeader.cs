using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text.Json;

namespace Lapidary.Checkpoints;

/// <summary>
/// The header of a safetensors file: eight bytes of length, then JSON, then the data. The checks are those of the reference
/// implementation (safetensors/src/tensor.rs): the tensors must cover the data exactly, without overlap and without gap.
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>The reference implementation refuses longer headers.</summary>
    public const long LengthLimit = 100_000_000;

    /// <summary>No network has tensors of higher rank; the limit keeps shapes small.</summary>
    public const int RankLimit = 8;

    private const string MetadataKey = "__metadata__";

    private SafetensorsHeader(List<TensorInfo> tensors, Dictionary<string, string> metadata)
    {
        Tensors = tensors;
        Metadata = metadata;
    }

    /// <summary>The tensors in the order of their data; <see cref="TensorInfo.Name"/> is still the stored name.</summary>
    public List<TensorInfo> Tensors { get; }

    /// <summary>The free text that the file carries.</summary>
    public Dictionary<string, string> Metadata { get; }

    /// <summary>Parses and checks a header.</summary>
    /// <param name="head">The beginning of the file: at least the header if the file has it.</param>
    /// <param name="fileLength">Length of the file in bytes.</param>
    /// <param name="path">Named in errors.</param>
    /// <exception cref="CheckpointException">The file is not valid.</exception>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> head, long fileLength, string path)
    {
        if (fileLength < 8 || head.Length < 8)
        {
            throw new CheckpointException(path, $"has {fileLength} bytes, too few for the length field of a safetensors header (8 bytes)");
        }

        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(head);
        if (length > LengthLimit)
        {
            throw new CheckpointException(path, $"gives a header length of {length} bytes where at most {LengthLimit} were expected");
        }

        if ((long)length > fileLength - 8)
        {
            throw new CheckpointException(path, $"gives a header length of {length} bytes but only {fileLength - 8} bytes follow");
        }

        ReadOnlySpan<byte> json = head.Slice(8, (int)length);
        if (json.IsEmpty || json[0] != '{')
        {
            throw new CheckpointException(path, "has a header that does not begin with '{', so it is not a safetensors file");
        }

        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 8 });
            var parser = new Parser(path, 8 + (long)length);
            SafetensorsHeader header = parser.ReadAll(ref reader);
            header.CheckLayout(8 + (long)length, fileLength, path);
            return header;
        }
        catch (JsonException thrown)
        {
            throw new CheckpointException(path, $"has a header that {JsonFile.NotJson(thrown)}", thrown);
        }
        catch (InvalidOperationException thrown)
        {
            throw new CheckpointException(path, "has a header with text that is not valid Unicode", thrown);
        }
    }

    private void CheckLayout(long dataStart, long fileLength, string path)
    {
        Tensors.Sort((a, b) => a.Offset != b.Offset ? a.Offset.CompareTo(b.Offset) : a.ByteLength.CompareTo(b.ByteLength));
        long end = dataStart;
        foreach (TensorInfo tensor in Tensors)
        {
            if (tensor.Offset != end)
            {
                string fact = tensor.Offset < end ? "overlaps the data of another tensor" : "leaves a gap before its data";
                throw new CheckpointException(
                    path,
                    $"tensor {tensor.StoredName} {fact}: it begins at {tensor.Offset - dataStart} where {end - dataStart} was expected");
            }

            end += tensor.ByteLength;
            if (end > fileLength)
            {
                throw new CheckpointException(
                    path, $"tensor {tensor.StoredName} ends at byte {end} but the file has only {fileLength} bytes; it is truncated");
            }
        }

        if (end != fileLength)
        {
            throw new CheckpointException(path, $"has {fileLength - end} bytes after the last tensor that belong to no tensor");
        }
    }

    private readonly struct Parser(string path, long dataStart)
    {
        public SafetensorsHeader ReadAll(ref Utf8JsonReader reader)
        {
            var tensors = new List<TensorInfo>();
            var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
            var names = new HashSet<string>(StringComparer.Ordinal);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string name = reader.GetString()!;
                if (!names.Add(name))
                {
                    throw new CheckpointException(path, $"has the tensor {name} twice in its header");
                }

                reader.Read();
                if (name == MetadataKey)
                {
                    ReadMetadata(ref reader, metadata);
                }
                else
                {
                    tensors.Add(ReadTensor(ref reader, name));
                }
            }

            // Reads on to the end: only white space may follow the object.
            reader.Read();
            return new SafetensorsHeader(tensors, metadata);
        }

        private void ReadMetadata(ref Utf8JsonReader reader, Dictionary<string, string> metadata)
        {
            Expect(reader.TokenType == JsonTokenType.StartObject, $"has {MetadataKey} that is not an object");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string key = reader.GetString()!;
                reader.Read();
                Expect(reader.TokenType == JsonTokenType.String, $"has {MetadataKey} whose values are not all text");
                metadata[key] = reader.GetString()!;
            }
        }

        private TensorInfo ReadTensor(ref Utf8JsonReader reader, string name)
        {
            Expect(reader.TokenType == JsonTokenType.StartObject, $"tensor {name} is not described by an object");
            StoredType? type = null;
            long[]? shape = null;
            long[]? offsets = null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string key = reader.GetString()!;
                reader.Read();
                switch (key)
                {
                    case "dtype":
                        Expect(type is null, $"tensor {name} has its dtype twice");
                        Expect(reader.TokenType == JsonTokenType.String, $"tensor {name} has a dtype that is not text");
                        string dtype = reader.GetString()!;
                        type = StoredType.FromSafetensors(dtype)
                            ?? throw new CheckpointException(path, $"tensor {name} has the dtype {dtype}, which safetensors does not define");
                        break;
                    case "shape":
                        Expect(shape is null, $"tensor {name} has its shape twice");
                        shape = ReadNumbers(ref reader, name, key, RankLimit);
                        break;
                    case "data_offsets":
                        Expect(offsets is null, $"tensor {name} has its data_offsets twice");
                        offsets = ReadNumbers(ref reader, name, key, 2);
                        break;
                    default:
                        reader.Skip();
                        break;
                }
            }

            return Describe(name, type, shape, offsets);
        }

        private TensorInfo Describe(string name, StoredType? type, long[]? shape, long[]? offsets)
        {
            Expect(type is not null, $"tensor {name} has no dtype");
            Expect(shape is not null, $"tensor {name} has no shape");
            Expect(offsets is not null, $"tensor {name} has no data_offsets");
            Expect(offsets!.Length == 2, $"tensor {name} has {offsets.Length} data_offsets where 2 were expected");
            string size = $"tensor {name} of {type} {TensorInfo.Describe(shape)}";
            long bytes = type!.ByteLengthOf(shape) ?? throw new CheckpointException(path, $"{size} has an impossible size");
            Expect(offsets[1] >= offsets[0], $"tensor {name} ends before it begins: data_offsets are {TensorInfo.Describe(offsets)}");
            Expect(offsets[1] - offsets[0] == bytes, $"{size} needs {bytes} bytes but its data_offsets give {offsets[1] - offsets[0]}");
            Expect(offsets[1] <= long.MaxValue - dataStart, $"tensor {name} has data_offsets beyond any file");
            return new TensorInfo(name, name, type, [.. shape!], path, dataStart + offsets[0], bytes);
        }

        private long[] ReadNumbers(ref Utf8JsonReader reader, string name, string key, int limit)
        {
            Expect(reader.TokenType == JsonTokenType.StartArray, $"tensor {name} has a {key} that is not an array");
            Span<long> numbers = stackalloc long[limit];
            int count = 0;
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                Expect(count < limit, $"tensor {name} has a {key} of more than {limit} numbers");
                long number = -1;
                bool whole = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out number);
                Expect(whole && number >= 0, $"tensor {name} has a {key} with something that is not a whole number of at most 2^63 - 1");
                numbers[count++] = number;
            }

            return numbers[..count].ToArray();
        }

        private void Expect(bool condition, string fact)
        {
            if (!condition)
            {
                throw new CheckpointException(path, fact);
            }
        }
    }
}
