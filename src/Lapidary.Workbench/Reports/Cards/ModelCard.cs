using System.Globalization;
using System.Text;
using Lapidary.Checkpoints;
using Lapidary.Workbench.Compression.Collections;
using Lapidary.Workbench.Evaluation.Comparison;
using Lapidary.Workbench.Training;

namespace Lapidary.Workbench.Reports.Cards;

/// <summary>
/// Writes the card of a model: front matter for the hub, how to use it, how it was made, what was measured, its files, limits and lineage. What
/// it says of changes comes from the statistics alone; what somebody wrote into the card stays.
/// </summary>
public static class ModelCard
{
    /// <summary>The name of the card.</summary>
    public const string FileName = "README.md";

    /// <summary>The name of the chart of differences.</summary>
    public const string ComparisonChartName = "comparison.svg";

    /// <summary>Writes or refreshes the card of a folder, with its charts and, where there are GGUF files, a Modelfile for the first of them.</summary>
    /// <param name="folder">A folder with a model, an adapter or GGUF files.</param>
    /// <param name="options">What the card says beside that, and what was measured.</param>
    /// <param name="cancellation">Ends the work; nothing is written then.</param>
    /// <exception cref="CheckpointException">The folder has no model in it, results cannot be compared, or a file cannot be written.</exception>
    public static ModelCardResult Write(string folder, ModelCardOptions options, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(options);
        CardFacts facts = CardFacts.Of(folder, options, cancellation);
        CardDocument document = CardDocument.Read(Path.Combine(folder, FileName));
        using var output = new OutputFolder(folder, overwrite: true);
        var files = new List<string> { FileName };
        void Add(string name, byte[] content)
        {
            output.Write(name, content);
            files.Add(name);
        }

        string? loss = null;
        if (TrainingSection.Runs(facts) is [.., (_, { } run)])
        {
            loss = LossChart.FileName;
            Add(loss, LossChart.Create(MetricsLog.Read(Path.Combine(run, MetricsLog.FileName)), "Training loss").ToBytes());
        }

        string? chart = null;
        if (facts.Comparison is { } comparison)
        {
            chart = ComparisonChartName;
            Add(chart, ComparisonChart.Create(comparison).ToBytes());
        }

        if (facts.GgufFiles.Count > 0)
        {
            Add(UseSection.Modelfile, Encoding.UTF8.GetBytes(OllamaModelfile.Create(facts.GgufFiles[0], facts.Sampling, facts.HasTurns)));
        }

        CardSection?[] sections =
        [
            About(facts), UseSection.Create(facts), TrainingSection.Create(facts, loss), EvaluationSection.Create(facts, chart), FilesSection.Create(facts),
            LimitsSection.Create(facts), LineageSection.Create(facts), InheritedSection.Create(facts),
        ];
        document.Put([.. sections.OfType<CardSection>()]);
        output.Write(FileName, Encoding.UTF8.GetBytes(document.Text(CardFrontMatter.Create(facts, document.FrontMatter))));
        output.Commit();
        return new ModelCardResult(Path.Combine(folder, FileName), files, document.Edited, facts.Comparison);
    }

    /// <summary>What may be said of a model beside the base, in a sentence or two: no change is called one that the statistics do not show.</summary>
    /// <param name="comparison">What was compared.</param>
    /// <param name="model">The model.</param>
    public static string Statement(ComparisonResult comparison, string model)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        return EvaluationSection.Statement(comparison, model);
    }

    private static CardSection About(CardFacts facts)
    {
        var text = new StringBuilder($"# {facts.Options.Title ?? facts.Name}\n\n");
        string what = facts.HasCheckpoint ? "A model" : facts.HasAdapter ? "An adapter" : "Quantized files";
        text.Append(facts.BaseName is null ? what : $"{what} made from `{facts.BaseName}`");
        text.Append(facts.Chain.Count > 0 ? $" by {string.Join(", ", facts.Chain.Select(one => $"`{one.Command}`").Distinct())}.\n" : ".\n");
        if (facts.Config is { } config)
        {
            text.Append(CultureInfo.InvariantCulture, $"\nGemma 3 with {config.Layers.Length} layers, hidden size {config.HiddenSize:N0}, vocabulary {config.VocabularySize:N0}; ");
            text.Append(CultureInfo.InvariantCulture, $"{facts.EmbeddingParameters + facts.OtherParameters:N0} parameters, {facts.EmbeddingParameters:N0} of them in the embedding.\n");
        }

        return new CardSection("about", text.ToString());
    }
}
