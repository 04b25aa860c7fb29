using System.Text.Json;
using Lapidary.Checkpoints;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Models;
using Lapidary.Cli.Output;
using Lapidary.Text;

namespace Lapidary.Cli.Commands.Chat;

/// <summary>The commands that stand between the messages of a conversation.</summary>
internal static class SlashCommands
{
    private static readonly SlashCommand[] All =
    [
        new("/help", "", "this list", (_, _) => Help()),
        new("/clear", "", "forget the conversation; the system prompt stays", (session, _) => Clear(session)),
        new("/undo", "", "forget the last message and its answer", (session, _) => Undo(session)),
        new("/retry", "", "answer the last message again", (session, _) => Retry(session)),
        new("/system", "[TEXT]", "show or change the system prompt; 'none' for none", SetSystem),
        new("/set", "[NAME VALUE]", "show or change how answers are generated", Set),
        new("/show", "", "the conversation as the model sees it", (session, _) => Show(session)),
        new("/save", "FILE", "write the conversation as JSON messages", Save),
        new("/load", "FILE", "go on with a conversation that was saved", Load),
        new("/bye", "", "end (also Ctrl-D)", (_, _) => { }),
    ];

    /// <summary>Runs a line that begins with a slash; false where the conversation ends with it.</summary>
    public static bool Run(ChatSession session, string line)
    {
        string[] words = line.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string name = words[0];
        if (name is "/bye" or "/exit" or "/quit")
        {
            return false;
        }

        SlashCommand? command = All.FirstOrDefault(known => known.Name == (name == "/?" ? "/help" : name));
        if (command is null)
        {
            ChatSession.Note($"expected a command, found {Quote.Text(name)}{Suggestion.For(name, All.Select(known => known.Name))}; /help lists them");
            return true;
        }

        try
        {
            command.Execute(session, words.Length > 1 ? words[1] : string.Empty);
        }
        catch (Exception exception) when (exception is RequestException or CheckpointException or IOException)
        {
            ChatSession.Note(Quote.Line(exception.Message));
        }

        return true;
    }

    private static void Help()
    {
        int width = All.Max(command => command.Usage.Length);
        foreach (SlashCommand command in All)
        {
            Console.Out.WriteLine($"{command.Usage.PadRight(width)}  {command.Description}");
        }

        Console.Out.WriteLine();
        Console.Out.WriteLine("Ctrl-C stops an answer. A line that ends with \\ goes on in the next one;");
        Console.Out.WriteLine("\"\"\" begins and ends a message of several lines; Alt-Enter breaks a line.");
    }

    private static void Clear(ChatSession session)
    {
        session.Conversation.Clear();
        ChatSession.Note("forgotten");
    }

    private static void Undo(ChatSession session) =>
        ChatSession.Note(session.Conversation.RemoveLast() is { } message ? $"forgotten: {Quote.Text(message)}" : "there is no message to forget");

    private static void Retry(ChatSession session)
    {
        if (session.Conversation.RemoveLast() is { } message)
        {
            session.Answer(message);
        }
        else
        {
            ChatSession.Note("there is no message to answer again");
        }
    }

    private static void SetSystem(ChatSession session, string text)
    {
        if (text.Length > 0)
        {
            session.Conversation.SystemPrompt = text == "none" ? null : text;
        }

        ChatSession.Note("system: " + (session.Conversation.SystemPrompt ?? "nothing"));
    }

    private static void Set(ChatSession session, string text)
    {
        string[] words = text.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (words.Length == 2 && session.Settings.Set(words[0], words[1]) is { } fault)
        {
            ChatSession.Note(fault);
            return;
        }

        if (words.Length == 1)
        {
            ChatSession.Note($"/set: expected a name and a value, found {Quote.Text(text)}");
            return;
        }

        foreach ((string name, string value) in session.Settings.List())
        {
            if (words.Length == 0 || words[0] == name)
            {
                Console.Out.WriteLine($"{name,-18}{value}");
            }
        }
    }

    private static void Show(ChatSession session)
    {
        foreach (ChatTemplateMessage turn in session.Conversation.Turns)
        {
            Console.Out.WriteLine($"{turn.Role}: {Terminal.AnswerOutput.Clean(turn.Content ?? string.Empty)}");
        }

        if (session.Conversation.LastPrompt is { } prompt)
        {
            ChatSession.Note("prompt: " + prompt);
        }
    }

    private static void Save(ChatSession session, string path)
    {
        RequirePath("/save", path);
        var saved = new SavedConversation(
            session.Conversation.SystemPrompt, [.. session.Conversation.Turns.Select(turn => new SavedTurn(turn.Role, turn.Content ?? string.Empty))]);
        OutputPath.CheckFile(path, session.Generator.Model.Checkpoint.Files);
        string full = Path.GetFullPath(path);
        using var folder = new OutputFolder(Path.GetDirectoryName(full)!, overwrite: true);
        folder.Write(Path.GetFileName(full), JsonSerializer.SerializeToUtf8Bytes(saved, ResultJson.Default.SavedConversation));
        folder.Commit();
        ChatSession.Note($"{saved.Messages.Count} turns written to {path}");
    }

    private static void Load(ChatSession session, string path)
    {
        RequirePath("/load", path);
        SavedConversation? saved;
        try
        {
            saved = JsonSerializer.Deserialize(TextFile.Read(path, "a saved conversation"), ResultJson.Default.SavedConversation);
        }
        catch (JsonException)
        {
            saved = null;
        }

        if (saved?.Messages is null || saved.Messages.Any(turn => turn is null || turn.Content is null || turn.Role is not ("user" or "assistant")))
        {
            throw RequestException.Expected(path, "a conversation that /save wrote", "something else");
        }

        session.Conversation.SystemPrompt = saved.System;
        session.Conversation.Restore(saved.Messages.Select(turn => new ChatTemplateMessage(turn.Role, turn.Content)));
        ChatSession.Note($"{saved.Messages.Count} turns read from {path}");
    }

    private static void RequirePath(string command, string path)
    {
        if (path.Length == 0)
        {
            throw RequestException.Expected(command, "a file", "nothing");
        }
    }

    private sealed record SlashCommand(string Name, string Arguments, string Description, Action<ChatSession, string> Execute)
    {
        public string Usage => Arguments.Length == 0 ? Name : $"{Name} {Arguments}";
    }
}
