using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using V = System.Runtime.Intrinsics.Vector256<float>;

namespace Lapidary.Numerics.Simd;

/// <summary>256-bit vectors with AVX2 and FMA.</summary>
public readonly unsafe partial struct Avx2Isa : IVectorIsa<V>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    /// <inheritdoc/>
    public static int Width
    {
        [MethodImpl(Inline)]
        get => 8;
    }

    /// <inheritdoc/>
    public static int ProductRows
    {
        [MethodImpl(Inline)]
        get => 6;
    }

    /// <inheritdoc/>
    public static V Zero
    {
        [MethodImpl(Inline)]
        get => V.Zero;
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V Create(float value) => Vector256.Create(value);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V Load(float* source) => Avx.LoadVector256(source);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void Store(float* destination, V value) => Avx.Store(destination, value);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V Add(V left, V right) => Avx.Add(left, right);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V Subtract(V left, V right) => Avx.Subtract(left, right);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V Multiply(V left, V right) => Avx.Multiply(left, right);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V Divide(V left, V right) => Avx.Divide(left, right);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V MultiplyAdd(V left, V right, V addend) => Fma.MultiplyAdd(left, right, addend);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V Max(V left, V right) => Avx.Max(left, right);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V Min(V left, V right) => Avx.Min(left, right);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V Round(V value) => Avx.RoundToNearestInteger(value);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V ScaleByPowerOfTwo(V value, V exponent)
    {
        Vector256<int> biased = Avx2.Add(Avx.ConvertToVector256Int32(exponent), Vector256.Create(127));
        return Avx.Multiply(value, Avx2.ShiftLeftLogical(biased, 23).AsSingle());
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static float Sum(V value)
    {
        Vector128<float> half = Sse.Add(value.GetLower(), value.GetUpper());
        half = Sse.Add(half, Sse.MoveHighToLow(half, half));
        return half.ToScalar() + half.GetElement(1);
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static float MaxElement(V value)
    {
        Vector128<float> half = Sse.Max(value.GetLower(), value.GetUpper());
        half = Sse.Max(half, Sse.MoveHighToLow(half, half));
        return MathF.Max(half.ToScalar(), half.GetElement(1));
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V LoadBFloat16(ushort* source) =>
        Avx2.ShiftLeftLogical(Avx2.ConvertToVector256Int32(source), 16).AsSingle();

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V LoadHalf(ushort* source)
    {
        Vector256<int> bits = Avx2.ConvertToVector256Int32(source);
        Vector256<int> sign = Avx2.ShiftLeftLogical(Avx2.And(bits, Vector256.Create(0x8000)), 16);
        Vector256<int> rest = Avx2.ShiftLeftLogical(Avx2.And(bits, Vector256.Create(0x7fff)), 13);
        V scaled = Avx.Multiply(rest.AsSingle(), Vector256.Create(HalfScale.Value));
        // A half exponent of all ones lands at 65536 and above: make it the float's exponent of all ones, the mantissa kept.
        Vector256<int> special = Avx.CompareGreaterThanOrEqual(scaled, Vector256.Create(65536f)).AsInt32();
        Vector256<int> exponent = Avx2.And(special, Vector256.Create(0x7f800000));
        return Avx2.Or(Avx2.Or(scaled.AsInt32(), exponent), sign).AsSingle();
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
    public static V LoadSByte(sbyte* source) => Avx.ConvertToVector256Single(Avx2.ConvertToVector256Int32(source));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void Transpose(float* source, nint sourceStride, float* destination, nint destinationStride)
    {
        V r0 = Load(source), r1 = Load(source + sourceStride);
        V r2 = Load(source + (2 * sourceStride)), r3 = Load(source + (3 * sourceStride));
        float* lower = source + (4 * sourceStride);
        V r4 = Load(lower), r5 = Load(lower + sourceStride);
        V r6 = Load(lower + (2 * sourceStride)), r7 = Load(lower + (3 * sourceStride));
        Transpose4(ref r0, ref r1, ref r2, ref r3);
        Transpose4(ref r4, ref r5, ref r6, ref r7);
        Store(destination, Avx.Permute2x128(r0, r4, 0x20));
        Store(destination + destinationStride, Avx.Permute2x128(r1, r5, 0x20));
        Store(destination + (2 * destinationStride), Avx.Permute2x128(r2, r6, 0x20));
        Store(destination + (3 * destinationStride), Avx.Permute2x128(r3, r7, 0x20));
        destination += 4 * destinationStride;
        Store(destination, Avx.Permute2x128(r0, r4, 0x31));
        Store(destination + destinationStride, Avx.Permute2x128(r1, r5, 0x31));
        Store(destination + (2 * destinationStride), Avx.Permute2x128(r2, r6, 0x31));
        Store(destination + (3 * destinationStride), Avx.Permute2x128(r3, r7, 0x31));
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void Prefetch(void* address) => Sse.Prefetch0(address);

    // Transposes the two 4 x 4 squares that the lower and upper halves of four rows form.
    [MethodImpl(Inline)]
    private static void Transpose4(ref V r0, ref V r1, ref V r2, ref V r3)
    {
        Vector256<double> t0 = Avx.UnpackLow(r0, r1).AsDouble(), t1 = Avx.UnpackHigh(r0, r1).AsDouble();
        Vector256<double> t2 = Avx.UnpackLow(r2, r3).AsDouble(), t3 = Avx.UnpackHigh(r2, r3).AsDouble();
        r0 = Avx.UnpackLow(t0, t2).AsSingle();
        r1 = Avx.UnpackHigh(t0, t2).AsSingle();
        r2 = Avx.UnpackLow(t1, t3).AsSingle();
        r3 = Avx.UnpackHigh(t1, t3).AsSingle();
    }
}
