using System.Text.Json;

namespace Lapidary.Text.Data.Rows;

/// <summary>A row whose columns were checked.</summary>
internal abstract record DataRow
{
    private DataRow()
    {
    }

    /// <summary>Ready ids, and their labels if there are any.</summary>
    public sealed record Tokens(int[] Ids, int[]? Labels) : DataRow;

    /// <summary>Plain text.</summary>
    public sealed record Text(string Content) : DataRow;

    /// <summary>Two texts, the second one to be learned.</summary>
    public sealed record Completion(string Prompt, string Content) : DataRow;

    /// <summary>A conversation.</summary>
    /// <param name="Messages">The turns.</param>
    /// <param name="PromptCount">How many of them are asked and not learned, whoever speaks.</param>
    /// <param name="ToolList">The tools that the model may call, or null; valid as long as the document of the row.</param>
    public sealed record Conversation(IReadOnlyList<ChatTemplateMessage> Messages, int PromptCount, JsonElement? ToolList) : DataRow;
}
