using System.Runtime.CompilerServices;

namespace Lapidary.Numerics.Simd;

/// <summary>
/// Every binary16 number as a binary32. Block scales stand alone between the quants, where a vector conversion finds nothing to do in
/// parallel and the scalar one costs more than the block's product; the few thousand scales of a matrix stay in the cache.
/// </summary>
internal static unsafe class HalfTable
{
    private static readonly float[] Table = Fill();

    /// <summary>65,536 numbers, indexed by the bits of the half.</summary>
    public static readonly float* Pointer = (float*)Unsafe.AsPointer(ref Table[0]);

    private static float[] Fill()
    {
        float[] table = GC.AllocateUninitializedArray<float>(65536, pinned: true);
        for (int bits = 0; bits < table.Length; bits++)
        {
            table[bits] = (float)BitConverter.UInt16BitsToHalf((ushort)bits);
        }

        return table;
    }
}
