using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Lapidary.Numerics.Formats.Encoding;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Formats;

/// <summary>bfloat16: the upper half of a binary32.</summary>
public readonly unsafe struct BF16Format : IWeightFormat
{
    /// <inheritdoc/>
    public static ElementType Type => ElementType.BF16;

    /// <inheritdoc/>
    public static int BlockLength => 1;

    /// <inheritdoc/>
    public static int BlockBytes => 2;

    /// <inheritdoc/>
    public static ActivationLayout Activations => ActivationLayout.EvenOdd;

    /// <summary>The nearest bfloat16, ties to even; NaN stays NaN.</summary>
    public static ushort FromSingle(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value)
            ? (ushort)((bits >> 16) | 0x40)
            : (ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
    }

    /// <summary>The number that a bfloat16 stands for.</summary>
    public static float ToSingle(ushort value) => BitConverter.UInt32BitsToSingle((uint)value << 16);

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
        EncodeArguments.Check<BF16Format>(values.Length, importance.Length, blocks.Length);
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
        EncodeArguments.Check<BF16Format>(values.Length, importance.Length, blocks.Length);
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(blocks[(i * BlockBytes)..], FromSingle(values[i]));
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
                TIsa.Store(Destination + i, TIsa.LoadBFloat16((ushort*)Source + i));
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
                // Half of the unit that is dropped is added, one less where the bit above it is even; a NaN must not be carried away.
                V x = TIsa.Load(Source + i);
                TIsa.MultiplyBits(x, TIsa.CreateBits(1 << 16), out _, out V upper);
                V odd = TIsa.AndBits(upper, TIsa.CreateBits(1));
                V rounded = TIsa.AddBits(x, TIsa.AddBits(odd, TIsa.CreateBits(0x7fff)));
                TIsa.StoreUpperHalves(Destination + i, TIsa.SelectEqual(x, x, rounded, TIsa.Create(float.NaN)));
            }

            for (; i < Count; i++)
            {
                Destination[i] = FromSingle(Source[i]);
            }
        }
    }

    internal readonly struct Elements : IPairElements
    {
        public static int Size => 2;

        public static float Scale => 1f;

        public static float ToSingle(byte* element) => BitConverter.UInt32BitsToSingle((uint)*(ushort*)element << 16);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void LoadPair<V, TIsa>(byte* source, out V first, out V second)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            TIsa.LoadBFloat16EvenOdd((ushort*)source, out first, out second);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Split<V, TIsa>(V pairs, out V first, out V second)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            TIsa.SplitBFloat16(pairs, out first, out second);
        }
    }
}
