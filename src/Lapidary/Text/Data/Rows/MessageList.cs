using System.Text.Json;
using Lapidary.Text.Tokenizers;

namespace Lapidary.Text.Data.Rows;

/// <summary>Reads the messages of a conversation.</summary>
internal static class MessageList
{
    /// <summary>The role that is learned.</summary>
    public const string Assistant = "assistant";

    // Each turn of an assistant is rendered with all before it: a bound on work that grows with the square.
    private const int MostMessages = 4096;

    /// <summary>The messages in a column.</summary>
    /// <exception cref="UnusableRowException">They are not what messages should be.</exception>
    public static List<ChatTemplateMessage> Read(JsonElement row, string column)
    {
        JsonElement list = row.GetProperty(column);
        if (list.ValueKind != JsonValueKind.Array)
        {
            throw new UnusableRowException($"has as {column} {RowValue.Describe(list)} where an array of messages was expected");
        }

        int count = list.GetArrayLength();
        if (count is 0 or > MostMessages)
        {
            throw new UnusableRowException($"has {(count == 0 ? "no" : count)} messages in {column} where 1 to {MostMessages} were expected");
        }

        var messages = new List<ChatTemplateMessage>(count);
        foreach (JsonElement item in list.EnumerateArray())
        {
            messages.Add(ReadMessage(item, $"{column}[{messages.Count}]"));
        }

        return messages;
    }

    private static ChatTemplateMessage ReadMessage(JsonElement item, string name)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            throw new UnusableRowException($"has as {name} {RowValue.Describe(item)} where a message was expected");
        }

        bool isLegacy = !item.TryGetProperty("role", out _) && item.TryGetProperty("from", out _);
        (string roleKey, string contentKey) = isLegacy ? ("from", "value") : ("role", "content");
        string role = RoleOf(RequiredText(item, roleKey, name), isLegacy, $"{name}.{roleKey}");
        bool calls = item.TryGetProperty("tool_calls", out JsonElement list) && list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0;
        var fields = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (JsonProperty property in item.EnumerateObject().Where(property => property.Name != roleKey && property.Name != contentKey))
        {
            fields[property.Name] = property.Value;
        }

        bool hasContent = item.TryGetProperty(contentKey, out JsonElement content) && content.ValueKind != JsonValueKind.Null;
        if (hasContent && content.ValueKind == JsonValueKind.Array)
        {
            return new ChatTemplateMessage(role) { Parts = ReadParts(content, $"{name}.{contentKey}"), Fields = fields };
        }

        string? text = hasContent || !calls ? RequiredText(item, contentKey, name) : null;
        return text is { Length: 0 } && role == Assistant && !calls
            ? throw new UnusableRowException($"has an empty {name}.{contentKey}")
            : new ChatTemplateMessage(role, text) { Fields = fields };
    }

    private static string RequiredText(JsonElement item, string key, string name) =>
        !item.TryGetProperty(key, out JsonElement value) ? throw new UnusableRowException($"has no {key} in {name}")
        : value.ValueKind == JsonValueKind.String ? value.GetString()!
        : throw new UnusableRowException($"has as {name}.{key} {RowValue.Describe(value)} where a text was expected");

    // Gemma's own name for the assistant is model; the older form has names of its own.
    private static string RoleOf(string role, bool isLegacy, string name) => role switch
    {
        "model" => Assistant,
        _ when !isLegacy => role,
        "human" or "user" => "user",
        "gpt" or "assistant" => Assistant,
        "system" or "tool" => role,
        _ => throw new UnusableRowException($"has as {name} \"{ForeignText.Show(role)}\" where human, gpt or system was expected"),
    };

    private static List<ChatTemplatePart> ReadParts(JsonElement content, string name)
    {
        var parts = new List<ChatTemplatePart>(content.GetArrayLength());
        foreach (JsonElement part in content.EnumerateArray())
        {
            string place = $"{name}[{parts.Count}]";
            if (part.ValueKind != JsonValueKind.Object || RequiredText(part, "type", place) != "text")
            {
                throw new UnusableRowException($"has as {place} something other than text, which is all that can be trained on");
            }

            parts.Add(ChatTemplatePart.OfText(RequiredText(part, "text", place)));
        }

        return parts;
    }
}
