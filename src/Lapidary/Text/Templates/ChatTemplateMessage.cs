using System.Text.Json;

namespace Lapidary.Text;

/// <summary>
/// One message of a conversation. What is null is not there at all for the template: <c>'content' in message</c> is false then.
/// </summary>
/// <param name="Role">Who speaks: <c>system</c>, <c>user</c>, <c>assistant</c> or <c>tool</c>.</param>
/// <param name="Content">The text, where the message is nothing but text.</param>
public sealed record ChatTemplateMessage(string Role, string? Content = null)
{
    /// <summary>The parts of a message with more than text; they take the place of <see cref="Content"/>.</summary>
    public IReadOnlyList<ChatTemplatePart>? Parts { get; init; }

    /// <summary>What the model calls in this turn.</summary>
    public IReadOnlyList<ChatTemplateToolCall>? ToolCalls { get; init; }

    /// <summary>In the message of a tool, the call that it answers.</summary>
    public string? ToolCallId { get; init; }

    /// <summary>The name of the speaker; in the message of a tool that of the tool.</summary>
    public string? Name { get; init; }

    /// <summary>Further fields, such as <c>reasoning_content</c>; they win over those that are made from the other properties.</summary>
    public IReadOnlyDictionary<string, JsonElement> Fields { get; init; } = new Dictionary<string, JsonElement>();
}
