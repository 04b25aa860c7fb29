using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lapidary.Numerics.Formats.Encoding;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Formats;

/// <summary>IEEE 754 binary32: the number itself.</summary>
public readonly unsafe struct F32Format : IWeightFormat
{
    /// <inheritdoc/>
    public static ElementType Type => ElementType.F32;

    /// <inheritdoc/>
    public static int BlockLength => 1;

    /// <inheritdoc/>
    public static int BlockBytes => 4;

    /// <inheritdoc/>
    public static ActivationLayout Activations => ActivationLayout.Float;

    /// <inheritdoc/>
    public static void Decode(byte* source, float* destination, int count)
    {
        var kernel = new DecodeKernel { Source = source, Destination = destination, Count = count };
        VectorDispatch.Run(ref kernel);
    }

    /// <inheritdoc/>
    public static void DecodeReference(ReadOnlySpan<byte> source, Span<float> destination)
    {
        fixed (byte* start = source)
        {
            for (int i = 0; i < destination.Length; i++)
            {
                destination[i] = Elements.ToSingle(start + (i * 4));
            }
        }
    }

    /// <inheritdoc/>
    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, Span<byte> blocks)
    {
        EncodeArguments.Check<F32Format>(values.Length, importance.Length, blocks.Length);
        MemoryMarshal.AsBytes(values).CopyTo(blocks);
    }

    /// <inheritdoc/>
    public static void EncodeReference(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, Span<byte> blocks) =>
        Encode(values, importance, blocks);

    /// <inheritdoc/>
    public static void MultiplyRows(byte* rows, nint rowBytes, int rowCount, in Activations x, float* y)
    {
        var kernel = new DenseProduct<Elements>
        {
            Rows = rows, RowBytes = rowBytes, RowCount = rowCount, Length = x.Length, X = x.Values, Y = y,
        };
        VectorDispatch.Run(ref kernel);
    }

    /// <inheritdoc/>
    public static double MultiplyReference(ReadOnlySpan<byte> row, in Activations x) => DenseProduct<Elements>.Reference(row, in x);

    private struct DecodeKernel : IVectorKernel
    {
        public byte* Source;
        public float* Destination;
        public int Count;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<V, TIsa>()
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            int i = 0;
            for (; i + TIsa.Width <= Count; i += TIsa.Width)
            {
                TIsa.Store(Destination + i, TIsa.Load((float*)Source + i));
            }

            for (; i < Count; i++)
            {
                Destination[i] = Elements.ToSingle(Source + (i * 4));
            }
        }
    }

    private readonly struct Elements : IDenseElements
    {
        public static int Size => 4;

        public static float Scale => 1f;

        public static float ToSingle(byte* element) => *(float*)element;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void LoadPair<V, TIsa>(byte* source, out V first, out V second)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            first = TIsa.Load((float*)source);
            second = TIsa.Load((float*)source + TIsa.Width);
        }
    }
}
