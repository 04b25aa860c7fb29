using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Lapidary.Text.Tokenizers;

/// <summary>
/// The hash of the tokenizer's flat tables: products of 64 by 64 bits folded to 64, as in wyhash. The secrets differ from process to
/// process, so that nobody can prepare a vocabulary or a text whose entries all collide.
/// </summary>
internal static class PieceHash
{
    private static readonly ulong First = Secret();
    private static readonly ulong Second = Secret();

    /// <summary>Bytes that must be readable after a text which is hashed or compared without branches.</summary>
    public const int Padding = 16;

    /// <summary>The hash of some bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        ref byte start = ref MemoryMarshal.GetReference(bytes);
        int length = bytes.Length;
        if (length > 16)
        {
            return OfLong(bytes);
        }

        ulong low = 0;
        ulong high = 0;
        if (length >= 8)
        {
            low = Unsafe.ReadUnaligned<ulong>(ref start);
            high = length == 8 ? 0 : Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, length - 8)) >> (8 * (16 - length));
        }
        else if (length >= 4)
        {
            low = Unsafe.ReadUnaligned<uint>(ref start)
                | ((ulong)Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref start, length - 4)) << (8 * (length - 4)));
        }
        else
        {
            for (int i = 0; i < length; i++)
            {
                low |= (ulong)Unsafe.Add(ref start, i) << (8 * i);
            }
        }

        return OfShort(low, high, length);
    }

    /// <summary>
    /// The hash of 1 byte or more with <see cref="Padding"/> behind them: the same number, but the lengths of pieces are so irregular that
    /// branches over them would cost more than everything else.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong OfPadded(ref byte start, int length)
    {
        if (length > 16)
        {
            return OfLong(MemoryMarshal.CreateReadOnlySpan(ref start, length));
        }

        (ulong low, ulong high) = ReadPadded(ref start, length);
        return OfShort(low, high, length);
    }

    /// <summary>Whether two texts of the same length of 1 or more with <see cref="Padding"/> behind them are the same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool EqualPadded(ref byte left, ref byte right, int length)
    {
        if (length > 16)
        {
            return MemoryMarshal.CreateReadOnlySpan(ref left, length).SequenceEqual(MemoryMarshal.CreateReadOnlySpan(ref right, length));
        }

        (ulong leftLow, ulong leftHigh) = ReadPadded(ref left, length);
        (ulong rightLow, ulong rightHigh) = ReadPadded(ref right, length);
        return ((leftLow ^ rightLow) | (leftHigh ^ rightHigh)) == 0;
    }

    /// <summary>The hash of a pair of ids.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(ulong pair) => Fold(pair ^ First, Second);

    // Up to 16 bytes as two numbers, with zeros behind them.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (ulong Low, ulong High) ReadPadded(ref byte start, int length)
    {
        ulong low = Unsafe.ReadUnaligned<ulong>(ref start) & (ulong.MaxValue >> (8 * Math.Max(8 - length, 0)));
        ulong high = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, 8)) & (ulong.MaxValue >> (8 * Math.Min(16 - length, 7)));
        return (low, length > 8 ? high : 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong OfShort(ulong low, ulong high, int length) => Fold(low ^ First ^ (ulong)length, high ^ Second);

    private static ulong OfLong(ReadOnlySpan<byte> bytes)
    {
        ulong state = First ^ (ulong)bytes.Length;
        ReadOnlySpan<byte> rest = bytes;
        while (rest.Length > 16)
        {
            state = Fold(MemoryMarshal.Read<ulong>(rest) ^ state, MemoryMarshal.Read<ulong>(rest[8..]) ^ Second);
            rest = rest[16..];
        }

        // The last 16 bytes overlap what was read already, which does no harm.
        ReadOnlySpan<byte> last = bytes[^16..];
        return Fold(MemoryMarshal.Read<ulong>(last) ^ state, MemoryMarshal.Read<ulong>(last[8..]) ^ Second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Fold(ulong a, ulong b)
    {
        ulong high = Math.BigMul(a, b, out ulong low);
        return high ^ low;
    }

    private static ulong Secret()
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        return MemoryMarshal.Read<ulong>(bytes) | 1;
    }
}
