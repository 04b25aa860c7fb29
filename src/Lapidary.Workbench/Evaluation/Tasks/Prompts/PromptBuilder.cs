using System.Text;
using System.Text.Json.Nodes;
using Lapidary.Checkpoints;
using Lapidary.Text.Jinja;
using Lapidary.Workbench.Evaluation.Tasks.Configuration;

namespace Lapidary.Workbench.Evaluation.Tasks.Prompts;

/// <summary>Puts description, shots and question together, as plain text or as a conversation.</summary>
internal sealed class PromptBuilder(TaskConfiguration task, TaskOptions options, FewShotPool pool)
{
    private readonly FieldValues shotFields = FieldValues.OfShots(task);
    private readonly Dictionary<JsonObject, (string Question, string Answer)> written = new(ReferenceEqualityComparer.Instance);

    /// <summary>Whether the chat template refused a system message, which was then left out.</summary>
    public bool LeavesOutSystem { get; private set; }

    /// <summary>The contexts of a document, one for each question; the shots are the same in all.</summary>
    /// <exception cref="JinjaException">A template fails, or that of the conversation refuses it.</exception>
    public IReadOnlyList<string> Contexts(JsonObject document, IReadOnlyList<string> questions)
    {
        if (task.Conversation?.Invoke(document) is { } turns)
        {
            return [Converse(Before(document), turns)];
        }

        List<PromptMessage> before = Before(document);
        string? prefix = TextOf(task.AnswerPrefix, document);
        return [.. questions.Select(question => Render([.. before, .. Ask(question, prefix)], prefix is { Length: > 0 }))];
    }

    private List<PromptMessage> Before(JsonObject document)
    {
        var messages = new List<PromptMessage>();
        string system = Join(options.SystemInstruction, TextOf(task.Description, document), task.FewShotDelimiter);
        if (system.Length > 0)
        {
            messages.Add(new PromptMessage("system", system, string.Empty));
        }

        string? prefix = TextOf(task.FewShot.AnswerPrefix ?? task.AnswerPrefix, document);
        foreach (JsonObject shot in pool.Draw(document))
        {
            (string question, string answer) = Write(shot);
            messages.Add(new PromptMessage("user", question, task.FewShot.TargetDelimiter));
            messages.Add(new PromptMessage("assistant", Join(prefix, answer, " "), task.FewShot.Delimiter));
        }

        return messages;
    }

    // A conversation that has a system message keeps it, and without a template only a single message has a form as plain text.
    private string Converse(List<PromptMessage> before, IReadOnlyList<PromptMessage> turns)
    {
        before.RemoveAll(message => message.Role == "system" && turns[0].Role == "system");
        return options.ChatTemplate is not null || turns.Count == 1
            ? Render([.. before, .. turns], isAnswerOpen: false)
            : throw new CheckpointException("messages", $"a chat template was expected for a conversation of {turns.Count} messages, but there is none");
    }

    private static IEnumerable<PromptMessage> Ask(string question, string? prefix)
    {
        if (string.IsNullOrEmpty(prefix))
        {
            return [new PromptMessage("user", question, string.Empty)];
        }

        string delimiter = IsDelimited(question, prefix) ? string.Empty : " ";
        return [new PromptMessage("user", question, delimiter), new PromptMessage("assistant", prefix, string.Empty)];
    }

    // Pools are small and shots come again and again.
    private (string Question, string Answer) Write(JsonObject shot)
    {
        if (!written.TryGetValue(shot, out (string Question, string Answer) texts))
        {
            texts = (QuestionText(shotFields, shot), shotFields.AnswerText(shot));
            written.Add(shot, texts);
        }

        return texts;
    }

    /// <summary>The question of a document as a text: of a number the choice that it stands for.</summary>
    public static string QuestionText(FieldValues fields, JsonObject document)
    {
        JsonNode? question = fields.Text(document);
        return fields.HasChoices && FieldValues.AsIndex(question) is { } index && fields.Choices(document) is var choices && index < choices.Count
            ? choices[index]
            : PythonLiteral.TextOf(question);
    }

    private string Render(List<PromptMessage> messages, bool isAnswerOpen)
    {
        if (options.ChatTemplate is null)
        {
            return Concatenate(messages);
        }

        List<(string Role, string Content)> conversation = [.. Turns(messages, isAnswerOpen).Select(message => (message.Role, message.Content))];
        string text;
        try
        {
            text = options.ChatTemplate(conversation, !isAnswerOpen);
        }
        catch (JinjaException) when (conversation[0].Role == "system")
        {
            // Some templates know no system message; the harness goes on without it, and with it the description is gone.
            text = options.ChatTemplate(conversation[1..], !isAnswerOpen);
            LeavesOutSystem = true;
        }

        return isAnswerOpen ? CutBehind(text, conversation[^1].Content) : text;
    }

    private List<PromptMessage> Turns(List<PromptMessage> messages, bool isAnswerOpen)
    {
        if (task.Conversation is not null || (options.FewShotAsMultiturn ?? true))
        {
            return messages;
        }

        int first = messages[0].Role == "system" ? 1 : 0;
        int end = messages.Count - (isAnswerOpen ? 1 : 0);
        List<PromptMessage> plain = messages[first..end];
        plain[^1] = plain[^1] with { Delimiter = string.Empty };
        return [.. messages[..first], new PromptMessage("user", Concatenate(plain), string.Empty), .. messages[end..]];
    }

    // The model goes on with the last message: what the template writes behind it is cut off, as transformers does.
    private static string CutBehind(string text, string content)
    {
        string trimmed = content.Trim();
        int at = text.LastIndexOf(trimmed, StringComparison.Ordinal);
        if (at < 0)
        {
            throw new ArgumentException("The chat template does not write the beginning of the answer that the task gives.");
        }

        string kept = content.TrimStart();
        return string.CompareOrdinal(text, at, kept, 0, kept.Length) == 0 ? text[..(at + kept.Length)] : text[..(at + trimmed.Length)];
    }

    private static string Concatenate(IEnumerable<PromptMessage> messages)
    {
        var text = new StringBuilder();
        foreach (PromptMessage message in messages)
        {
            text.Append(message.Content).Append(message.Delimiter);
        }

        return text.ToString();
    }

    private static string? TextOf(TaskField? field, JsonObject document) =>
        field?.Resolve(document) is { } value ? PythonLiteral.TextOf(value) : null;

    private static string Join(string? before, string? after, string delimiter)
    {
        if (string.IsNullOrEmpty(before))
        {
            return after ?? string.Empty;
        }

        return string.IsNullOrEmpty(after) || IsDelimited(before, after) ? before + after : before + delimiter + after;
    }

    private static bool IsDelimited(string before, string after) =>
        before.Length == 0 || after.Length == 0 || PythonText.IsSpace(before[^1]) || PythonText.IsSpace(after[0]);
}
