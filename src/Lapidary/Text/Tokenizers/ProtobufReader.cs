using System.Buffers.Binary;
using Lapidary.Checkpoints;

namespace Lapidary.Text.Tokenizers;

/// <summary>
/// The wire format of Protocol Buffers, as much as a SentencePiece model needs (protobuf.dev, "Encoding"). Spans over spans: a message
/// inside a message is another reader, every length is checked against the bytes that are left, and nothing is allocated.
/// </summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> bytes, string path)
{
    private ReadOnlySpan<byte> rest = bytes;

    /// <summary>The number of the field that <see cref="TryNext"/> found.</summary>
    public int Field { get; private set; }

    /// <summary>Its wire type.</summary>
    public int Wire { get; private set; }

    /// <summary>Moves to the next field; false at the end of the message.</summary>
    public bool TryNext()
    {
        if (rest.IsEmpty)
        {
            return false;
        }

        ulong tag = Varint();
        if (tag is 0 or > uint.MaxValue || (tag >> 3) == 0)
        {
            throw Fail($"has the tag {tag}");
        }

        Field = (int)(tag >> 3);
        Wire = (int)(tag & 7);
        return true;
    }

    /// <summary>The number that the field holds.</summary>
    public long TakeNumber()
    {
        Require(0, "a number");
        return (long)Varint();
    }

    /// <summary>The 32-bit float that the field holds.</summary>
    public float TakeSingle()
    {
        Require(5, "a float");
        return BinaryPrimitives.ReadSingleLittleEndian(Take(4));
    }

    /// <summary>The bytes that the field holds.</summary>
    public ReadOnlySpan<byte> TakeBytes()
    {
        Require(2, "bytes");
        ulong length = Varint();
        return length <= (ulong)rest.Length ? Take((int)length) : throw Fail($"claims {length} bytes where {rest.Length} are left");
    }

    /// <summary>Moves over the field.</summary>
    public void Skip()
    {
        switch (Wire)
        {
            case 0:
                Varint();
                break;
            case 1:
                Take(8);
                break;
            case 2:
                TakeBytes();
                break;
            case 5:
                Take(4);
                break;
            default:
                throw Fail($"has the wire type {Wire}");
        }
    }

    private void Require(int wire, string expected)
    {
        if (Wire != wire)
        {
            throw Fail($"has the wire type {Wire} where {expected} was expected");
        }
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (int i = 0; i < 10; i++)
        {
            if (i == rest.Length)
            {
                throw Fail("ends inside a number");
            }

            value |= (ulong)(rest[i] & 0x7F) << (7 * i);
            if (rest[i] < 0x80)
            {
                rest = rest[(i + 1)..];
                return value;
            }
        }

        throw Fail("has a number of more than 10 bytes");
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > rest.Length)
        {
            throw Fail($"ends where {count} more bytes were expected");
        }

        ReadOnlySpan<byte> taken = rest[..count];
        rest = rest[count..];
        return taken;
    }

    private readonly CheckpointException Fail(string fact) => new(path, $"is not a SentencePiece model: field {Field} {fact}");
}
