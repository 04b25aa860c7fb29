using Lapidary.Text.Tokenizers;

namespace Lapidary.Text.Data.Rows;

/// <summary>The columns that are known.</summary>
internal static class RowColumns
{
    public const string Tokens = "input_ids";
    public const string Labels = "labels";
    public const string Mask = "attention_mask";
    public const string Messages = "messages";
    public const string Conversations = "conversations";
    public const string Tools = "tools";
    public const string Prompt = "prompt";
    public const string Completion = "completion";
    public const string Instruction = "instruction";
    public const string Context = "context";
    public const string Response = "response";
    public const string Text = "text";

    /// <summary>What errors say was expected.</summary>
    public const string Known = "messages, conversations, prompt and completion, instruction and response, text, or input_ids";

    private const int MostNamed = 8;

    /// <summary>The kind of a row that has these columns, or null.</summary>
    public static RowKind? KindOf(Func<string, bool> has) =>
        has(Tokens) ? RowKind.Tokens
        : has(Messages) ? RowKind.Messages
        : has(Conversations) ? RowKind.Conversations
        : has(Prompt) && has(Completion) ? RowKind.Prompt
        : has(Instruction) && has(Response) ? RowKind.Instruction
        : has(Text) ? RowKind.Text
        : null;

    /// <summary>Whether the cells of a column are lists.</summary>
    public static bool HoldsList(string column) => column is Tokens or Labels or Mask or Messages or Conversations or Tools;

    /// <summary>Names of columns as a sentence says them.</summary>
    public static string Describe(IReadOnlyCollection<string> names) => names.Count switch
    {
        0 => "no columns",
        1 => "the column " + ForeignText.Show(names.First()),
        _ => "the columns " + string.Join(", ", names.Take(MostNamed).Select(ForeignText.Show)) + (names.Count > MostNamed ? ", ..." : string.Empty),
    };
}
