using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace Lapidary.Numerics.Simd;

/// <summary>512-bit vectors with AVX-512 F, BW, DQ and VL. The instructions are named rather than the
/// operators of <see cref="Vector512{T}"/>, which fall back to halves where <see cref="Vector512.IsHardwareAccelerated"/> is false.</summary>
public readonly unsafe partial struct Avx512Isa : IVectorIsa<V>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    /// <inheritdoc/>
    public static int Width
    {
        [MethodImpl(Inline)]
        get => 16;
    }

    /// <inheritdoc/>
    public static int ProductRows
    {
        [MethodImpl(Inline)]
        get => 12;
    }

    /// <inheritdoc/>
    public static V Zero
    {
        [MethodImpl(Inline)]
        get => V.Zero;
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V Create(float value) => Vector512.Create(value);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V Load(float* source) => Avx512F.LoadVector512(source);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void Store(float* destination, V value) => Avx512F.Store(destination, value);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V Add(V left, V right) => Avx512F.Add(left, right);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V Subtract(V left, V right) => Avx512F.Subtract(left, right);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V Multiply(V left, V right) => Avx512F.Multiply(left, right);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V Divide(V left, V right) => Avx512F.Divide(left, right);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V MultiplyAdd(V left, V right, V addend) => Avx512F.FusedMultiplyAdd(left, right, addend);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V Max(V left, V right) => Avx512F.Max(left, right);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V Min(V left, V right) => Avx512F.Min(left, right);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V Round(V value) => Avx512F.RoundScale(value, 0);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V ScaleByPowerOfTwo(V value, V exponent) => Avx512F.Scale(value, exponent);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static float Sum(V value) => Avx2Isa.Sum(Avx.Add(value.GetLower(), value.GetUpper()));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static float MaxElement(V value) => Avx2Isa.MaxElement(Avx.Max(value.GetLower(), value.GetUpper()));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V LoadBFloat16(ushort* source) =>
        Avx512F.ShiftLeftLogical(Avx512F.ConvertToVector512Int32(Avx.LoadVector256(source)), 16).AsSingle();

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V LoadHalf(ushort* source)
    {
        Vector512<int> bits = Avx512F.ConvertToVector512Int32(Avx.LoadVector256(source));
        Vector512<int> sign = Avx512F.ShiftLeftLogical(Avx512F.And(bits, Vector512.Create(0x8000)), 16);
        Vector512<int> rest = Avx512F.ShiftLeftLogical(Avx512F.And(bits, Vector512.Create(0x7fff)), 13);
        V scaled = Avx512F.Multiply(rest.AsSingle(), Vector512.Create(HalfScale.Value));
        // A half exponent of all ones lands at 65536 and above: make it the float's exponent of all ones, the mantissa kept.
        Vector512<int> special = Avx512F.CompareGreaterThanOrEqual(scaled, Vector512.Create(65536f)).AsInt32();
        Vector512<int> exponent = Avx512F.And(special, Vector512.Create(0x7f800000));
        return Avx512F.Or(Avx512F.Or(scaled.AsInt32(), exponent), sign).AsSingle();
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void LoadBFloat16EvenOdd(ushort* source, out V even, out V odd) =>
        SplitBFloat16(Load((float*)source), out even, out odd);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void LoadHalfEvenOdd(ushort* source, out V even, out V odd) =>
        SplitHalf(Load((float*)source), out even, out odd);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V LoadSByte(sbyte* source) => 
        Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(Sse2.LoadVector128(source)));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void Transpose(float* source, nint sourceStride, float* destination, nint destinationStride)
    {
        LoadTransposed4(source, sourceStride, out V a0, out V a1, out V a2, out V a3);
        LoadTransposed4(source + (4 * sourceStride), sourceStride, out V b0, out V b1, out V b2, out V b3);
        LoadTransposed4(source + (8 * sourceStride), sourceStride, out V c0, out V c1, out V c2, out V c3);
        LoadTransposed4(source + (12 * sourceStride), sourceStride, out V d0, out V d1, out V d2, out V d3);
        StoreColumns(a0, b0, c0, d0, destination, destinationStride);
        StoreColumns(a1, b1, c1, d1, destination + destinationStride, destinationStride);
        StoreColumns(a2, b2, c2, d2, destination + (2 * destinationStride), destinationStride);
        StoreColumns(a3, b3, c3, d3, destination + (3 * destinationStride), destinationStride);
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void Prefetch(void* address) => Sse.Prefetch0(address);

    [MethodImpl(Inline)]
    private static void LoadTransposed4(float* source, nint stride, out V r0, out V r1, out V r2, out V r3)
    {
        r0 = Load(source);
        r1 = Load(source + stride);
        r2 = Load(source + (2 * stride));
        r3 = Load(source + (3 * stride));
        Transpose4(ref r0, ref r1, ref r2, ref r3);
    }

    // Quarter l of the four inputs holds rows 0-3, 4-7, 8-11 and 12-15 of column 4 l: gather the quarters into whole columns.
    [MethodImpl(Inline)]
    private static void StoreColumns(V a, V b, V c, V d, float* destination, nint stride)
    {
        V ab01 = Avx512F.Shuffle4x128(a, b, 0x44), ab23 = Avx512F.Shuffle4x128(a, b, 0xee);
        V cd01 = Avx512F.Shuffle4x128(c, d, 0x44), cd23 = Avx512F.Shuffle4x128(c, d, 0xee);
        Store(destination, Avx512F.Shuffle4x128(ab01, cd01, 0x88));
        Store(destination + (4 * stride), Avx512F.Shuffle4x128(ab01, cd01, 0xdd));
        Store(destination + (8 * stride), Avx512F.Shuffle4x128(ab23, cd23, 0x88));
        Store(destination + (12 * stride), Avx512F.Shuffle4x128(ab23, cd23, 0xdd));
    }

    // Transposes the four 4 x 4 squares that the quarters of four rows form.
    [MethodImpl(Inline)]
    private static void Transpose4(ref V r0, ref V r1, ref V r2, ref V r3)
    {
        Vector512<double> t0 = Avx512F.UnpackLow(r0, r1).AsDouble(), t1 = Avx512F.UnpackHigh(r0, r1).AsDouble();
        Vector512<double> t2 = Avx512F.UnpackLow(r2, r3).AsDouble(), t3 = Avx512F.UnpackHigh(r2, r3).AsDouble();
        r0 = Avx512F.UnpackLow(t0, t2).AsSingle();
        r1 = Avx512F.UnpackHigh(t0, t2).AsSingle();
        r2 = Avx512F.UnpackLow(t1, t3).AsSingle();
        r3 = Avx512F.UnpackHigh(t1, t3).AsSingle();
    }
}
