namespace Lapidary.Pebble.Language;

/// <summary>The little grammar that the templates need: articles, plurals, lists, capitals.</summary>
internal static class English
{
    private static readonly Dictionary<string, string> IrregularPlurals = new(StringComparer.Ordinal)
    {
        ["sheep"] = "sheep", ["goose"] = "geese", ["mouse"] = "mice", ["wolf"] = "wolves", ["foal"] = "foals", ["calf"] = "calves",
        ["loaf"] = "loaves", ["knife"] = "knives", ["potato"] = "potatoes", ["child"] = "children", ["leaf"] = "leaves",
        ["fish"] = "fish", ["tomato"] = "tomatoes", ["penny"] = "pennies", ["scarf"] = "scarves", ["shelf"] = "shelves",
    };

    /// <summary>The noun with "a" or "an" before it.</summary>
    public static string WithArticle(string noun) => ("aeiou".Contains(noun[0], StringComparison.Ordinal) ? "an " : "a ") + noun;

    /// <summary>The plural of a noun; of several words the last one changes.</summary>
    public static string Plural(string noun)
    {
        int space = noun.LastIndexOf(' ') + 1;
        string head = noun[..space];
        string last = noun[space..];
        if (IrregularPlurals.TryGetValue(last, out string? plural))
        {
            return head + plural;
        }

        bool consonantY = last.EndsWith('y') && !"aeiou".Contains(last[^2], StringComparison.Ordinal);
        bool hisses = last.EndsWith('s') || last.EndsWith('x') || last.EndsWith("ch", StringComparison.Ordinal) || last.EndsWith("sh", StringComparison.Ordinal);
        return consonantY ? head + last[..^1] + "ies" : noun + (hisses ? "es" : "s");
    }

    /// <summary>A count with its noun: "1 penny", "3 pennies".</summary>
    public static string Count(int count, string noun) => count == 1 ? "1 " + noun : $"{count} {Plural(noun)}";

    /// <summary>"a", "a and b", "a, b and c".</summary>
    public static string List(IReadOnlyList<string> words) =>
        words.Count == 1 ? words[0] : string.Join(", ", words.Take(words.Count - 1)) + " and " + words[^1];

    /// <summary>The text with a capital first letter, and one after every end of a sentence.</summary>
    public static string Sentences(string text)
    {
        char[] letters = text.ToCharArray();
        bool begins = true;
        for (int i = 0; i < letters.Length; i++)
        {
            if (begins && char.IsLetterOrDigit(letters[i]))
            {
                letters[i] = char.ToUpperInvariant(letters[i]);
                begins = false;
            }

            begins |= letters[i] == '\n' || (letters[i] == ' ' && i > 0 && (letters[i - 1] is '.' or '!' or '?' || EndsQuotedSentence(letters, i)));
        }

        return new string(letters);
    }

    /// <summary>Lower case, letters and digits only, one space between words: what two texts are compared by.</summary>
    public static string Normalize(string text) => string.Join(' ', Words(text));

    /// <summary>The words of a text, in lower case, without punctuation.</summary>
    public static List<string> Words(string text)
    {
        var words = new List<string>();
        int start = -1;
        for (int i = 0; i <= text.Length; i++)
        {
            bool inside = i < text.Length && (char.IsLetterOrDigit(text[i]) || (text[i] is '+' or '*' or '='));
            if (inside && start < 0)
            {
                start = i;
            }
            else if (!inside && start >= 0)
            {
                words.Add(text[start..i].ToLowerInvariant());
                start = -1;
            }
        }

        return words;
    }

    /// <summary>
    /// About how many tokens a tokenizer that was trained on such text makes of it: one for a word or a run of punctuation, one for a digit.
    /// </summary>
    public static int EstimateTokens(string text)
    {
        int tokens = 0;
        char before = ' ';
        foreach (char letter in text)
        {
            bool starts = char.IsDigit(letter) || letter == '\n' || (char.IsLetter(letter) ? !char.IsLetter(before) : letter != ' ');
            tokens += starts ? 1 : 0;
            before = letter;
        }

        return tokens;
    }

    // After a quoted question the sentence goes on ("..?" asked Mira), after a quoted statement with a full stop it does not.
    private static bool EndsQuotedSentence(char[] letters, int space) => space > 1 && letters[space - 1] == '"' && letters[space - 2] == '.';
}
