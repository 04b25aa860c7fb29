namespace Lapidary.Peers.Tests;

/// <summary>How far logits [positions, vocabulary] are from a reference.</summary>
/// <param name="Largest">Largest absolute difference.</param>
/// <param name="Rms">Root of the mean squared difference.</param>
/// <param name="MeanKl">Mean over the positions of KL(reference || actual).</param>
/// <param name="WidestLostMargin">
/// Of the positions whose top token differs, the largest distance between the first two logits of the reference; 0 without any.
/// </param>
internal readonly record struct Distance(double Largest, double Rms, double MeanKl, double WidestLostMargin)
{
    /// <summary>Measures <paramref name="actual"/> against <paramref name="reference"/>.</summary>
    public static Distance Between(float[] actual, float[] reference, int vocabulary) =>
        Between(actual, Array.ConvertAll(reference, value => (double)value), vocabulary);

    /// <inheritdoc cref="Between(float[], float[], int)"/>
    public static Distance Between(float[] actual, double[] reference, int vocabulary)
    {
        if (actual.Length != reference.Length || actual.Length % vocabulary != 0)
        {
            throw new ArgumentException($"{actual.Length} logits cannot be compared with {reference.Length}.", nameof(actual));
        }

        double largest = 0, squares = 0, divergence = 0, lost = 0;
        var given = new double[vocabulary];
        int positions = actual.Length / vocabulary;
        for (int position = 0; position < positions; position++)
        {
            ReadOnlySpan<double> expected = reference.AsSpan(position * vocabulary, vocabulary);
            for (int i = 0; i < vocabulary; i++)
            {
                given[i] = actual[(position * vocabulary) + i];
                double difference = Math.Abs(given[i] - expected[i]);
                largest = Math.Max(largest, difference);
                squares += difference * difference;
            }

            divergence += Divergence(expected, given);
            if (IndexOfMax(expected) != IndexOfMax(given))
            {
                lost = Math.Max(lost, Margin(expected));
            }
        }

        // To Shouldly NaN is less than every number: what is not a number must not look like agreement.
        return double.IsNaN(squares) || double.IsNaN(divergence)
            ? new Distance(double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity)
            : new Distance(largest, Math.Sqrt(squares / actual.Length), divergence / positions, lost);
    }

    /// <summary>Distance between the two largest numbers.</summary>
    public static double Margin(ReadOnlySpan<double> logits)
    {
        double first = double.NegativeInfinity, second = first;
        foreach (double value in logits)
        {
            (first, second) = value > first ? (value, first) : (first, Math.Max(second, value));
        }

        return first - second;
    }

    /// <summary>The first index of the largest number.</summary>
    public static int IndexOfMax(ReadOnlySpan<double> logits)
    {
        int best = 0;
        for (int i = 1; i < logits.Length; i++)
        {
            best = logits[i] > logits[best] ? i : best;
        }

        return best;
    }

    private static double Divergence(ReadOnlySpan<double> reference, ReadOnlySpan<double> actual)
    {
        double p = LogSumExp(reference), q = LogSumExp(actual), sum = 0;
        for (int i = 0; i < reference.Length; i++)
        {
            sum += Math.Exp(reference[i] - p) * (reference[i] - p - (actual[i] - q));
        }

        return sum;
    }

    private static double LogSumExp(ReadOnlySpan<double> logits)
    {
        double largest = logits[IndexOfMax(logits)], sum = 0;
        foreach (double value in logits)
        {
            sum += Math.Exp(value - largest);
        }

        return largest + Math.Log(sum);
    }
}
