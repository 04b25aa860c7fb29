using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Lapidary.Numerics.Simd;

/// <summary>
/// For each of the 256 masks of 8 positions the byte shuffle that spreads packed elements over the positions whose bit is set and leaves zeros
/// elsewhere. Neither AVX2 nor 128-bit vectors have an instruction that expands; a load, a shuffle by this table and a count of bits make one.
/// </summary>
internal static unsafe class SpreadTable
{
    // An index with the upper bit set makes a shuffle give zero, also after a count was added to it.
    private const byte Zero = 0x80;

    private const int EntryBytes = 16;

    private const int WideEntryBytes = 32;

    private const int CacheLine = 64;

    private static readonly byte[] WordEntries = Fill(EntryBytes, (mask, entry) =>
    {
        int packed = 0;
        for (int position = 0; position < 8; position++)
        {
            bool isSet = IsSet(mask, position);
            entry[2 * position] = isSet ? (byte)packed++ : Zero;
            entry[(2 * position) + 1] = isSet ? (byte)packed++ : Zero;
        }
    });

    private static readonly byte[] FirstEntries = Fill(EntryBytes, (mask, entry) =>
    {
        byte packed = 0;
        for (int position = 0; position < 8; position++)
        {
            entry[position] = IsSet(mask, position) ? packed++ : Zero;
        }

        entry[8..].Fill(packed);
    });

    private static readonly byte[] SecondEntries = Fill(EntryBytes, (mask, entry) =>
    {
        byte packed = 0;
        entry[..8].Clear();
        for (int position = 0; position < 8; position++)
        {
            entry[8 + position] = IsSet(mask, position) ? packed++ : Zero;
        }
    });

    // The entries of the first 8, then those of the others.
    private static readonly byte[] WideEntries = Fill(2 * WideEntryBytes, (mask, entry) =>
    {
        byte packed = 0;
        for (int position = 0; position < 8; position++)
        {
            byte index = IsSet(mask, position) ? packed++ : Zero;
            entry[2 * position] = Zero;
            entry[(2 * position) + 1] = index;
            entry[48 + (2 * position)] = Zero;
            entry[48 + (2 * position) + 1] = index;
        }

        entry[16..48].Clear();
        for (int position = 8; position < 16; position++)
        {
            entry[(2 * position) + 1] = packed;
        }
    });

    private delegate void FillEntry(int mask, Span<byte> entry);

    /// <summary>Shuffles of elements of 2 bytes.</summary>
    public static byte* Words { get; } = Start(WordEntries);

    /// <summary>
    /// Shuffles of 16 elements of 1 byte are sums of two entries. Of the first 8: their indices, then how many they are, which is where the other 8 begin.
    /// </summary>
    public static byte* First { get; } = Start(FirstEntries);

    /// <summary>Of the last 8: zeros, then their indices.</summary>
    public static byte* Second { get; } = Start(SecondEntries);

    /// <summary>
    /// Pairs of entries of 32 bytes, one like <see cref="First"/> and one like <see cref="Second"/>. They bring 16 elements of 1 byte to the upper
    /// bytes of words whose lower bytes are zero.
    /// </summary>
    public static byte* Wide { get; } = Start(WideEntries);

    /// <summary>The bytes at <paramref name="source"/>, 16 of which are read, in the order of <paramref name="indices"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Shuffle(byte* source, Vector128<byte> indices) =>
        Ssse3.IsSupported
            ? Ssse3.Shuffle(Vector128.Load(source), indices)
            : Vector128.Shuffle(Vector128.Load(source), indices);

    /// <summary>Bits that are set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Count(ulong bits) =>
        Popcnt.X64.IsSupported ? Popcnt.X64.PopCount(bits) : (ulong)BitOperations.PopCount(bits);

    private static bool IsSet(int mask, int position) => (mask >> position & 1) != 0;

    private static byte[] Fill(int entryBytes, FillEntry fill)
    {
        byte[] table = GC.AllocateArray<byte>((256 * entryBytes) + CacheLine, pinned: true);
        int start = (int)(Start(table) - (byte*)Unsafe.AsPointer(ref table[0]));
        for (int mask = 0; mask < 256; mask++)
        {
            fill(mask, table.AsSpan(start + (mask * entryBytes), entryBytes));
        }

        return table;
    }

    // No entry may lie across two lines of the cache.
    private static byte* Start(byte[] table) =>
        (byte*)(((nuint)Unsafe.AsPointer(ref table[0]) + CacheLine - 1) & ~(nuint)(CacheLine - 1));
}
