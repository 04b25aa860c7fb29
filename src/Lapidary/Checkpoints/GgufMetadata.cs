using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Lapidary.Checkpoints;

/// <summary>Metadata for a GGUF file that is going to be written: keys with values of every type of the format, in the order in which they are added.</summary>
public sealed class GgufMetadata
{
    private readonly ArrayBufferWriter<byte> content = new();
    private readonly HashSet<string> keys = new(StringComparer.Ordinal);

    /// <summary>Number of keys.</summary>
    public int Count => keys.Count;

    /// <summary>The pairs as they stand in the file.</summary>
    internal ReadOnlySpan<byte> Content => content.WrittenSpan;

    /// <summary>Whether a key is there.</summary>
    public bool Contains(string key) => keys.Contains(key);

    /// <summary>Adds a text.</summary>
    /// <exception cref="ArgumentException">The key is there already, or is empty, or is the alignment, which the writer decides.</exception>
    public GgufMetadata Add(string key, string value)
    {
        Begin(key, GgufValueType.String);
        Text(value);
        return this;
    }

    /// <summary>Adds an array of texts.</summary>
    /// <inheritdoc cref="Add(string, string)" path="/exception"/>
    public GgufMetadata Add(string key, IReadOnlyCollection<string> values)
    {
        Begin(key, GgufValueType.Array);
        Number((uint)GgufValueType.String);
        Number((ulong)values.Count);
        foreach (string value in values)
        {
            Text(value);
        }

        return this;
    }

    /// <summary>Adds a number or a truth value, in the type of the format that is the argument's.</summary>
    /// <inheritdoc cref="Add(string, string)" path="/exception"/>
    public GgufMetadata Add<T>(string key, T value)
        where T : unmanaged
    {
        Begin(key, TypeOf<T>());
        content.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));
        return this;
    }

    /// <summary>Adds an array of numbers or truth values.</summary>
    /// <inheritdoc cref="Add(string, string)" path="/exception"/>
    public GgufMetadata Add<T>(string key, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        GgufValueType type = TypeOf<T>();
        Begin(key, GgufValueType.Array);
        Number((uint)type);
        Number((ulong)values.Length);
        content.Write(MemoryMarshal.AsBytes(values));
        return this;
    }

    /// <summary>Adds a value of another file as it is.</summary>
    /// <inheritdoc cref="Add(string, string)" path="/exception"/>
    public GgufMetadata Add(string key, GgufValue value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Begin(key, value.Type);
        if (value.IsArray)
        {
            Number((uint)value.ElementType);
            Number((ulong)value.Count);
        }
        else if (value.Type == GgufValueType.String)
        {
            Number((ulong)value.Content.Length);
        }

        content.Write(value.Content.Span);
        return this;
    }

    private static GgufValueType TypeOf<T>() => default(T) switch
    {
        byte => GgufValueType.UInt8,
        sbyte => GgufValueType.Int8,
        ushort => GgufValueType.UInt16,
        short => GgufValueType.Int16,
        uint => GgufValueType.UInt32,
        int => GgufValueType.Int32,
        ulong => GgufValueType.UInt64,
        long => GgufValueType.Int64,
        float => GgufValueType.Float32,
        double => GgufValueType.Float64,
        bool => GgufValueType.Bool,
        _ => throw new ArgumentException($"GGUF has no values of the type {typeof(T).Name}."),
    };

    private void Begin(string key, GgufValueType type)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        if (key == GgufWriter.AlignmentKey || !keys.Add(key))
        {
            throw new ArgumentException($"The metadata key {key} cannot be added (again).", nameof(key));
        }

        Text(key);
        Number((uint)type);
    }

    private void Text(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Number((ulong)bytes.Length);
        content.Write(bytes);
    }

    private void Number(uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        content.Write(bytes);
    }

    private void Number(ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        content.Write(bytes);
    }
}
