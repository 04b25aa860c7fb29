namespace Lapidary.Workbench.Recipes;

/// <summary>An option or argument of a command, as a step of a recipe has it.</summary>
/// <param name="Name">Its long name without dashes, or the name of the argument in small letters.</param>
/// <param name="Value">How it is written.</param>
/// <param name="Input">What it names.</param>
/// <param name="Description">What it does, in a sentence.</param>
public sealed record StepOption(string Name, StepValue Value, StepInput Input, string Description)
{
    /// <summary>Whether it stands on the command line without a name.</summary>
    public bool IsArgument { get; init; }

    /// <summary>Whether the command cannot do without it.</summary>
    public bool IsRequired { get; init; }

    /// <summary>Whether its name alone says something: it may be true or false besides.</summary>
    public bool CanStandAlone { get; init; }

    /// <summary>Whether it may change what comes out.</summary>
    public bool ChangesResult { get; init; } = true;

    /// <summary>The words that it may be; empty where it may be others.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];
}
