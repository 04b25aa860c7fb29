using Lapidary.Workbench.Evaluation.Texts;

namespace Lapidary.Workbench.Compression.Collections;

/// <summary>What is said of all files of a collection.</summary>
/// <param name="Model">The name of the model, with which the names of the files begin.</param>
/// <param name="Source">What identifies the files of the model.</param>
public sealed record CollectionFacts(string Model, string Source)
{
    /// <summary>The importance matrix that the files were made with, by its name; null for none.</summary>
    public string? Importance { get; init; }

    /// <summary>The text that they were measured on, by its name; null for none.</summary>
    public string? Text { get; init; }

    /// <summary>How the text was cut; null without one.</summary>
    public string? Chunks { get; init; }

    /// <summary>The name of the model that divergence is measured from; null without a text.</summary>
    public string? Base { get; init; }

    /// <summary>The perplexity of that model; null without a text, or where all scores are older.</summary>
    public UncertainValue? BasePerplexity { get; init; }
}
