namespace Lapidary.Cli.Terminal;

/// <summary>Messages that somebody types. Ctrl-C drops what was typed, and ends the conversation where there was nothing.</summary>
internal sealed class TypedMessages : IMessageReader
{
    private const string Prompt = ">>> ";
    private const string Continuation = "... ";

    private readonly LineEditor editor = new();
    private bool warned;

    public bool IsInteractive => true;

    public string? Read()
    {
        LineEditor.Outcome outcome = LineEditor.Outcome.Entered;
        bool typed = false;
        string? message = MessageText.Read(continues =>
        {
            outcome = editor.Read(continues ? Continuation : Prompt, Continuation, out string line);
            typed |= line.Length > 0;
            return outcome == LineEditor.Outcome.Entered ? line : null;
        });
        if (outcome == LineEditor.Outcome.Entered)
        {
            warned = false;
            editor.Remember(message!);
            return message;
        }

        if (outcome == LineEditor.Outcome.Closed || (warned && !typed))
        {
            return null;
        }

        warned = !typed;
        if (warned)
        {
            Console.Error.WriteLine("(Ctrl-C again or /bye ends the conversation)");
        }

        return string.Empty;
    }
}
