using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector128<float>;

namespace Lapidary.Numerics.Simd;

/// <summary>128-bit vectors of the runtime: ARM64, and x64 without AVX2.</summary>
public readonly unsafe partial struct PortableIsa : IVectorIsa<V>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    /// <inheritdoc/>
    public static int Width
    {
        [MethodImpl(Inline)]
        get => 4;
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
    public static V Create(float value) => Vector128.Create(value);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V Load(float* source) => Vector128.Load(source);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void Store(float* destination, V value) => value.Store(destination);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V Add(V left, V right) => left + right;

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V Subtract(V left, V right) => left - right;

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V Multiply(V left, V right) => left * right;

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V Divide(V left, V right) => left / right;

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V MultiplyAdd(V left, V right, V addend) => Vector128.MultiplyAddEstimate(left, right, addend);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V Max(V left, V right) => Vector128.Max(left, right);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V Min(V left, V right) => Vector128.Min(left, right);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V Round(V value) => Vector128.Round(value);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V ScaleByPowerOfTwo(V value, V exponent) =>
        value * ((Vector128.ConvertToInt32(exponent) + Vector128.Create(127)) << 23).AsSingle();

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static float Sum(V value) =>
        (value.GetElement(0) + value.GetElement(2)) + (value.GetElement(1) + value.GetElement(3));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static float MaxElement(V value) =>
        MathF.Max(MathF.Max(value.GetElement(0), value.GetElement(2)), MathF.Max(value.GetElement(1), value.GetElement(3)));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V LoadBFloat16(ushort* source) => (LoadUInt16(source) << 16).AsSingle();

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V LoadHalf(ushort* source)
    {
        Vector128<uint> bits = LoadUInt16(source);
        Vector128<uint> sign = (bits & Vector128.Create(0x8000u)) << 16;
        V scaled = ((bits & Vector128.Create(0x7fffu)) << 13).AsSingle() * Vector128.Create(HalfScale.Value);
        // A half exponent of all ones lands at 65536 and above: make it the float's exponent of all ones, the mantissa kept.
        Vector128<uint> special = Vector128.GreaterThanOrEqual(scaled, Vector128.Create(65536f)).AsUInt32();
        return (scaled.AsUInt32() | (special & Vector128.Create(0x7f800000u)) | sign).AsSingle();
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
    public static V LoadSByte(sbyte* source)
    {
        Vector128<sbyte> bytes = Vector128.CreateScalarUnsafe(*(int*)source).AsSByte();
        return Vector128.ConvertToSingle(Vector128.WidenLower(Vector128.WidenLower(bytes)));
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void Transpose(float* source, nint sourceStride, float* destination, nint destinationStride)
    {
        for (int row = 0; row < 4; row++)
        {
            for (int column = 0; column < 4; column++)
            {
                destination[(column * destinationStride) + row] = source[(row * sourceStride) + column];
            }
        }
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void Prefetch(void* address)
    {
        // The runtime has no portable prefetch; the hardware's own prefetcher has to do.
    }

    [MethodImpl(Inline)]
    private static Vector128<uint> LoadUInt16(ushort* source) =>
        Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(ulong*)source).AsUInt16());
}
