using System.Buffers.Binary;
using System.Text.Unicode;

namespace Lapidary.Checkpoints;

/// <summary>
/// Walks over the header of a GGUF file. Every length is checked against the bytes that are left before anything is read or allocated,
/// so that the work is linear in the size of the header whatever its counts claim.
/// </summary>
internal ref struct GgufReader(ReadOnlySpan<byte> bytes, long fileLength, string path)
{
    /// <summary>llama.cpp does not nest arrays at all; a few levels do no harm.</summary>
    public const int DepthLimit = 4;

    private readonly ReadOnlySpan<byte> bytes = bytes;

    /// <summary>Where the next byte is read.</summary>
    public int Position { get; private set; }

    /// <summary>Bytes of the header that are left.</summary>
    public readonly int Remaining => bytes.Length - Position;

    /// <summary>Size of a value of fixed size, 0 for text and arrays.</summary>
    public static int SizeOf(GgufValueType type) => type switch
    {
        GgufValueType.UInt8 or GgufValueType.Int8 or GgufValueType.Bool => 1,
        GgufValueType.UInt16 or GgufValueType.Int16 => 2,
        GgufValueType.UInt32 or GgufValueType.Int32 or GgufValueType.Float32 => 4,
        GgufValueType.UInt64 or GgufValueType.Int64 or GgufValueType.Float64 => 8,
        _ => 0,
    };

    // What is read is named in two parts that are only put together in errors: a vocabulary has hundreds of thousands of values.

    /// <summary>Reads 32 bits.</summary>
    public uint ReadUInt32(string what, string? of = null) => BinaryPrimitives.ReadUInt32LittleEndian(Take(4, what, of));

    /// <summary>Reads 64 bits.</summary>
    public ulong ReadUInt64(string what, string? of = null) => BinaryPrimitives.ReadUInt64LittleEndian(Take(8, what, of));

    /// <summary>Reads a count of things that take at least <paramref name="least"/> bytes each.</summary>
    public int ReadCount(int least, string what, string? of = null)
    {
        int at = Position;
        ulong count = ReadUInt64(what, of);
        if (count > (ulong)(Remaining / least))
        {
            throw Fail(at, $"gives {count} as the {Name(what, of)}, but only {fileLength - Position} bytes follow");
        }

        return (int)count;
    }

    /// <summary>Reads the bytes of a text.</summary>
    public ReadOnlySpan<byte> ReadText(string what, string? of = null)
    {
        int at = Position;
        ulong length = ReadUInt64(what, of);
        if (length > (ulong)Remaining)
        {
            throw Fail(at, $"gives {length} bytes as the length of the {Name(what, of)}, but only {fileLength - Position} bytes follow");
        }

        return Take((int)length, what, of);
    }

    /// <summary>Reads a name: a text of 1 to <paramref name="limit"/> bytes in valid UTF-8.</summary>
    public string ReadName(string what, int limit)
    {
        int at = Position;
        ReadOnlySpan<byte> text = ReadText(what);
        if (text.IsEmpty || text.Length > limit)
        {
            throw Fail(at, $"gives {text.Length} bytes as the length of the {what} where 1 to {limit} were expected");
        }

        return Utf8.IsValid(text) ? System.Text.Encoding.UTF8.GetString(text) : throw Fail(at, $"has a {what} that is not valid UTF-8");
    }

    /// <summary>Reads the type of a value.</summary>
    public GgufValueType ReadType(string key)
    {
        int at = Position;
        uint type = ReadUInt32("type", key);
        return type <= (uint)GgufValueType.Float64
            ? (GgufValueType)type
            : throw Fail(at, $"gives {type} as the type of {key} where 0 to 12 were expected");
    }

    /// <summary>Moves over a value.</summary>
    public void Skip(GgufValueType type, string key, int depth = 0)
    {
        if (type == GgufValueType.String)
        {
            ReadText("value", key);
        }
        else if (type == GgufValueType.Array)
        {
            GgufValueType element = ReadType(key);
            int count = ReadCount(LeastSize(element), "number of values", key);
            SkipElements(element, count, key, depth);
        }
        else
        {
            Take(SizeOf(type), "value", key);
        }
    }

    /// <summary>Moves over the elements of an array.</summary>
    public void SkipElements(GgufValueType element, int count, string key, int depth)
    {
        if (depth >= DepthLimit)
        {
            throw Fail(Position, $"nests the arrays of {key} more than {DepthLimit} deep");
        }

        if (SizeOf(element) is int size and > 0)
        {
            // The count was checked against the bytes that are left, so the product does not overflow.
            Take(count * size, "value", key);
            return;
        }

        if (element == GgufValueType.String)
        {
            SkipTexts(count, key);
            return;
        }

        for (int i = 0; i < count; i++)
        {
            Skip(element, key, depth + 1);
        }
    }

    /// <summary>The fewest bytes that a value of a type can take.</summary>
    public static int LeastSize(GgufValueType type) => type switch
    {
        GgufValueType.String => 8,
        GgufValueType.Array => 12,
        _ => SizeOf(type),
    };

    /// <summary>An error that says where.</summary>
    public readonly CheckpointException Fail(long offset, string fact) => new(path, $"{fact} (at byte {offset})");

    // The one long loop of a header, over a vocabulary, in a form that costs little even before the compiler has optimized it.
    private void SkipTexts(int count, string key)
    {
        int position = Position;
        for (int i = 0; i < count; i++)
        {
            int left = bytes.Length - position - 8;
            ulong length = left >= 0 ? BinaryPrimitives.ReadUInt64LittleEndian(bytes[position..]) : 0;
            if (left < 0 || length > (ulong)left)
            {
                Position = position;
                ReadText("value", key);
            }

            position += 8 + (int)length;
        }

        Position = position;
    }

    private static string Name(string what, string? of) => of is null ? what : $"{what} of {of}";

    private ReadOnlySpan<byte> Take(int count, string what, string? of)
    {
        if (count > Remaining)
        {
            throw Fail(Position, $"ends inside the {Name(what, of)}: {count} bytes were expected and {Remaining} found");
        }

        ReadOnlySpan<byte> taken = bytes.Slice(Position, count);
        Position += count;
        return taken;
    }
}
