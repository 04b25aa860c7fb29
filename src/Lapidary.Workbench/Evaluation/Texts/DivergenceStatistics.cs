namespace Lapidary.Workbench.Evaluation.Texts;

/// <summary>
/// How far a model Q is from the base P on a text: the statistics of llama.cpp's <c>--kl-divergence</c>. Shares and probabilities are
/// fractions, not per cent.
/// </summary>
public sealed record DivergenceStatistics
{
    /// <summary>Tokens that were scored, n.</summary>
    public required int Count { get; init; }

    /// <summary>The perplexity of the tested model.</summary>
    public required PerplexityStatistics Tested { get; init; }

    /// <summary>The perplexity of the base.</summary>
    public required PerplexityStatistics Base { get; init; }

    /// <summary>
    /// Covariance of the two means of negative log-likelihoods: (mean of products - product of means) / (n - 1); 0 for fewer than 10 tokens.
    /// </summary>
    public required double Covariance { get; init; }

    /// <summary>The mean Kullback-Leibler divergence of a prediction in nats.</summary>
    public required UncertainValue Divergence { get; init; }

    /// <summary>Quantiles of the divergence by their share: 1 is the largest, 0.5 the median, 0 the smallest.</summary>
    public required IReadOnlyList<KeyValuePair<double, double>> DivergenceQuantiles { get; init; }

    /// <summary>The mean of what the tested model gives the token of the text less what the base gives it.</summary>
    public required UncertainValue ProbabilityChange { get; init; }

    /// <summary>Quantiles of that change by their share.</summary>
    public required IReadOnlyList<KeyValuePair<double, double>> ProbabilityChangeQuantiles { get; init; }

    /// <summary>The root of the mean square of the change, with 0.5 / root times the standard error of the mean square.</summary>
    public required UncertainValue RootMeanSquareChange { get; init; }

    /// <summary>Predictions whose likeliest token is the same.</summary>
    public required int SameTopCount { get; init; }

    /// <summary>Their share p, with sqrt(p (1 - p) / (n - 1)).</summary>
    public UncertainValue SameTop
    {
        get
        {
            double share = (double)SameTopCount / Count;
            return new UncertainValue(share, Count > 1 ? Math.Sqrt(share * (1 - share) / (Count - 1)) : 0);
        }
    }

    /// <summary>Correlation of the two logarithms of perplexities; not a number where one of them has no spread.</summary>
    public double Correlation => Covariance / (Tested.MeanNll.Uncertainty * Base.MeanNll.Uncertainty);

    /// <summary>ln (perplexity of Q / perplexity of P), the two taken together.</summary>
    public UncertainValue LogRatio
    {
        get
        {
            double tested = Tested.MeanNll.Uncertainty, reference = Base.MeanNll.Uncertainty;
            double variance = (tested * tested) + (reference * reference) - (2 * Covariance);
            return new UncertainValue(Tested.MeanNll.Value - Base.MeanNll.Value, Math.Sqrt(Math.Max(0, variance)));
        }
    }

    /// <summary>Perplexity of Q / perplexity of P.</summary>
    public UncertainValue Ratio
    {
        get
        {
            double ratio = Math.Exp(LogRatio.Value);
            return new UncertainValue(ratio, ratio * LogRatio.Uncertainty);
        }
    }

    /// <summary>Perplexity of Q - perplexity of P.</summary>
    public UncertainValue Difference
    {
        get
        {
            UncertainValue tested = Tested.Perplexity, reference = Base.Perplexity;
            double variance = (tested.Uncertainty * tested.Uncertainty) + (reference.Uncertainty * reference.Uncertainty)
                - (2 * tested.Value * reference.Value * Covariance);
            return new UncertainValue(tested.Value - reference.Value, Math.Sqrt(Math.Max(0, variance)));
        }
    }
}
