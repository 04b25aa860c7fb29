namespace Lapidary.Workbench.Evaluation.Results;

/// <summary>Which of several choices a model takes, and how sure it is.</summary>
internal static class ChosenAnswer
{
    /// <summary>The likeliest choice, of equals the first, as in the harness; and its likelihood divided by the sum of all.</summary>
    /// <param name="likelihoods">The log-likelihood of each choice.</param>
    public static (int Chosen, double Confidence) Of(List<double> likelihoods)
    {
        double largest = likelihoods.Max();
        return (likelihoods.IndexOf(largest), 1 / likelihoods.Sum(likelihood => Math.Exp(likelihood - largest)));
    }
}
