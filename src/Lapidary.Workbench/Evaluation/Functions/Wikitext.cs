using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Lapidary.Text.Jinja;
using Lapidary.Workbench.Evaluation.Tasks.Scoring;

namespace Lapidary.Workbench.Evaluation.Functions;

/// <summary>The pages of WikiText (Merity et al. 2016): the spaces that its tokens left are taken back before a page is scored.</summary>
internal static class Wikitext
{
    // In this order; some of them meet only what an earlier one made.
    private static readonly (string From, string To)[] Separators =
    [
        (" @-@ ", "-"), (" @,@ ", ","), (" @.@ ", "."),
        (" : ", ": "), (" ; ", "; "), (" . ", ". "), (" ! ", "! "), (" ? ", "? "), (" , ", ", "),
    ];

    private static readonly (string From, string To)[] Rest =
    [
        ("= = = =", "===="), ("= = =", "==="), ("= =", "=="), (" \u00b0 ", "\u00b0"), (" \n", "\n"), ("\n ", "\n"), (" N ", " 1 "), (" 's", "'s"),
    ];

    // The harness writes the slashes as if they delimited the expression, and what it puts in is the expression as a text.
    private static readonly Regex Years = new("/' [0-9]/", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);

    /// <summary>The page as it is scored.</summary>
    /// <exception cref="TaskFunctionException">The document has no page.</exception>
    public static JsonNode Detokenize(JsonObject document) =>
        Detokenize(new DocumentFields("wikitext/preprocess_wikitext.wikitext_detokenizer", document).Text("page"));

    /// <summary>
    /// The log-likelihood of a page with its words and with its bytes. Both are counted on the page as the data have it; the words are
    /// the pieces between white space, those at the ends too where they are empty.
    /// </summary>
    /// <exception cref="TaskFunctionException">The document has no page, or there is not one log-likelihood.</exception>
    public static IReadOnlyDictionary<string, JsonNode> Results(JsonObject document, IReadOnlyList<JsonNode> results)
    {
        const string Function = "wikitext/preprocess_wikitext.process_results";
        string page = new DocumentFields(Function, document).Text("page");
        if (results.Count != 1 || !DocumentFields.TryNumber(results[0], out double likelihood))
        {
            throw new TaskFunctionException(Function, $"expected one log-likelihood, found {results.Count} results");
        }

        int bytes = TextCounts.Bytes(page);
        return new Dictionary<string, JsonNode>(StringComparer.Ordinal)
        {
            ["word_perplexity"] = new JsonArray(likelihood, TextCounts.Words(page)),
            ["byte_perplexity"] = new JsonArray(likelihood, bytes),
            ["bits_per_byte"] = new JsonArray(likelihood, bytes),
        };
    }

    internal static string Detokenize(string page)
    {
        string text = Years.Replace(page.Replace("s '", "s'", StringComparison.Ordinal), "/'[0-9]/");
        text = ReplaceAll(text, Separators);
        text = Tighten(text, '(', ')');
        text = Tighten(text, '[', ']');
        text = Tighten(text, '{', '}');
        text = Tighten(text, '"', '"');
        text = Tighten(text, '\'', '\'');
        return ReplaceAll(text, Rest);
    }

    private static string ReplaceAll(string text, (string From, string To)[] replacements)
    {
        foreach ((string from, string to) in replacements)
        {
            text = text.Replace(from, to, StringComparison.Ordinal);
        }

        return text;
    }

    // The white space just inside a pair, whose end is the first closing mark behind the opening one.
    private static string Tighten(string text, char opening, char closing)
    {
        var result = new StringBuilder(text.Length);
        int from = 0;
        while (from < text.Length)
        {
            int open = text.IndexOf(opening, from);
            int close = open < 0 ? -1 : text.IndexOf(closing, open + 1);
            if (close < 0)
            {
                break;
            }

            result.Append(text, from, open + 1 - from).Append(PythonText.Strip(text[(open + 1)..close], null)).Append(closing);
            from = close + 1;
        }

        return result.Append(text, from, text.Length - from).ToString();
    }
}
