namespace Lapidary.Cli.Terminal;

/// <summary>Where the messages of a conversation come from.</summary>
internal interface IMessageReader
{
    /// <summary>Whether somebody sits there: then there are prompts, hints and colours.</summary>
    bool IsInteractive { get; }

    /// <summary>The next message, empty where the user dropped one; null where there are no more.</summary>
    string? Read();
}
