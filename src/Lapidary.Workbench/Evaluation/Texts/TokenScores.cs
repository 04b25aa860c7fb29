namespace Lapidary.Workbench.Evaluation.Texts;

/// <summary>Sums over the tokens of a text that were scored so far, always added in the order of the text.</summary>
internal sealed class TokenScores
{
    // Fewer values have no standard error in llama.cpp's tool, and fewer pairs no covariance.
    private const int EnoughForError = 11;
    private const int EnoughForCovariance = 10;

    private static readonly double[] DivergenceShares = [1, 0.999, 0.99, 0.95, 0.9, 0.5, 0.1, 0.05, 0.01, 0.001, 0];
    private static readonly double[] ChangeShares = [1, 0.999, 0.99, 0.95, 0.9, 0.75, 0.5, 0.25, 0.1, 0.05, 0.01, 0.001, 0];

    private readonly List<double> divergences = [];
    private readonly List<double> changes = [];
    private Moments nll;
    private Moments baseNll;
    private Moments divergence;
    private Moments change;
    private Moments squaredChange;
    private double products;
    private int sameTop;

    /// <summary>Adds a token of a model alone.</summary>
    /// <param name="tokenNll">Its negative log-likelihood.</param>
    public void Add(double tokenNll) => nll.Add(tokenNll);

    /// <summary>Adds a token of two models.</summary>
    /// <param name="token">What was found at the token.</param>
    public void Add(in TokenComparison token)
    {
        nll.Add(token.Nll);
        baseNll.Add(token.BaseNll);
        products += token.Nll * token.BaseNll;
        divergence.Add(token.Divergence);
        divergences.Add(token.Divergence);
        double difference = Math.Exp(-token.Nll) - Math.Exp(-token.BaseNll);
        change.Add(difference);
        squaredChange.Add(difference * difference);
        changes.Add(difference);
        sameTop += token.IsSameTop ? 1 : 0;
    }

    /// <summary>The perplexity so far.</summary>
    public PerplexityStatistics Perplexity() => new(nll.Count, nll.Estimate());

    /// <summary>The mean divergence so far; null without a base.</summary>
    public double? MeanDivergence => divergence.Count > 0 ? divergence.Mean : null;

    /// <summary>The divergence so far; null without a base.</summary>
    public DivergenceStatistics? Divergence()
    {
        int count = divergence.Count;
        if (count == 0)
        {
            return null;
        }

        double root = Math.Sqrt(change.MeanSquare);
        return new DivergenceStatistics
        {
            Count = count,
            Tested = new PerplexityStatistics(count, nll.Estimate(EnoughForError)),
            Base = new PerplexityStatistics(count, baseNll.Estimate(EnoughForError)),
            Covariance = count < EnoughForCovariance ? 0 : ((products / count) - (nll.Mean * baseNll.Mean)) / (count - 1),
            Divergence = divergence.Estimate(EnoughForError),
            DivergenceQuantiles = new Distribution(divergences).Quantiles(DivergenceShares),
            ProbabilityChange = change.Estimate(EnoughForError),
            ProbabilityChangeQuantiles = new Distribution(changes).Quantiles(ChangeShares),

            // Two models that are the same have no root to divide by, and no error.
            RootMeanSquareChange = new UncertainValue(root, root > 0 ? 0.5 / root * squaredChange.Estimate(EnoughForError).Uncertainty : 0),
            SameTopCount = sameTop,
        };
    }
}
