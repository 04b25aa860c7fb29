using System.Text.Json;
using Lapidary.Text.Jinja;
using Lapidary.Text.Jinja.Values;

namespace Lapidary.Text;

/// <summary>Makes the variables of a chat template, under the names that transformers gives them.</summary>
internal sealed class ChatTemplateVariables(JinjaTemplate template)
{
    /// <summary>The variables of a rendering.</summary>
    public Dictionary<string, Value> Of(ChatTemplateInput input)
    {
        var variables = new Dictionary<string, Value>(StringComparer.Ordinal)
        {
            ["messages"] = Value.List([.. input.Messages.Select(Of)]),
            ["add_generation_prompt"] = Value.Of(input.AddGenerationPrompt),
            ["tools"] = input.Tools is { } tools ? template.Convert(tools) : Value.None,
            ["documents"] = Value.None,
        };
        Add(variables, "bos_token", input.BosToken);
        Add(variables, "eos_token", input.EosToken);
        foreach ((string name, JsonElement value) in input.Variables)
        {
            variables[name] = template.Convert(value);
        }

        return variables;
    }

    private static void Add(Dictionary<string, Value> variables, string name, string? text)
    {
        if (text is not null)
        {
            variables[name] = Value.Of(text);
        }
    }

    private Value Of(ChatTemplateMessage message)
    {
        OrderedDictionary<Value, Value> fields = new(KeyComparer.Instance);
        Add(fields, "role", message.Role);
        if (message.Parts is { } parts)
        {
            fields[Value.Of("content")] = Value.List([.. parts.Select(Of)]);
        }
        else
        {
            Add(fields, "content", message.Content);
        }

        Add(fields, "name", message.Name);
        Add(fields, "tool_call_id", message.ToolCallId);
        if (message.ToolCalls is { Count: > 0 } calls)
        {
            fields[Value.Of("tool_calls")] = Value.List([.. calls.Select(Of)]);
        }

        foreach ((string name, JsonElement value) in message.Fields)
        {
            fields[Value.Of(name)] = template.Convert(value);
        }

        return Value.Of(fields);
    }

    private static Value Of(ChatTemplatePart part)
    {
        OrderedDictionary<Value, Value> fields = new(KeyComparer.Instance);
        Add(fields, "type", part.Type);
        Add(fields, "text", part.Text);
        return Value.Of(fields);
    }

    private Value Of(ChatTemplateToolCall call)
    {
        OrderedDictionary<Value, Value> function = new(KeyComparer.Instance);
        Add(function, "name", call.Name);
        function[Value.Of("arguments")] = template.Convert(call.Arguments);
        OrderedDictionary<Value, Value> fields = new(KeyComparer.Instance);
        Add(fields, "type", "function");
        Add(fields, "id", call.Id);
        fields[Value.Of("function")] = Value.Of(function);
        return Value.Of(fields);
    }

    private static void Add(OrderedDictionary<Value, Value> fields, string name, string? text)
    {
        if (text is not null)
        {
            fields[Value.Of(name)] = Value.Of(text);
        }
    }
}
