namespace Lapidary.Workbench.Recipes;

/// <summary>How an option is written in a recipe.</summary>
public enum StepValue
{
    /// <summary>It is there or not: true or false.</summary>
    Flag,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A text.</summary>
    Text,

    /// <summary>A text or a list of texts; on the command line the option is repeated.</summary>
    Texts,

    /// <summary>A text or a list of texts; on the command line with commas between them.</summary>
    Words,
}
