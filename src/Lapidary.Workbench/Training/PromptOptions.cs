namespace Lapidary.Workbench.Training;

/// <summary>The vectors that prompt tuning begins with.</summary>
public sealed record PromptOptions
{
    /// <summary>How many.</summary>
    public int VirtualTokens { get; init; } = 20;

    /// <summary>How they begin.</summary>
    public PromptInitialization Initialization { get; init; }

    /// <summary>The text that <see cref="PromptInitialization.Text"/> begins with.</summary>
    public string? Text { get; init; }
}
