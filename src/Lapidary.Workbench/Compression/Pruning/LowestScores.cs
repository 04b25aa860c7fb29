namespace Lapidary.Workbench.Compression;

/// <summary>
/// Marks the lowest of some scores without sorting them: a radix select finds the threshold digit by digit from the top, so the work grows
/// with the number of scores and the memory does not.
/// </summary>
internal static class LowestScores
{
    private const int DigitBits = 8;

    // Up to here counting for each score those below it is less work than the tables of the select.
    private const int Few = 16;

    /// <summary>Marks exactly <paramref name="count"/> scores, the lowest; among equal ones those of lower index.</summary>
    /// <param name="scores">The scores; NaN is not allowed, 0 and -0 are equal.</param>
    /// <param name="count">How many.</param>
    /// <param name="marked">As long as the scores; every element is written.</param>
    /// <exception cref="ArgumentException">The count or the length of <paramref name="marked"/> does not fit the scores.</exception>
    public static void Mark(ReadOnlySpan<float> scores, int count, Span<bool> marked) => Mark<float, FloatOrder>(scores, count, marked);

    /// <inheritdoc cref="Mark(ReadOnlySpan{float}, int, Span{bool})"/>
    public static void Mark(ReadOnlySpan<double> scores, int count, Span<bool> marked) => Mark<double, DoubleOrder>(scores, count, marked);

    private static void Mark<T, TOrder>(ReadOnlySpan<T> scores, int count, Span<bool> marked)
        where TOrder : struct, IOrder<T>
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, scores.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(marked.Length, scores.Length);
        if (count == 0 || count == scores.Length)
        {
            marked.Fill(count > 0);
            return;
        }

        if (scores.Length <= Few)
        {
            MarkFew<T, TOrder>(scores, count, marked);
            return;
        }

        ulong threshold = Threshold<T, TOrder>(scores, count, out int equal);
        for (int i = 0; i < scores.Length; i++)
        {
            ulong key = TOrder.Key(scores[i]);
            marked[i] = key < threshold || (key == threshold && equal-- > 0);
        }
    }

    private static void MarkFew<T, TOrder>(ReadOnlySpan<T> scores, int count, Span<bool> marked)
        where TOrder : struct, IOrder<T>
    {
        Span<ulong> keys = stackalloc ulong[Few];
        for (int i = 0; i < scores.Length; i++)
        {
            keys[i] = TOrder.Key(scores[i]);
        }

        for (int i = 0; i < scores.Length; i++)
        {
            int lower = 0;
            for (int j = 0; j < scores.Length; j++)
            {
                lower += keys[j] < keys[i] || (keys[j] == keys[i] && j < i) ? 1 : 0;
            }

            marked[i] = lower < count;
        }
    }

    // The key of the count-th lowest score, and how many scores of just that key are among the lowest.
    private static ulong Threshold<T, TOrder>(ReadOnlySpan<T> scores, int count, out int equal)
        where TOrder : struct, IOrder<T>
    {
        Span<int> counts = stackalloc int[1 << DigitBits];
        ulong prefix = 0, known = 0;
        int wanted = count;
        for (int shift = TOrder.Bits - DigitBits; shift >= 0; shift -= DigitBits)
        {
            counts.Clear();
            foreach (T score in scores)
            {
                ulong key = TOrder.Key(score);
                if ((key & known) == prefix)
                {
                    counts[(int)(key >> shift) & (counts.Length - 1)]++;
                }
            }

            int digit = 0;
            for (; wanted > counts[digit]; digit++)
            {
                wanted -= counts[digit];
            }

            prefix |= (ulong)digit << shift;
            known |= (ulong)(counts.Length - 1) << shift;
        }

        equal = wanted;
        return prefix;
    }

    // Whole numbers in the order of the scores: the bits of a negative number run backwards, and its sign is the lower one.
    private interface IOrder<T>
    {
        static abstract int Bits { get; }

        static abstract ulong Key(T score);
    }

    private readonly struct FloatOrder : IOrder<float>
    {
        public static int Bits => 32;

        public static ulong Key(float score)
        {
            // Adding 0 makes 0 of -0.
            uint bits = BitConverter.SingleToUInt32Bits(score + 0f);
            return (bits & (1u << 31)) != 0 ? ~bits : bits | (1u << 31);
        }
    }

    private readonly struct DoubleOrder : IOrder<double>
    {
        public static int Bits => 64;

        public static ulong Key(double score)
        {
            ulong bits = BitConverter.DoubleToUInt64Bits(score + 0d);
            return (bits & (1ul << 63)) != 0 ? ~bits : bits | (1ul << 63);
        }
    }
}
