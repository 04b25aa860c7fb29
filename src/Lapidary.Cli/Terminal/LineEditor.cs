namespace Lapidary.Cli.Terminal;

/// <summary>
/// Reads messages from a terminal: cursor keys, the usual Control keys of readline, the messages of before with the arrows up and
/// down, and pasted text of several lines as one message. Draws with the sequences of ECMA-48, which every terminal of today knows.
/// </summary>
internal sealed class LineEditor
{
    private const string EnableBracketedPaste = "\e[?2004h";
    private const string DisableBracketedPaste = "\e[?2004l";

    private readonly List<string> history = [];
    private readonly EditBuffer buffer = new();
    private string prompt = string.Empty;
    private string continuation = string.Empty;
    private string draft = string.Empty;
    private int historyIndex;
    private int drawnCursorRow;
    private bool pasting;

    /// <summary>What became of a call to <see cref="Read"/>.</summary>
    public enum Outcome
    {
        /// <summary>A message was entered.</summary>
        Entered,

        /// <summary>Ctrl-C: what was typed is dropped.</summary>
        Dropped,

        /// <summary>Ctrl-D with nothing typed: no more messages.</summary>
        Closed,
    }

    /// <summary>Reads one line, or as many as are pasted or typed with Alt-Enter between.</summary>
    /// <param name="linePrompt">Stands before the first line.</param>
    /// <param name="nextPrompt">Stands before the others.</param>
    /// <param name="text">What was typed, also where it is dropped.</param>
    public Outcome Read(string linePrompt, string nextPrompt, out string text)
    {
        (prompt, continuation) = (linePrompt, nextPrompt);
        buffer.Replace(string.Empty);
        historyIndex = history.Count;
        drawnCursorRow = 0;
        Console.TreatControlCAsInput = true;
        Console.Out.Write(EnableBracketedPaste);
        try
        {
            Draw();
            Outcome? outcome = null;
            while (outcome is null)
            {
                outcome = Handle(Console.ReadKey(intercept: true));
                if (!Console.KeyAvailable || outcome is not null)
                {
                    Draw(atEnd: outcome is not null);
                }
            }

            Console.Out.Write("\r\n");
            text = buffer.Text;
            return outcome.Value;
        }
        finally
        {
            Console.Out.Write(DisableBracketedPaste);
            Console.Out.Flush();
            Console.TreatControlCAsInput = false;
        }
    }

    /// <summary>Remembers a message for the arrows.</summary>
    public void Remember(string message)
    {
        if (message.Length > 0 && (history.Count == 0 || history[^1] != message))
        {
            history.Add(message);
        }
    }

    private Outcome? Handle(ConsoleKeyInfo key)
    {
        if (key.Key == ConsoleKey.Escape || key.KeyChar == '\e')
        {
            HandleSequence();
            return null;
        }

        if (pasting)
        {
            buffer.Insert(key.Key == ConsoleKey.Enter || key.KeyChar is '\r' or '\n' ? "\n" : key.KeyChar == '\0' ? string.Empty : $"{key.KeyChar}");
            return null;
        }

        bool control = key.Modifiers.HasFlag(ConsoleModifiers.Control);
        bool alt = key.Modifiers.HasFlag(ConsoleModifiers.Alt);
        switch (key.Key)
        {
            case ConsoleKey.C when control:
                return Outcome.Dropped;
            case ConsoleKey.D when control && buffer.Text.Length == 0:
                return Outcome.Closed;
            case ConsoleKey.Enter when alt:
                buffer.Insert("\n");
                return null;
            case ConsoleKey.Enter:
                return Outcome.Entered;
            case ConsoleKey.UpArrow:
            case ConsoleKey.P when control:
                Recall(historyIndex - 1);
                return null;
            case ConsoleKey.DownArrow:
            case ConsoleKey.N when control:
                Recall(historyIndex + 1);
                return null;
            case ConsoleKey.L when control:
                Console.Out.Write("\e[2J\e[H");
                drawnCursorRow = 0;
                return null;
            default:
                Edit(key, control, alt);
                return null;
        }
    }

    private void Edit(ConsoleKeyInfo key, bool control, bool alt)
    {
        switch (key.Key)
        {
            case ConsoleKey.LeftArrow when control || alt:
            case ConsoleKey.B when alt:
                buffer.WordLeft();
                break;
            case ConsoleKey.RightArrow when control || alt:
            case ConsoleKey.F when alt:
                buffer.WordRight();
                break;
            case ConsoleKey.LeftArrow:
            case ConsoleKey.B when control:
                buffer.Left();
                break;
            case ConsoleKey.RightArrow:
            case ConsoleKey.F when control:
                buffer.Right();
                break;
            case ConsoleKey.Home:
            case ConsoleKey.A when control:
                buffer.Home();
                break;
            case ConsoleKey.End:
            case ConsoleKey.E when control:
                buffer.End();
                break;
            case ConsoleKey.Backspace when alt || control:
            case ConsoleKey.W when control:
                buffer.DeleteWord();
                break;
            case ConsoleKey.Backspace:
            case ConsoleKey.H when control:
                buffer.Backspace();
                break;
            case ConsoleKey.Delete:
            case ConsoleKey.D when control:
                buffer.Delete();
                break;
            case ConsoleKey.K when control:
                buffer.DeleteToEnd();
                break;
            case ConsoleKey.U when control:
                buffer.DeleteToStart();
                break;
            default:
                if (key.KeyChar == '\t' || !char.IsControl(key.KeyChar))
                {
                    buffer.Insert($"{key.KeyChar}");
                }

                break;
        }
    }

    // What the console did not take for a key comes as single characters: here only the two marks around pasted text matter.
    private void HandleSequence()
    {
        var sequence = new System.Text.StringBuilder();
        while (Console.KeyAvailable && sequence.Length < 16)
        {
            char c = Console.ReadKey(intercept: true).KeyChar;
            sequence.Append(c);
            if (sequence.Length > 1 && (c == '~' || char.IsAsciiLetter(c)))
            {
                break;
            }
        }

        pasting = sequence.ToString() switch
        {
            "[200~" => true,
            "[201~" => false,
            _ => pasting,
        };
    }

    private void Recall(int index)
    {
        if (index < 0 || index > history.Count)
        {
            return;
        }

        if (historyIndex == history.Count)
        {
            draft = buffer.Text;
        }

        historyIndex = index;
        buffer.Replace(index == history.Count ? draft : history[index]);
    }

    private void Draw(bool atEnd = false)
    {
        EditLayout layout = EditLayout.Of(
            prompt, continuation, buffer.Text, atEnd ? buffer.Text.Length : buffer.Cursor, Math.Max(2, Console.WindowWidth));
        string up = drawnCursorRow > 0 ? $"\e[{drawnCursorRow}A" : string.Empty;
        string back = layout.LastRow > layout.CursorRow ? $"\e[{layout.LastRow - layout.CursorRow}A" : string.Empty;
        string across = layout.CursorColumn > 0 ? $"\e[{layout.CursorColumn}C" : string.Empty;
        Console.Out.Write($"{up}\r\e[J{layout.Output}{back}\r{across}");
        Console.Out.Flush();
        drawnCursorRow = layout.CursorRow;
    }
}
