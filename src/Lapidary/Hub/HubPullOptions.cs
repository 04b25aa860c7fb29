namespace Lapidary.Hub;

/// <summary>What is fetched of a repository.</summary>
public sealed record HubPullOptions
{
    /// <summary>
    /// A branch, a tag or a commit. Null for the main branch, or for the hub's Parquet conversion of a data set that is a script or has no
    /// file that can be read.
    /// </summary>
    public string? Revision { get; init; }

    /// <summary>
    /// Patterns of the files to fetch, with <c>*</c> and <c>?</c>, which also stand for slashes. Empty for what can be read here: of a model
    /// its safetensors, JSON, tokenizer, templates and texts, of a data set Parquet, JSON, CSV and texts.
    /// </summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Patterns of files not to fetch.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>Told what a user may want to know meanwhile: another try, another program to wait for. From any thread.</summary>
    public Action<string>? Log { get; init; }
}
