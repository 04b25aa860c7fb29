namespace Lapidary.Cli.CommandLine;

/// <summary>What an option or an argument is to the artefact that a command makes.</summary>
internal enum OptionRole
{
    /// <summary>It may change the result: what every option is unless it says otherwise.</summary>
    Setting,

    /// <summary>It never changes the result: threads, what may be overwritten, how much is said.</summary>
    Neutral,

    /// <summary>The name of a model that goes in.</summary>
    Model,

    /// <summary>An adapter that goes in: a folder or a hub id, perhaps with a scale behind a colon.</summary>
    Adapter,

    /// <summary>A file or a folder that goes in.</summary>
    Path,

    /// <summary>A file that goes in, with a name and an equals sign before it.</summary>
    NamedPath,

    /// <summary>A data set that goes in: a file, a folder, or one of the hub's.</summary>
    Data,

    /// <summary>A file or a folder that goes in where there is one of that name, a setting otherwise.</summary>
    PathOrSetting,

    /// <summary>The artefact.</summary>
    Output,

    /// <summary>A table or a chart of the result for a reader, which is no artefact by itself.</summary>
    Presentation,

    /// <summary>What only the user may allow, never a file: no recipe and no lineage has it.</summary>
    Consent,

    /// <summary>With it the command only tells what it would do.</summary>
    LookOnly,
}
