using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace Lapidary.Inference.Sampling;

/// <summary>
/// Looks at the logits of one position: the largest, the sum of exponentials, the most likely tokens in order. A vocabulary of 262,144
/// is never sorted as a whole unless nearly all of it is asked for: blocks whose maximum is below a threshold are passed over. The
/// scratch memory is allocated once.
/// </summary>
internal sealed class LogitScan
{
    private const int BlockLength = 256;

    private readonly float[] exponentials;
    private readonly float[] maxima;
    private readonly float[] sortedMaxima;
    private readonly ulong[] keys;
    private readonly double[] totals;

    public LogitScan(int vocabularySize)
    {
        int blocks = (vocabularySize + BlockLength - 1) / BlockLength;
        exponentials = new float[vocabularySize];
        keys = new ulong[vocabularySize];
        maxima = new float[blocks];
        sortedMaxima = new float[blocks];
        totals = new double[blocks];
    }

    /// <summary>The largest of the logits that were looked at.</summary>
    public float Largest { get; private set; }

    /// <summary>Finds the maxima on which everything else here is based.</summary>
    /// <exception cref="NonFiniteException">A logit is NaN or positive infinity, or all are negative infinity.</exception>
    public void Look(ReadOnlySpan<float> logits)
    {
        for (int block = 0; block < maxima.Length; block++)
        {
            // Max gives NaN where there is one.
            maxima[block] = TensorPrimitives.Max(Block(logits, block));
        }

        Largest = TensorPrimitives.Max<float>(maxima);
        if (!float.IsFinite(Largest))
        {
            throw NotFinite(logits);
        }
    }

    /// <summary>The token with the largest logit; the first of equals.</summary>
    public int IndexOfLargest(ReadOnlySpan<float> logits)
    {
        int index = Array.IndexOf(maxima, Largest) * BlockLength;
        while (logits[index] != Largest)
        {
            index++;
        }

        return index;
    }

    /// <summary>The sum of e^((logit - largest) / temperature) over all tokens; <see cref="Draw"/> uses the parts.</summary>
    public double SumExponentials(ReadOnlySpan<float> logits, float temperature = 1)
    {
        double total = 0;
        for (int block = 0; block < maxima.Length; block++)
        {
            Span<float> part = exponentials.AsSpan(block * BlockLength, Math.Min(BlockLength, logits.Length - (block * BlockLength)));
            TensorPrimitives.Subtract(Block(logits, block), Largest, part);
            if (temperature != 1)
            {
                // A quotient, since the reciprocal of a tiny temperature is infinite, and zero times that no number.
                TensorPrimitives.Divide(part, temperature, part);
            }

            TensorPrimitives.Exp(part, part);
            totals[block] = TensorPrimitives.Sum<float>(part);
            total += totals[block];
        }

        return total;
    }

    /// <summary>The token at a place, from 0 to the whole sum, among the exponentials that <see cref="SumExponentials"/> has left.</summary>
    public int Draw(double place)
    {
        int last = -1;
        for (int block = 0; block < totals.Length; block++)
        {
            if (totals[block] == 0)
            {
                continue;
            }

            int start = block * BlockLength;
            int end = Math.Min(start + BlockLength, exponentials.Length);
            if (place >= totals[block] && block < totals.Length - 1)
            {
                place -= totals[block];
                last = start;
                continue;
            }

            for (int i = start; i < end; i++)
            {
                if (exponentials[i] > 0)
                {
                    last = i;
                    place -= exponentials[i];
                    if (place < 0)
                    {
                        return i;
                    }
                }
            }
        }

        // Rounding has carried the place beyond the last token: any of the last block that has some weight.
        while (exponentials[last] == 0)
        {
            last++;
        }

        return last;
    }

    /// <summary>The <paramref name="count"/> most likely tokens, or fewer where others are ruled out, most likely first.</summary>
    public ReadOnlySpan<ulong> Top(ReadOnlySpan<float> logits, int count)
    {
        int found;
        if (count <= maxima.Length)
        {
            // At least this many blocks hold a token that is no less likely than the threshold.
            maxima.CopyTo(sortedMaxima, 0);
            Array.Sort(sortedMaxima);
            found = Gather(logits, sortedMaxima[^count]);
        }
        else
        {
            found = GatherUntil(logits, count, double.PositiveInfinity);
        }

        Span<ulong> sorted = keys.AsSpan(0, found);
        sorted.Sort();
        return sorted[..Math.Min(count, found)];
    }

    /// <summary>The tokens whose logit is not below <paramref name="threshold"/>, most likely first.</summary>
    public ReadOnlySpan<ulong> AtLeast(ReadOnlySpan<float> logits, float threshold)
    {
        Span<ulong> sorted = keys.AsSpan(0, Gather(logits, threshold));
        sorted.Sort();
        return sorted;
    }

    /// <summary>
    /// At least those most likely tokens whose exponentials add up to <paramref name="mass"/>, most likely first; all, if need be. The
    /// exponentials are those that <see cref="SumExponentials"/> has left.
    /// </summary>
    public ReadOnlySpan<ulong> Mass(ReadOnlySpan<float> logits, double mass)
    {
        int found = GatherUntil(logits, int.MaxValue, mass);
        Span<ulong> sorted = keys.AsSpan(0, found);
        sorted.Sort();
        return sorted;
    }

    /// <summary>The token of a key.</summary>
    public static int TokenOf(ulong key) => (int)(uint)key;

    // The more likely first and, of equals, the smaller id: the bits of the logit in an order that sorts like the number, upside down.
    private static ulong KeyOf(float logit, int token)
    {
        // Adding zero makes one of the two zeros of the other.
        int bits = BitConverter.SingleToInt32Bits(logit + 0f);
        uint ordered = (uint)(bits ^ ((bits >> 31) | int.MinValue));
        return ((ulong)~ordered << 32) | (uint)token;
    }

    private static ReadOnlySpan<float> Block(ReadOnlySpan<float> logits, int block) =>
        logits.Slice(block * BlockLength, Math.Min(BlockLength, logits.Length - (block * BlockLength)));

    private static NonFiniteException NotFinite(ReadOnlySpan<float> logits)
    {
        for (int i = 0; i < logits.Length; i++)
        {
            if (float.IsNaN(logits[i]) || float.IsPositiveInfinity(logits[i]))
            {
                return new NonFiniteException($"The logits hold {logits[i]} at token {i}.");
            }
        }

        return new NonFiniteException("The logits rule out every token: all of them are negative infinity.");
    }

    // Widens the distance from the largest logit until there are enough tokens, or they weigh enough.
    private int GatherUntil(ReadOnlySpan<float> logits, int count, double mass)
    {
        for (float distance = 1; distance < 64; distance *= 1.5f)
        {
            int found = Gather(logits, Largest - distance);
            if (found >= count || (!double.IsInfinity(mass) && MassOf(found) >= mass))
            {
                return found;
            }
        }

        return Gather(logits, float.MinValue);
    }

    private double MassOf(int found)
    {
        double sum = 0;
        foreach (ulong key in keys.AsSpan(0, found))
        {
            sum += exponentials[TokenOf(key)];
        }

        return sum;
    }

    private int Gather(ReadOnlySpan<float> logits, float threshold)
    {
        threshold = Math.Max(threshold, float.MinValue);
        int found = 0;
        for (int block = 0; block < maxima.Length; block++)
        {
            if (maxima[block] < threshold)
            {
                continue;
            }

            // Four at a time: few of them are above.
            int i = block * BlockLength;
            int end = Math.Min(i + BlockLength, logits.Length);
            while (i < end)
            {
                if (end - i >= Vector128<float>.Count
                    && !Vector128.GreaterThanOrEqualAny(Vector128.Create(logits[i..]), Vector128.Create(threshold)))
                {
                    i += Vector128<float>.Count;
                    continue;
                }

                for (int stop = Math.Min(i + Vector128<float>.Count, end); i < stop; i++)
                {
                    if (logits[i] >= threshold)
                    {
                        keys[found++] = KeyOf(logits[i], i);
                    }
                }
            }
        }

        return found;
    }
}
