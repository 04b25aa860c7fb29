namespace Lapidary.Cli.Terminal;

/// <summary>
/// Writes an answer to stdout as it comes. In a terminal without the control characters that a model might say: a sequence that moves
/// the cursor or renames the window is text to be read, not an order. Ends with a new line.
/// </summary>
internal sealed class AnswerOutput(bool silent)
{
    private readonly bool clean = !Console.IsOutputRedirected;
    private bool atLineStart;

    /// <summary>Writes the next piece.</summary>
    public void Write(string text)
    {
        if (silent || text.Length == 0)
        {
            return;
        }

        string shown = clean ? Clean(text) : text;
        Console.Out.Write(shown);
        Console.Out.Flush();
        atLineStart = shown.Length > 0 ? shown[^1] == '\n' : atLineStart;
    }

    /// <summary>Ends the line that is not ended.</summary>
    public void End()
    {
        if (!silent && !atLineStart)
        {
            Console.Out.WriteLine();
        }

        atLineStart = true;
    }

    /// <summary>The text with control characters, but for line feeds and tabs, made visible.</summary>
    public static string Clean(string text) =>
        text.Any(IsHidden) ? string.Concat(text.Select(c => IsHidden(c) ? '\uFFFD' : c)) : text;

    private static bool IsHidden(char c) => char.IsControl(c) && c is not ('\n' or '\t');
}
