using System.Buffers.Binary;
using System.Text;

namespace Lapidary.Checkpoints;

/// <summary>
/// A metadata value of a GGUF file. Arrays are checked when the file is opened and decoded when they are asked for: a vocabulary of
/// 262,144 words costs nothing until somebody wants it. Values live as long as their file is open.
/// </summary>
public sealed class GgufValue
{
    private readonly ReadOnlyMemory<byte> content;
    private readonly string path;
    private readonly string key;

    internal GgufValue(GgufValueType type, GgufValueType elementType, int count, ReadOnlyMemory<byte> content, string path, string key)
    {
        Type = type;
        ElementType = elementType;
        Count = count;
        this.content = content;
        this.path = path;
        this.key = key;
    }

    /// <summary>The type of the value.</summary>
    public GgufValueType Type { get; }

    /// <summary>For an array the type of its elements, otherwise <see cref="Type"/>.</summary>
    public GgufValueType ElementType { get; }

    /// <summary>For an array the number of its elements, otherwise 1.</summary>
    public int Count { get; }

    /// <summary>Whether the value is an array.</summary>
    public bool IsArray => Type == GgufValueType.Array;

    /// <summary>Whether the value, or each element of the array, is a whole number.</summary>
    public bool IsInteger => ElementType is not (GgufValueType.Float32 or GgufValueType.Float64 or GgufValueType.Bool
        or GgufValueType.String or GgufValueType.Array);

    /// <summary>The bytes of the value as they stand in the file; a text or the elements of an array without the length in front.</summary>
    internal ReadOnlyMemory<byte> Content => content;

    /// <summary>The elements of an array, arrays among them.</summary>
    /// <exception cref="CheckpointException">The value is not an array.</exception>
    public IReadOnlyList<GgufValue> Items
    {
        get
        {
            Require(IsArray, "an array");
            var items = new List<GgufValue>(Count);
            var reader = new GgufReader(content.Span, content.Length, path);
            for (int i = 0; i < Count; i++)
            {
                items.Add(GgufHeader.ReadValue(ref reader, content, ElementType, path, key));
            }

            return items;
        }
    }

    /// <summary>The whole number.</summary>
    /// <exception cref="CheckpointException">The value is something else, or larger than 2^63 - 1.</exception>
    public long ToInt64()
    {
        Require(!IsArray && IsInteger, "a whole number");
        return Integer(content.Span, Type);
    }

    /// <summary>The number, whole or not.</summary>
    /// <exception cref="CheckpointException">The value is not a number.</exception>
    public double ToDouble()
    {
        if (Type == GgufValueType.Float32)
        {
            return BinaryPrimitives.ReadSingleLittleEndian(content.Span);
        }

        if (Type == GgufValueType.Float64)
        {
            return BinaryPrimitives.ReadDoubleLittleEndian(content.Span);
        }

        Require(!IsArray && IsInteger, "a number");
        return Integer(content.Span, Type);
    }

    /// <summary>True or false.</summary>
    /// <exception cref="CheckpointException">The value is something else.</exception>
    public bool ToBoolean()
    {
        Require(Type == GgufValueType.Bool, "true or false");
        return content.Span[0] != 0;
    }

    /// <summary>The text; bytes that are not valid UTF-8 become replacement characters.</summary>
    /// <exception cref="CheckpointException">The value is something else.</exception>
    public string ToText()
    {
        Require(Type == GgufValueType.String, "a text");
        return Encoding.UTF8.GetString(content.Span);
    }

    /// <summary>The texts of an array.</summary>
    /// <exception cref="CheckpointException">The value is something else.</exception>
    public string[] ToTexts()
    {
        Require(IsArray && ElementType == GgufValueType.String, "an array of texts");
        var texts = new string[Count];
        ReadOnlySpan<byte> rest = content.Span;
        for (int i = 0; i < texts.Length; i++)
        {
            texts[i] = Encoding.UTF8.GetString(NextText(ref rest));
        }

        return texts;
    }

    /// <summary>Position of a text in an array of texts, or -1. Nothing is decoded or allocated.</summary>
    /// <exception cref="CheckpointException">The value is not an array of texts.</exception>
    public int IndexOf(ReadOnlySpan<byte> utf8)
    {
        Require(IsArray && ElementType == GgufValueType.String, "an array of texts");
        ReadOnlySpan<byte> rest = content.Span;
        for (int i = 0; i < Count; i++)
        {
            if (NextText(ref rest).SequenceEqual(utf8))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>The whole numbers of an array.</summary>
    /// <exception cref="CheckpointException">The value is something else, or a number is larger than 2^63 - 1.</exception>
    public long[] ToInt64s()
    {
        Require(IsArray && IsInteger, "an array of whole numbers");
        var numbers = new long[Count];
        int size = GgufReader.SizeOf(ElementType);
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = Integer(content.Span.Slice(i * size, size), ElementType);
        }

        return numbers;
    }

    /// <summary>The numbers of an array of 32-bit floats.</summary>
    /// <exception cref="CheckpointException">The value is something else.</exception>
    public float[] ToSingles()
    {
        Require(IsArray && ElementType == GgufValueType.Float32, "an array of 32-bit floats");
        var numbers = new float[Count];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = BinaryPrimitives.ReadSingleLittleEndian(content.Span[(i * 4)..]);
        }

        return numbers;
    }

    /// <summary>The booleans of an array.</summary>
    /// <exception cref="CheckpointException">The value is something else.</exception>
    public bool[] ToBooleans()
    {
        Require(IsArray && ElementType == GgufValueType.Bool, "an array of true and false");
        var values = new bool[Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = content.Span[i] != 0;
        }

        return values;
    }

    /// <inheritdoc/>
    public override string ToString() => Type switch
    {
        GgufValueType.Array => $"{ElementType}[{Count}]",
        GgufValueType.String => ToText(),
        GgufValueType.Bool => ToBoolean() ? "true" : "false",
        GgufValueType.Float32 or GgufValueType.Float64 => ToDouble().ToString("R"),
        GgufValueType.UInt64 => BinaryPrimitives.ReadUInt64LittleEndian(content.Span).ToString(),
        _ => ToInt64().ToString(),
    };

    private static ReadOnlySpan<byte> NextText(ref ReadOnlySpan<byte> rest)
    {
        int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(rest);
        ReadOnlySpan<byte> text = rest.Slice(8, length);
        rest = rest[(8 + length)..];
        return text;
    }

    private long Integer(ReadOnlySpan<byte> bytes, GgufValueType type) => type switch
    {
        GgufValueType.UInt8 => bytes[0],
        GgufValueType.Int8 => (sbyte)bytes[0],
        GgufValueType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        GgufValueType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(bytes),
        GgufValueType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        GgufValueType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(bytes),
        GgufValueType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(bytes),
        _ => BinaryPrimitives.ReadUInt64LittleEndian(bytes) is ulong number and <= long.MaxValue
            ? (long)number
            : throw new CheckpointException(path, $"key {key} holds a number above 2^63 - 1"),
    };

    private void Require(bool condition, string expected)
    {
        if (!condition)
        {
            string found = IsArray ? $"an array of {ElementType}" : Type.ToString();
            throw new CheckpointException(path, $"key {key} holds {found} where {expected} was expected");
        }
    }
}
