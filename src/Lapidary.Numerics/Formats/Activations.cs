using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Formats;

/// <summary>
/// A vector of activations in the form that a fast matrix-vector product wants, over memory of the caller's
/// (<see cref="BytesFor"/> says how much).
/// </summary>
public readonly unsafe struct Activations
{
    private Activations(ActivationLayout layout, int length, float* values, sbyte* quants, float* scales, short* sums)
    {
        Layout = layout;
        Length = length;
        Values = values;
        Quants = quants;
        Scales = scales;
        Sums = sums;
    }

    /// <summary>The form of the vector.</summary>
    public ActivationLayout Layout { get; }

    /// <summary>Number of elements.</summary>
    public int Length { get; }

    /// <summary>The numbers, for <see cref="ActivationLayout.Float"/> and <see cref="ActivationLayout.EvenOdd"/>.</summary>
    public float* Values { get; }

    /// <summary>round(x / scale), between -127 and 127, for the byte layouts.</summary>
    public sbyte* Quants { get; }

    /// <summary>One scale per block of 32 or 256: the largest magnitude of the block divided by 127.</summary>
    public float* Scales { get; }

    /// <summary>Sums of the quants: one per 32 for <see cref="ActivationLayout.Byte32"/>, one per 16 for <see cref="ActivationLayout.Byte256"/>.</summary>
    public short* Sums { get; }

    /// <summary>Bytes of memory that <see cref="Prepare"/> needs, a multiple of 64.</summary>
    public static long BytesFor(ActivationLayout layout, int length) => layout switch
    {
        ActivationLayout.Float => 0,
        ActivationLayout.EvenOdd => Align(length * 4L),
        _ => Align(length) + Align(BlocksOf(layout, length) * 4L) + Align(SumsOf(layout, length) * 2L),
    };

    /// <summary>
    /// Puts <paramref name="x"/> into a layout. <paramref name="memory"/> must hold <see cref="BytesFor"/> bytes and, like x, outlive
    /// the result.
    /// </summary>
    /// <exception cref="ArgumentException">The length is not a whole number of the layout's blocks.</exception>
    public static Activations Prepare(ActivationLayout layout, float* x, int length, byte* memory)
    {
        switch (layout)
        {
            case ActivationLayout.Float:
                return new Activations(layout, length, x, null, null, null);
            case ActivationLayout.EvenOdd:
                SeparateEvenAndOdd(x, (float*)memory, length);
                return new Activations(layout, length, (float*)memory, null, null, null);
            default:
                int blockLength = layout == ActivationLayout.Byte32 ? 32 : 256;
                if (length % blockLength != 0)
                {
                    throw new ArgumentException($"A vector of {length} elements is not a whole number of blocks of {blockLength}.", nameof(length));
                }

                var quants = (sbyte*)memory;
                var scales = (float*)(memory + Align(length));
                var sums = (short*)((byte*)scales + Align(BlocksOf(layout, length) * 4L));
                QuantizeBytes(x, quants, scales, sums, length, blockLength, length / SumsOf(layout, length));
                return new Activations(layout, length, null, quants, scales, sums);
        }
    }

    private static long Align(long bytes) => (bytes + 63) & ~63L;

    private static int BlocksOf(ActivationLayout layout, int length) => layout == ActivationLayout.Byte32 ? length / 32 : length / 256;

    private static int SumsOf(ActivationLayout layout, int length) => layout == ActivationLayout.Byte32 ? length / 32 : length / 16;

    private static void SeparateEvenAndOdd(float* x, float* destination, int length)
    {
        int width = VectorDispatch.Width;
        int whole = length - (length % (2 * width));
        for (int start = 0; start < whole; start += 2 * width)
        {
            for (int i = 0; i < width; i++)
            {
                destination[start + i] = x[start + (2 * i)];
                destination[start + width + i] = x[start + (2 * i) + 1];
            }
        }

        // What does not fill a group stays in order; the product finishes it with scalar code.
        for (int i = whole; i < length; i++)
        {
            destination[i] = x[i];
        }
    }

    private static void QuantizeBytes(float* x, sbyte* quants, float* scales, short* sums, int length, int blockLength, int sumLength)
    {
        for (int block = 0; block < length / blockLength; block++)
        {
            float* source = x + (block * blockLength);
            float largest = 0;
            for (int i = 0; i < blockLength; i++)
            {
                largest = MathF.Max(largest, MathF.Abs(source[i]));
            }

            float inverse = largest > 0 ? 127f / largest : 0;
            scales[block] = largest / 127f;
            for (int i = 0; i < blockLength; i++)
            {
                quants[(block * blockLength) + i] = (sbyte)MathF.Round(source[i] * inverse);
            }
        }

        for (int group = 0; group < length / sumLength; group++)
        {
            int sum = 0;
            for (int i = 0; i < sumLength; i++)
            {
                sum += quants[(group * sumLength) + i];
            }

            sums[group] = (short)sum;
        }
    }
}
