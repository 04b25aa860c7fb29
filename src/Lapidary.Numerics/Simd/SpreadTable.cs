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

    private static readonly byte[] WordEntries = Fill((mask, entry) =>
    {
        int packed = 0;
        for (int position = 0; position < 8; position++)
        {
            bool isSet = IsSet(mask, position);
            entry[2 * position] = isSet ? (byte)packed++ : Zero;
            entry[(2 * position) + 1] = isSet ? (byte)packed++ : Zero;
        }
    });

    private static readonly byte[] FirstEntries = Fill((mask, entry) =>
    {
        byte packed = 0;
        for (int position = 0; position < 8; position++)
        {
            entry[position] = IsSet(mask, position) ? packed++ : Zero;
        }

        entry[8..].Fill(packed);
    });

    private static readonly byte[] SecondEntries = Fill((mask, entry) =>
    {
        byte packed = 0;
        entry[..8].Clear();
        for (int position = 0; position < 8; position++)
        {
            entry[8 + position] = IsSet(mask, position) ? packed++ : Zero;
        }
    });

    private delegate void FillEntry(int mask, Span<byte> entry);

    /// <summary>Shuffles of elements of 2 bytes.</summary>
    public static byte* Words { get; } = (byte*)Unsafe.AsPointer(ref WordEntries[0]);

    /// <summary>
    /// Shuffles of 16 elements of 1 byte are sums of two entries. Of the first 8: their indices, then how many they are, which is where the other 8 begin.
    /// </summary>
    public static byte* First { get; } = (byte*)Unsafe.AsPointer(ref FirstEntries[0]);

    /// <summary>Of the last 8: zeros, then their indices.</summary>
    public static byte* Second { get; } = (byte*)Unsafe.AsPointer(ref SecondEntries[0]);

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

    private static byte[] Fill(FillEntry fill)
    {
        byte[] table = GC.AllocateUninitializedArray<byte>(256 * EntryBytes, pinned: true);
        for (int mask = 0; mask < 256; mask++)
        {
            fill(mask, table.AsSpan(mask * EntryBytes, EntryBytes));
        }

        return table;
    }
}
