namespace Lapidary.Workbench.Evaluation.Texts;

/// <summary>The perplexity of a model on a text.</summary>
/// <param name="Count">Tokens that were scored.</param>
/// <param name="MeanNll">The mean negative log-likelihood of a token in nats, with sigma = sqrt((mean of squares - mean^2) / (n - 1)).</param>
public sealed record PerplexityStatistics(int Count, UncertainValue MeanNll)
{
    /// <summary>e^mean, with sigma times as much as its standard error.</summary>
    public UncertainValue Perplexity
    {
        get
        {
            double value = Math.Exp(MeanNll.Value);
            return new UncertainValue(value, value * MeanNll.Uncertainty);
        }
    }
}
