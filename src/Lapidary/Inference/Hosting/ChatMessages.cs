using System.Buffers;
using System.Text.Json;
using Lapidary.Text;
using Microsoft.Extensions.AI;

namespace Lapidary.Inference.Hosting;

/// <summary>Messages and tools in the form of chat templates.</summary>
internal static class ChatMessages
{
    /// <summary>Translates a conversation; instructions go in front of the system prompt.</summary>
    /// <exception cref="NotSupportedException">A content is nothing that a text model can read.</exception>
    public static IReadOnlyList<ChatTemplateMessage> Translate(IEnumerable<ChatMessage> messages, string? instructions)
    {
        List<ChatTemplateMessage> translated = [.. messages.SelectMany(Translate)];
        if (string.IsNullOrEmpty(instructions))
        {
            return translated;
        }

        // One system turn: templates refuse a second one.
        if (translated is [{ Role: "system", Content: { } prompt }, ..])
        {
            translated[0] = new ChatTemplateMessage("system", $"{instructions}\n\n{prompt}");
        }
        else
        {
            translated.Insert(0, new ChatTemplateMessage("system", instructions));
        }

        return translated;
    }

    /// <summary>Tools as OpenAI's API describes them.</summary>
    /// <exception cref="NotSupportedException">A tool is not a function.</exception>
    public static JsonElement Describe(IEnumerable<AITool> tools)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            foreach (AITool tool in tools)
            {
                if (tool is not AIFunctionDeclaration function)
                {
                    throw new NotSupportedException($"The tool \"{tool.Name}\" is a {tool.GetType().Name}; only functions can be described to the model.");
                }

                writer.WriteStartObject();
                writer.WriteString("type", "function");
                writer.WriteStartObject("function");
                writer.WriteString("name", function.Name);
                writer.WriteString("description", function.Description);
                writer.WritePropertyName("parameters");
                function.JsonSchema.WriteTo(writer);
                writer.WriteEndObject();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        return Parse(buffer.WrittenMemory);
    }

    private static IEnumerable<ChatTemplateMessage> Translate(ChatMessage message)
    {
        var calls = new List<ChatTemplateToolCall>();
        var results = new List<ChatTemplateMessage>();
        var text = new List<string>();
        foreach (AIContent content in message.Contents)
        {
            switch (content)
            {
                case TextContent part:
                    text.Add(part.Text);
                    break;
                case FunctionCallContent call:
                    calls.Add(new ChatTemplateToolCall(call.Name, Serialize(call.Arguments ?? new Dictionary<string, object?>()), call.CallId));
                    break;
                case FunctionResultContent result:
                    results.Add(new ChatTemplateMessage("tool", TextOf(result.Result)) { ToolCallId = result.CallId });
                    break;
                case DataContent or UriContent:
                    throw new NotSupportedException($"A message holds {content.GetType().Name}; this client reads text only.");
                default:
                    // Usage, errors and the like say nothing to the model.
                    break;
            }
        }

        if (results.Count > 0)
        {
            return results;
        }

        return
        [
            new ChatTemplateMessage(message.Role.Value, text.Count == 0 && calls.Count > 0 ? null : string.Concat(text))
            {
                Name = message.AuthorName,
                ToolCalls = calls.Count > 0 ? calls : null,
            },
        ];
    }

    private static string TextOf(object? result) => result switch
    {
        null => string.Empty,
        string text => text,
        TextContent content => content.Text,
        JsonElement { ValueKind: JsonValueKind.String } element => element.GetString()!,
        JsonElement element => element.GetRawText(),
        _ => JsonSerializer.Serialize(result, AIJsonUtilities.DefaultOptions.GetTypeInfo(result.GetType())),
    };

    private static JsonElement Serialize(IDictionary<string, object?> arguments) =>
        JsonSerializer.SerializeToElement(arguments, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(IDictionary<string, object?>)));

    private static JsonElement Parse(ReadOnlyMemory<byte> json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
