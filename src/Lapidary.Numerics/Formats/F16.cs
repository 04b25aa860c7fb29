using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Lapidary.Numerics.Formats.Encoding;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Formats;

/// <summary>IEEE 754 binary16.</summary>
public readonly unsafe struct F16Format : IWeightFormat
{
    /// <inheritdoc/>
    public static ElementType Type => ElementType.F16;

    /// <inheritdoc/>
    public static int BlockLength => 1;

    /// <inheritdoc/>
    public static int BlockBytes => 2;

    /// <inheritdoc/>
    public static ActivationLayout Activations => ActivationLayout.EvenOdd;

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
                destination[i] = Elements.ToSingle(start + (i * 2));
            }
        }
    }

    /// <inheritdoc/>
    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, Span<byte> blocks)
    {
        EncodeArguments.Check<F16Format>(values.Length, importance.Length, blocks.Length);
        fixed (float* source = values)
        fixed (byte* destination = blocks)
        {
            var kernel = new EncodeKernel { Source = source, Destination = (ushort*)destination, Count = values.Length };
            VectorDispatch.Run(ref kernel);
        }
    }

    /// <inheritdoc/>
    public static void EncodeReference(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, Span<byte> blocks)
    {
        EncodeArguments.Check<F16Format>(values.Length, importance.Length, blocks.Length);
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteHalfLittleEndian(blocks[(i * BlockBytes)..], (Half)values[i]);
        }
    }

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
                TIsa.Store(Destination + i, TIsa.LoadHalf((ushort*)Source + i));
            }

            for (; i < Count; i++)
            {
                Destination[i] = Elements.ToSingle(Source + (i * 2));
            }
        }
    }

    private struct EncodeKernel : IVectorKernel
    {
        public float* Source;
        public ushort* Destination;
        public int Count;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<V, TIsa>()
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            int i = 0;
            for (; i + TIsa.Width <= Count; i += TIsa.Width)
            {
                TIsa.StoreHalf(Destination + i, TIsa.Load(Source + i));
            }

            for (; i < Count; i++)
            {
                Destination[i] = HalfRounding.Of(Source[i]);
            }
        }
    }

    internal readonly struct Elements : IPairElements
    {
        public static int Size => 2;

        public static float Scale => HalfScale.Value;

        public static float ToSingle(byte* element) => (float)BitConverter.UInt16BitsToHalf(*(ushort*)element);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void LoadPair<V, TIsa>(byte* source, out V first, out V second)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            TIsa.LoadHalfEvenOdd((ushort*)source, out first, out second);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Split<V, TIsa>(V pairs, out V first, out V second)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            TIsa.SplitHalf(pairs, out first, out second);
        }
    }
}
