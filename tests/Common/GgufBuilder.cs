using System.Text;

namespace Lapidary.Tests.Common;

/// <summary>Builds GGUF files byte by byte, right or wrong, independently of the reader.</summary>
public sealed class GgufBuilder
{
    private readonly List<(string Key, byte[] Value)> pairs = [];
    private readonly List<(string Name, uint Type, ulong[] Dimensions, byte[] Data, ulong? Offset)> tensors = [];

    /// <summary>The version in the header.</summary>
    public uint Version { get; set; } = 3;

    /// <summary>The first four bytes.</summary>
    public string Magic { get; set; } = "GGUF";

    /// <summary>What the data is padded to; the key is not written by itself.</summary>
    public int Alignment { get; set; } = 32;

    /// <summary>A wrong count of metadata entries.</summary>
    public ulong? PairCount { get; set; }

    /// <summary>A wrong count of tensors.</summary>
    public ulong? TensorCount { get; set; }

    /// <summary>Removes an entry.</summary>
    public GgufBuilder Remove(string key)
    {
        pairs.RemoveAll(pair => pair.Key == key);
        return this;
    }

    /// <summary>Removes a tensor.</summary>
    public GgufBuilder RemoveTensor(string name)
    {
        tensors.RemoveAll(tensor => tensor.Name == name);
        return this;
    }

    /// <summary>Sets an entry of 32 bits, unsigned.</summary>
    public GgufBuilder Set(string key, uint value) => Remove(key).Raw(key, 4, BitConverter.GetBytes(value));

    /// <summary>Sets an entry of 32-bit float.</summary>
    public GgufBuilder Set(string key, float value) => Remove(key).Raw(key, 6, BitConverter.GetBytes(value));

    /// <summary>Sets a boolean entry.</summary>
    public GgufBuilder Set(string key, bool value) => Remove(key).Raw(key, 7, [value ? (byte)1 : (byte)0]);

    /// <summary>Sets a text.</summary>
    public GgufBuilder Set(string key, string value) => Remove(key).Raw(key, 8, Text(value));

    /// <summary>Sets an array of texts.</summary>
    public GgufBuilder Set(string key, params string[] values) =>
        Remove(key).Raw(key, 9, Array(8, (ulong)values.Length, [.. values.SelectMany(Text)]));

    /// <summary>Sets an array of booleans.</summary>
    public GgufBuilder Set(string key, params bool[] values) =>
        Remove(key).Raw(key, 9, Array(7, (ulong)values.Length, [.. values.Select(value => value ? (byte)1 : (byte)0)]));

    /// <summary>Sets an array of floats.</summary>
    public GgufBuilder Set(string key, params float[] values) =>
        Remove(key).Raw(key, 9, Array(6, (ulong)values.Length, [.. values.SelectMany(BitConverter.GetBytes)]));

    /// <summary>Sets an array of whole numbers of 32 bits.</summary>
    public GgufBuilder Integers(string key, params int[] values) =>
        Remove(key).Raw(key, 9, Array(5, (ulong)values.Length, [.. values.SelectMany(BitConverter.GetBytes)]));

    /// <summary>Adds an entry of any type and content, whether it fits or not.</summary>
    public GgufBuilder Raw(string key, uint type, byte[] value)
    {
        pairs.Add((key, [.. BitConverter.GetBytes(type), .. value]));
        return this;
    }

    /// <summary>Adds a tensor; dimensions are given outermost first, as everywhere but in the file.</summary>
    public GgufBuilder Tensor(string name, uint type, ulong[] shape, byte[] data, ulong? offset = null)
    {
        tensors.Add((name, type, [.. shape.Reverse()], data, offset));
        return this;
    }

    /// <summary>The bytes of a text with its length.</summary>
    public static byte[] Text(string value)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(value);
        return [.. BitConverter.GetBytes((ulong)bytes.Length), .. bytes];
    }

    /// <summary>The bytes of an array with its type and count.</summary>
    public static byte[] Array(uint elementType, ulong count, byte[] elements) =>
        [.. BitConverter.GetBytes(elementType), .. BitConverter.GetBytes(count), .. elements];

    /// <summary>The file.</summary>
    public byte[] Build()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(Encoding.ASCII.GetBytes(Magic));
        writer.Write(Version);
        writer.Write(TensorCount ?? (ulong)tensors.Count);
        writer.Write(PairCount ?? (ulong)pairs.Count);
        foreach ((string key, byte[] value) in pairs)
        {
            writer.Write(Text(key));
            writer.Write(value);
        }

        ulong offset = 0;
        foreach ((string name, uint type, ulong[] dimensions, byte[] data, ulong? fixedOffset) in tensors)
        {
            writer.Write(Text(name));
            writer.Write((uint)dimensions.Length);
            foreach (ulong dimension in dimensions)
            {
                writer.Write(dimension);
            }

            writer.Write(type);
            writer.Write(fixedOffset ?? offset);
            offset += (ulong)((data.Length + Alignment - 1) / Alignment * Alignment);
        }

        foreach ((_, _, _, byte[] data, _) in tensors)
        {
            Pad(stream);
            writer.Write(data);
        }

        Pad(stream);
        return stream.ToArray();
    }

    private void Pad(MemoryStream stream)
    {
        while (stream.Length % Alignment != 0)
        {
            stream.WriteByte(0);
        }
    }
}
