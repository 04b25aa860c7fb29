using System.Security.Cryptography;
using Lapidary.Numerics;

namespace Lapidary.Inference.Sampling;

/// <summary>
/// Chooses the tokens of one sequence. Every sequence has its own sampler and its own stream of random numbers, and each token takes
/// one number from it, so that what a sequence becomes does not depend on those that are generated beside it.
/// </summary>
/// <remarks>Choosing allocates no managed memory. Not for use by several threads at once.</remarks>
public sealed class Sampler
{
    private readonly LogitScan scan;
    private readonly float[] adjusted;
    private readonly double[] weights;
    private readonly PenaltyCounts? counts;
    private readonly KeyValuePair<int, float>[] biases;
    private readonly int vocabularySize;
    private SplitMix64 random;

    /// <summary>A sampler for logits of <paramref name="vocabularySize"/> tokens.</summary>
    public Sampler(SamplingOptions options, int vocabularySize)
        : this(options, vocabularySize, null)
    {
    }

    internal Sampler(SamplingOptions options, int vocabularySize, SamplingMemory? memory)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, 1);
        memory ??= new SamplingMemory(vocabularySize);
        scan = memory.Scan;
        adjusted = memory.Adjusted;
        weights = memory.Weights;
        Options = options;
        this.vocabularySize = vocabularySize;
        biases = [.. options.LogitBias];
        counts = options.Penalizes ? new PenaltyCounts(options.PenaltyWindow) : null;
        Span<ulong> fresh = stackalloc ulong[1];
        RandomNumberGenerator.Fill(System.Runtime.InteropServices.MemoryMarshal.AsBytes(fresh));
        Seed = options.Seed ?? fresh[0];
        random = new SplitMix64(Seed);
    }

    /// <summary>How tokens are chosen.</summary>
    public SamplingOptions Options { get; }

    /// <summary>Where the random numbers began: the seed of the options, or the one that was taken in its place.</summary>
    public ulong Seed { get; }

    /// <summary>Counts a token of the prompt, or one that was chosen, for the penalties.</summary>
    public void Accept(int token) => counts?.Add(token);

    /// <summary>Counts the tokens of a prompt.</summary>
    public void Accept(ReadOnlySpan<int> tokens)
    {
        foreach (int token in tokens)
        {
            counts?.Add(token);
        }
    }

    /// <summary>Chooses the next token. It does not count for the penalties until <see cref="Accept(int)"/> is told of it.</summary>
    /// <param name="logits">[vocabulary]; negative infinity rules a token out.</param>
    /// <exception cref="ArgumentException">The number of logits is not the size of the vocabulary.</exception>
    /// <exception cref="NonFiniteException">A logit is NaN or positive infinity, or no token is left.</exception>
    public int Sample(ReadOnlySpan<float> logits)
    {
        ReadOnlySpan<float> values = Adjust(logits);
        if (Options.Temperature == 0)
        {
            return scan.IndexOfLargest(values);
        }

        double place = random.NextDouble();
        if (!Filters)
        {
            return scan.Draw(place * scan.SumExponentials(values, Options.Temperature));
        }

        ReadOnlySpan<ulong> kept = Filter(values);
        double left = place * Weigh(values, kept);
        int chosen = 0;
        for (int i = 0; i < kept.Length; i++)
        {
            // A weight that has vanished cannot be drawn, not even by rounding.
            if (weights[i] > 0)
            {
                chosen = i;
                left -= weights[i];
                if (left < 0)
                {
                    break;
                }
            }
        }

        return LogitScan.TokenOf(kept[chosen]);
    }

    /// <summary>The distribution from which <see cref="Sample"/> would draw, most likely first; takes no random number.</summary>
    /// <inheritdoc cref="Sample"/>
    public IReadOnlyList<TokenLogProbability> Distribution(ReadOnlySpan<float> logits)
    {
        ReadOnlySpan<float> values = Adjust(logits);
        if (Options.Temperature == 0)
        {
            return [new TokenLogProbability(scan.IndexOfLargest(values), 0)];
        }

        ReadOnlySpan<ulong> kept = Filter(values);
        double total = Weigh(values, kept);
        var distribution = new TokenLogProbability[kept.Length];
        for (int i = 0; i < kept.Length; i++)
        {
            distribution[i] = new TokenLogProbability(LogitScan.TokenOf(kept[i]), Math.Log(weights[i] / total));
        }

        return distribution;
    }

    private bool Filters => Options.TopK != 0 || Options.TopP < 1 || Options.MinP > 0;

    private ReadOnlySpan<float> Adjust(ReadOnlySpan<float> logits)
    {
        if (logits.Length != vocabularySize)
        {
            throw new ArgumentException($"{logits.Length} logits were given where {vocabularySize} were expected.", nameof(logits));
        }

        if (counts is null && biases.Length == 0)
        {
            scan.Look(logits);
            return logits;
        }

        logits.CopyTo(adjusted);
        foreach ((int token, float bias) in biases)
        {
            if (token < adjusted.Length)
            {
                adjusted[token] += bias;
            }
        }

        counts?.Apply(adjusted, Options);
        scan.Look(adjusted);
        return adjusted;
    }

    // The filters keep a beginning of the same order, so each only has to say where the end is.
    private ReadOnlySpan<ulong> Filter(ReadOnlySpan<float> values)
    {
        // log(0) is negative infinity: no threshold.
        float threshold = scan.Largest + MathF.Log(Options.MinP);
        ReadOnlySpan<ulong> kept;
        if (Options.TopK > 0 && Options.TopK < values.Length)
        {
            kept = scan.Top(values, Options.TopK);
            kept = Nucleus(values, kept, Sum(values, kept));
        }
        else if (Options.TopP < 1)
        {
            double total = scan.SumExponentials(values);
            kept = Nucleus(values, scan.Mass(values, Options.TopP * total), total);
        }
        else
        {
            return scan.AtLeast(values, threshold);
        }

        int count = 1;
        while (count < kept.Length && values[LogitScan.TokenOf(kept[count])] >= threshold)
        {
            count++;
        }

        return kept[..count];
    }

    private ReadOnlySpan<ulong> Nucleus(ReadOnlySpan<float> values, ReadOnlySpan<ulong> sorted, double total)
    {
        if (Options.TopP == 1)
        {
            return sorted;
        }

        double sum = 0;
        int count = 0;
        while (count < sorted.Length && sum < Options.TopP * total)
        {
            sum += Exponential(values, sorted[count]);
            count++;
        }

        return sorted[..Math.Max(1, count)];
    }

    private double Sum(ReadOnlySpan<float> values, ReadOnlySpan<ulong> sorted)
    {
        double sum = 0;
        foreach (ulong key in sorted)
        {
            sum += Exponential(values, key);
        }

        return sum;
    }

    private double Exponential(ReadOnlySpan<float> values, ulong key) => Math.Exp((double)values[LogitScan.TokenOf(key)] - scan.Largest);

    private double Weigh(ReadOnlySpan<float> values, ReadOnlySpan<ulong> kept)
    {
        double total = 0;
        for (int i = 0; i < kept.Length; i++)
        {
            weights[i] = Math.Exp(((double)values[LogitScan.TokenOf(kept[i])] - scan.Largest) / Options.Temperature);
            total += weights[i];
        }

        return total;
    }
}
