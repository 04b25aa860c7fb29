using System.Text.Json.Nodes;
using Lapidary.Cli.Commands.Texts;
using Lapidary.Cli.Output;
using Lapidary.Inference;
using Lapidary.Inference.Generation;
using Lapidary.Text;
using Lapidary.Workbench.Evaluation.Results;
using Lapidary.Workbench.Evaluation.Texts;

namespace Lapidary.Cli.Commands.Evaluation;

/// <summary>The measurement of texts that are cut, with the base that they are compared with.</summary>
/// <param name="model">The model, which outlives it.</param>
/// <param name="domains">The texts.</param>
/// <param name="baseName">The base as it was named; null for none.</param>
/// <param name="reference">The base, which it owns; null for none.</param>
internal sealed class TextDomainRun(TextGenerator model, IReadOnlyList<TextDomain> domains, string? baseName, LanguageModel? reference) : IDisposable
{
    /// <summary>Measures every text: a task each.</summary>
    public IReadOnlyList<TaskResult> Measure(CancellationToken cancellation)
    {
        Tokenizer tokenizer = model.Tokenizer;
        using LiveBaseLogits? live = reference is null ? null : new LiveBaseLogits(reference);
        using var evaluator = new TextEvaluator(model.Model);
        var results = new List<TaskResult>();
        foreach (TextDomain domain in domains)
        {
            using var line = new TextProgressLine(
                Console.Error, !Console.IsErrorRedirected, TimeProvider.System, $"{TextTask.Prefix}{domain.Name}: ");
            TextScores scores = evaluator.Run(domain.Chunks, live, progress: line, cancellation: cancellation);
            var settings = new JsonObject { ["text"] = domain.Path, ["base"] = baseName };
            results.Add(TextTask.Create(domain.Name, domain.Chunks, scores, tokens => tokenizer.Decode(tokens.Span), settings));
        }

        return results;
    }

    /// <inheritdoc/>
    public void Dispose() => reference?.Dispose();
}
