namespace Lapidary.Workbench.Reports.Cards;

/// <summary>What a card says that cannot be taken from files, and where the files are.</summary>
public sealed record ModelCardOptions
{
    /// <summary>Results of evaluations: folders, results files, samples; where there are two models or more they are compared.</summary>
    public IReadOnlyList<string> Results { get; init; } = [];

    /// <summary>The model that the others are compared with, by its name or its path in the results; the first one where it is null.</summary>
    public string? Base { get; init; }

    /// <summary>The heading; the name of the folder where it is null.</summary>
    public string? Title { get; init; }

    /// <summary>The licence; that of the base where it is null.</summary>
    public string? License { get; init; }

    /// <summary>The hub id under which the model will be found; the name of the folder where it is null.</summary>
    public string? HubId { get; init; }

    /// <summary>Languages; those of the base where there are none.</summary>
    public IReadOnlyList<string> Languages { get; init; } = [];

    /// <summary>Data sets, as hub ids; those that the lineage names where there are none.</summary>
    public IReadOnlyList<string> Datasets { get; init; } = [];

    /// <summary>Tags beside those that follow from the model.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Finds the files of a model by the name that a lineage has for it; null where they are not there.</summary>
    public Func<string, string?> FindModel { get; init; } = name => Directory.Exists(name) || File.Exists(name) ? name : null;

    /// <summary>The level of the corrected p-values below which a change is called one.</summary>
    public double Alpha { get; init; } = 0.05;
}
