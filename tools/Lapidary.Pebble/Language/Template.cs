using System.Text;

namespace Lapidary.Pebble.Language;

/// <summary>
/// Fills the slots of a sentence: <c>{x}</c> is the value, <c>{a:x}</c> the value with its article, <c>{s:x}</c> its plural. Every
/// sentence of the result begins with a capital.
/// </summary>
internal static class Template
{
    /// <summary>Fills <paramref name="template"/>.</summary>
    /// <exception cref="InvalidOperationException">A slot has no value, or a brace is not closed: the template is wrong.</exception>
    public static string Fill(string template, IReadOnlyDictionary<string, string> slots)
    {
        var text = new StringBuilder(template.Length + 32);
        int at = 0;
        while (at < template.Length)
        {
            int open = template.IndexOf('{', at);
            if (open < 0)
            {
                text.Append(template, at, template.Length - at);
                break;
            }

            int close = template.IndexOf('}', open);
            if (close < 0)
            {
                throw new InvalidOperationException($"The template '{template}' has an open brace.");
            }

            text.Append(template, at, open - at).Append(Value(template, template[(open + 1)..close], slots));
            at = close + 1;
        }

        return English.Sentences(text.ToString());
    }

    private static string Value(string template, string slot, IReadOnlyDictionary<string, string> slots)
    {
        (string form, string name) = slot.IndexOf(':', StringComparison.Ordinal) is int colon and > 0
            ? (slot[..colon], slot[(colon + 1)..])
            : (string.Empty, slot);
        if (!slots.TryGetValue(name, out string? value))
        {
            throw new InvalidOperationException($"The template '{template}' has a slot '{name}' without a value.");
        }

        return form switch
        {
            "" => value,
            "a" => English.WithArticle(value),
            "s" => English.Plural(value),
            _ => throw new InvalidOperationException($"The template '{template}' asks for the unknown form '{form}'."),
        };
    }
}
