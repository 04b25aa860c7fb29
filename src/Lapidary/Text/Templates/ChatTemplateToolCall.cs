using System.Text.Json;

namespace Lapidary.Text;

/// <summary>A call of a tool by the model.</summary>
/// <param name="Name">The tool.</param>
/// <param name="Arguments">An object with the arguments.</param>
/// <param name="Id">What the answer refers to.</param>
public sealed record ChatTemplateToolCall(string Name, JsonElement Arguments, string? Id = null);
