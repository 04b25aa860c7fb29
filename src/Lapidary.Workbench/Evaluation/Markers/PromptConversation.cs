using System.Text.Json;
using System.Text.Json.Nodes;
using Lapidary.Workbench.Evaluation.Tasks.Prompts;

namespace Lapidary.Workbench.Evaluation.Markers;

/// <summary>The conversation that a row of prompts begins: what stands up to the last message of the user, for the model to go on from.</summary>
internal static class PromptConversation
{
    private const int MostMessages = 4096;
    private const string Messages = "messages";

    private static readonly string[] TextColumns = ["prompt", "text"];
    private static readonly string[] Roles = ["system", "user", "assistant"];

    /// <summary>The messages.</summary>
    /// <exception cref="FormatException">The row has none; the message is the rest of a sentence about it.</exception>
    public static IReadOnlyList<PromptMessage> Of(JsonObject row)
    {
        if (row[Messages] is { } messages)
        {
            return OfMessages(messages);
        }

        string? column = TextColumns.FirstOrDefault(name => row[name] is not null);
        return column is null ? throw new FormatException("has none of the columns messages, prompt and text")
            : row[column] is JsonValue value && value.TryGetValue(out string? text) ? [new PromptMessage("user", text, string.Empty)]
            : throw new FormatException($"has something else than a text as {column}");
    }

    private static List<PromptMessage> OfMessages(JsonNode messages)
    {
        if (messages is not JsonArray { Count: > 0 and <= MostMessages } list)
        {
            throw new FormatException($"has no list of 1 to {MostMessages} objects as messages");
        }

        // Conversations to train on end with an answer, which is the one that is asked for here.
        List<PromptMessage> conversation = [.. list.Select(OfMessage)];
        int last = conversation.FindLastIndex(message => message.Role == "user");
        return last >= 0 ? conversation[..(last + 1)] : throw new FormatException("has no message of the user among its messages");
    }

    private static PromptMessage OfMessage(JsonNode? node)
    {
        string? role = TextOf((node as JsonObject)?["role"]);
        role = role == "model" ? "assistant" : role;
        string? content = ContentOf((node as JsonObject)?["content"]);
        return role is not null && Roles.Contains(role) && content is not null
            ? new PromptMessage(role, content, string.Empty)
            : throw new FormatException("has a message that is no object with a role (system, user or assistant) and a text as content");
    }

    // A text, or parts of which each is one.
    private static string? ContentOf(JsonNode? content)
    {
        if (content is not JsonArray parts)
        {
            return TextOf(content);
        }

        string?[] texts = [.. parts.Select(part => part is JsonObject one && TextOf(one["type"]) == "text" ? TextOf(one["text"]) : null)];
        return texts.Contains(null) ? null : string.Concat(texts);
    }

    private static string? TextOf(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
}
