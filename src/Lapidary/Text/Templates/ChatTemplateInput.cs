using System.Text.Json;

namespace Lapidary.Text;

/// <summary>What a chat template is rendered with.</summary>
public sealed record ChatTemplateInput
{
    /// <summary>The conversation so far.</summary>
    public required IReadOnlyList<ChatTemplateMessage> Messages { get; init; }

    /// <summary>Whether the text ends with the beginning of the model's next turn.</summary>
    public bool AddGenerationPrompt { get; init; }

    /// <summary>The text of the token that begins a sequence.</summary>
    public string? BosToken { get; init; }

    /// <summary>The text of the token that ends one.</summary>
    public string? EosToken { get; init; }

    /// <summary>The tools that the model may call, as an array in the form of OpenAI's API: <c>{"type":"function","function":{...}}</c>.</summary>
    public JsonElement? Tools { get; init; }

    /// <summary>Further variables, such as <c>enable_thinking</c>; they win over those that are made from the other properties.</summary>
    public IReadOnlyDictionary<string, JsonElement> Variables { get; init; } = new Dictionary<string, JsonElement>();
}
