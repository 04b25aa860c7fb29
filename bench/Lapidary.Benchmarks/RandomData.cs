using Lapidary.Numerics;

namespace Lapidary.Benchmarks;

/// <summary>Seeded inputs whose numbers are of a usual size: neither denormal nor infinite, which some processors compute more slowly.</summary>
internal static unsafe class RandomData
{
    /// <summary>Weights of any format [<paramref name="rows"/>, <paramref name="columns"/>].</summary>
    public static Tensor Weights(ElementType type, int rows, int columns)
    {
        Tensor tensor = Tensor.Allocate(type, rows, columns);
        var random = new Random(1);
        switch (type)
        {
            case ElementType.F32:
                Fill(random, (float*)tensor.Data, tensor.Length, value => value);
                break;
            case ElementType.F16:
                Fill(random, (Half*)tensor.Data, tensor.Length, value => (Half)value);
                break;
            case ElementType.BF16:
                Fill(random, (ushort*)tensor.Data, tensor.Length, value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16));
                break;
            default:
                // Any bytes are a block; without the upper two bits each half among them, wherever it lies, is below 2.
                Fill(random, tensor.Data, tensor.ByteLength, _ => (byte)random.Next(64));
                break;
        }

        return tensor;
    }

    /// <summary>Float32 numbers between -1 and 1.</summary>
    public static Tensor Floats(params ReadOnlySpan<long> shape)
    {
        Tensor tensor = Tensor.Allocate(ElementType.F32, shape);
        Fill(new Random(2), (float*)tensor.Data, tensor.Length, value => value);
        return tensor;
    }

    private static void Fill<T>(Random random, T* data, long length, Func<float, T> convert)
        where T : unmanaged
    {
        for (long i = 0; i < length; i++)
        {
            data[i] = convert((random.NextSingle() * 2) - 1);
        }
    }
}
