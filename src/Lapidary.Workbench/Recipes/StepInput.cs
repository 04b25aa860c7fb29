namespace Lapidary.Workbench.Recipes;

/// <summary>What the value of an option names, as far as a recipe has to know.</summary>
public enum StepInput
{
    /// <summary>Nothing that goes in: a number, a word, a text.</summary>
    None,

    /// <summary>A model.</summary>
    Model,

    /// <summary>An adapter, perhaps with a scale behind a colon.</summary>
    Adapter,

    /// <summary>A file or a folder.</summary>
    Path,

    /// <summary>A file with a name and an equals sign before it.</summary>
    NamedPath,

    /// <summary>A data set: a file, a folder or one of the hub's.</summary>
    Data,
}
