using System.Text.Json;
using System.Text.RegularExpressions;

namespace Lapidary.Text;

/// <summary>Looks at what a template writes after the model's turn.</summary>
internal static partial class EndOfTurnProbe
{
    // Texts that no template writes by itself, and that none changes.
    private const string Answer = "probe7answer";
    private const string Argument = "probe7argument";

    /// <summary>The pieces after an answer and after the call of a tool.</summary>
    public static IReadOnlyList<string> Find(ChatTemplate template)
    {
        var pieces = new List<string>();
        if (After(template, new ChatTemplateMessage("assistant", Answer), Answer) is { } afterAnswer && Leading().Match(afterAnswer) is { Success: true } first)
        {
            pieces.Add(first.Value.Trim());
        }

        using JsonDocument arguments = JsonDocument.Parse($$"""{"value":"{{Argument}}"}""");
        var call = new ChatTemplateMessage("assistant") { ToolCalls = [new ChatTemplateToolCall("probe", arguments.RootElement, "probe00id")] };

        // The end of the call itself comes first, and the model writes it too; it stops after what comes last.
        if (After(template, call, Argument) is { } afterCall && Trailing().Match(afterCall) is { Success: true } last && !pieces.Contains(last.Groups[1].Value))
        {
            pieces.Add(last.Groups[1].Value);
        }

        return pieces;
    }

    private static string? After(ChatTemplate template, ChatTemplateMessage turn, string mark)
    {
        try
        {
            string text = template.Render(new ChatTemplateInput { Messages = [new ChatTemplateMessage("user", "probe7question"), turn] });
            int at = text.LastIndexOf(mark, StringComparison.Ordinal);
            return at < 0 ? null : text[(at + mark.Length)..];
        }
        catch (ChatTemplateException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"^\s*<[^<>\s]{1,64}>")]
    private static partial Regex Leading();

    [GeneratedRegex(@"(<[^<>\s]{1,64}>)\s*$")]
    private static partial Regex Trailing();
}
