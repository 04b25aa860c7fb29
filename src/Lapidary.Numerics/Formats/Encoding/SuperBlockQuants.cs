using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Formats.Encoding;

/// <summary>Rounds the elements of a super-block once its scales are stored, with the scales as they will be read.</summary>
internal static unsafe class SuperBlockQuants<TBlock>
    where TBlock : unmanaged, IEncodedSuperBlock
{
    private const int ScaleGroup = 16;

    /// <summary>d * s and m * t of a group, as the stored block has them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (float Scale, float Minimum) Stored(byte* block, int group)
    {
        (int scale, int minimum) = TBlock.ScalesReference(block, group * (TBlock.GroupLength / ScaleGroup));
        float* halves = HalfTable.Pointer;
        float scaled = halves[*(ushort*)(block + TBlock.ScaleOffset)] * scale;
        return (scaled, TBlock.MinimumOffset < 0 ? 0 : halves[*(ushort*)(block + TBlock.MinimumOffset)] * minimum);
    }

    /// <summary>q = (x + minimum) / scale, rounded and limited, with the offset, in plain scalar code.</summary>
    public static void Round(ReadOnlySpan<float> values, float scale, float minimum, Span<byte> quants)
    {
        int offset = TBlock.OffsetPower == 0 ? 0 : 1 << TBlock.OffsetPower;
        for (int i = 0; i < values.Length; i++)
        {
            quants[i] = (byte)Math.Clamp(NearestInteger.Of((values[i] + minimum) / scale) + offset, 0, TBlock.Largest);
        }
    }

    /// <summary><see cref="Round(ReadOnlySpan{float}, float, float, Span{byte})"/> with vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Round<V, B, TIsa>(float* values, float scale, float minimum, byte* quants)
        where V : struct
        where B : struct
        where TIsa : struct, IByteIsa<V, B>
    {
        V offset = TIsa.Create(TBlock.OffsetPower == 0 ? 0 : 1 << TBlock.OffsetPower), largest = TIsa.Create(TBlock.Largest);
        for (int i = 0; i < TBlock.GroupLength; i += TIsa.Width)
        {
            V above = TIsa.Add(TIsa.Load(values + i), TIsa.Create(minimum));
            V quant = TIsa.Add(NearestInteger.Of<V, TIsa>(TIsa.Divide(above, TIsa.Create(scale))), offset);
            TIsa.StoreSByte((sbyte*)quants + i, TIsa.Max(TIsa.Min(quant, largest), TIsa.Zero));
        }
    }
}
