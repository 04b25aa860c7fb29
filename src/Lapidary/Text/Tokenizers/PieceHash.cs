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

    /// <summary>The hash of a few bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        ref byte start = ref MemoryMarshal.GetReference(bytes);
        int length = bytes.Length;
        if (length > 16)
        {
            return OfLong(bytes);
        }

        // Two reads that overlap cover every length up to 16 without a loop.
        ulong low;
        ulong high;
        if (length >= 8)
        {
            low = Unsafe.ReadUnaligned<ulong>(ref start);
            high = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, length - 8));
        }
        else if (length >= 4)
        {
            low = Unsafe.ReadUnaligned<uint>(ref start);
            high = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref start, length - 4));
        }
        else if (length > 0)
        {
            low = start | ((ulong)Unsafe.Add(ref start, length >> 1) << 8) | ((ulong)Unsafe.Add(ref start, length - 1) << 16);
            high = 0;
        }
        else
        {
            low = high = 0;
        }

        return Fold(low ^ First ^ (ulong)length, high ^ Second);
    }

    /// <summary>The hash of a pair of ids.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(ulong pair) => Fold(pair ^ First, Second);

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
