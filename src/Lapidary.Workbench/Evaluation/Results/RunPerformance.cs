using System.Globalization;
using System.Text.Json.Nodes;
using Lapidary.Workbench.Evaluation.Energy;
using Lapidary.Workbench.Evaluation.Running;

namespace Lapidary.Workbench.Evaluation.Results;

/// <summary>How fast a model answered and what energy that took.</summary>
/// <param name="Work">Tokens and times.</param>
/// <param name="Energy">The energy of the processors meanwhile.</param>
public sealed record RunPerformance(EvaluationWork Work, EnergyReading Energy)
{
    /// <summary>Joules for each token that was processed or generated; null where there is no energy or no token.</summary>
    public double? JoulesPerToken =>
        Energy.Joules is double joules && Work.PromptTokens + Work.GeneratedTokens is > 0 and long tokens ? joules / tokens : null;

    /// <summary>One line for a reader.</summary>
    public override string ToString()
    {
        string energy = Energy.Joules is double joules
            ? string.Create(CultureInfo.InvariantCulture, $"energy {joules:0.0} J{(JoulesPerToken is double each ? $", {each:0.0000} J a token" : string.Empty)}")
            : $"energy not measured: {Energy.Reason}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Speed: {Part(Work.PromptTokens, Work.PromptTime, Work.PromptTokensPerSecond, "processed")}, {Part(Work.GeneratedTokens, Work.GenerationTime, Work.GeneratedTokensPerSecond, "generated")}; {energy}");
    }

    /// <summary>The object of a results file.</summary>
    internal JsonObject ToJson() => new()
    {
        ["prompt_tokens"] = Work.PromptTokens,
        ["prompt_seconds"] = Work.PromptTime.TotalSeconds,
        ["prompt_tokens_per_second"] = Work.PromptTokensPerSecond,
        ["generated_tokens"] = Work.GeneratedTokens,
        ["generation_seconds"] = Work.GenerationTime.TotalSeconds,
        ["generated_tokens_per_second"] = Work.GeneratedTokensPerSecond,
        ["energy_joules"] = Energy.Joules,
        ["energy_joules_per_token"] = JoulesPerToken,
        ["energy_domains"] = new JsonArray([.. Energy.Domains.Select(domain => (JsonNode)domain)]),
        ["energy_unavailable"] = Energy.Reason,
    };

    private static string Part(long tokens, TimeSpan time, double? rate, string done) => string.Create(
        CultureInfo.InvariantCulture,
        $"{tokens:N0} tokens {done}{(rate is double perSecond ? $" in {time.TotalSeconds:0.00} s ({perSecond:N0}/s)" : string.Empty)}");
}
