using System.Text;
using System.Text.Json.Nodes;

namespace Lapidary.Workbench.Reports.Cards;

/// <summary>What the card of the base says and goes on to hold: its licence, and its words on limits.</summary>
internal static class InheritedSection
{
    private const int LongestQuote = 20_000;
    private static readonly string[] Headings = ["limit", "bias", "risk", "ethic", "intended", "out-of-scope", "misuse", "usage"];

    /// <summary>The section; null where there is no base or no card of it.</summary>
    public static CardSection? Create(CardFacts facts)
    {
        if (facts.BaseName is null || facts.BaseCard is null)
        {
            return null;
        }

        var text = new StringBuilder($"## From the card of {facts.BaseName}\n");
        foreach ((string key, string what) in new[] { ("license", "Licence"), ("license_name", "Name of the licence"), ("license_link", "Text of the licence"), ("base_model", "Its own base") })
        {
            if (facts.BaseFrontMatter[key] is JsonValue value)
            {
                text.Append("\n- ").Append(what).Append(": ").Append(value.ToString());
            }
        }

        text.Append('\n');
        foreach (string quote in Quotes(File.ReadAllText(facts.BaseCard)))
        {
            text.Append('\n').Append(quote).Append('\n');
        }

        return new CardSection("inherited", text.ToString());
    }

    // Sections whose headings speak of limits, a level lower, as a quotation.
    private static IEnumerable<string> Quotes(string card)
    {
        string[] lines = card.ReplaceLineEndings("\n").Split('\n');
        int length = 0;
        bool isCode = false;
        bool takes = false;
        var quote = new StringBuilder();
        foreach (string line in lines)
        {
            isCode ^= line.StartsWith("```", StringComparison.Ordinal);
            if (!isCode && line.StartsWith('#') && line.TrimStart('#').StartsWith(' '))
            {
                if (quote.Length > 0)
                {
                    yield return quote.ToString().TrimEnd('\n', ' ', '>');
                    quote.Clear();
                }

                takes = Headings.Any(word => line.Contains(word, StringComparison.OrdinalIgnoreCase));
                if (takes)
                {
                    quote.Append("> **").Append(line.TrimStart('#').Trim()).Append("**\n");
                }
            }
            else if (takes && !line.StartsWith("<!-- lapidary:", StringComparison.Ordinal) && (length += line.Length) <= LongestQuote)
            {
                quote.Append("> ").Append(line).Append('\n');
            }
        }

        if (quote.Length > 0)
        {
            yield return quote.ToString().TrimEnd('\n', ' ', '>');
        }
    }
}
