using System.Globalization;
using System.Text;

namespace Lapidary.Peers.Tests;

/// <summary>More than 20,000 strings on which tokenizers can differ; the same ones each time.</summary>
internal static class TokenizerTexts
{
    private static readonly string[] Parts =
    [
        // Emoji with joiners and flags, combining marks, controls, marks of order and of bytes, blanks of other kinds.
        "\U0001f600", "\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466", "\U0001f3f3\ufe0f\u200d\U0001f308", "\U0001f1e9\U0001f1ea", "\u00e9",
        "e\u0301", "\u200f", "\u202e", "\ufeff", "\ufffd", "\u0007", "\u001b", "\u007f", "\u2581", "\u2581\u2581", "\u00a0", "\u3000", "\u2028",
        "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd", "\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645", "\u0939\u093f\u0928\u094d\u0926\u0940",
        "\u65e5\u672c\u8a9e\u306e\u30c6\u30ad\u30b9\u30c8", "\ud55c\uad6d\uc5b4", "\u0e44\u0e17\u0e22", "\u0395\u03bb\u03bb\u03b7\u03bd\u03b9\u03ba\u03ac",
        "\u0420\u0443\u0441\u0441\u043a\u0438\u0439", "\u12a0\u121b\u122d\u129b", "\U0001d518\U0001d52b\U0001d526", "\U00010348\U00010330", "\U000e0001", "\U0010ffff",

        // Special pieces, whole, broken and nearly.
        "<bos>", "<eos>", "<pad>", "<unk>", "<start_of_turn>", "<end_of_turn>", "<start_of_image>", "<image_soft_token>", "<mask>", "[multimodal]",
        "<unused7>", "<unused70>", "<table>", "<td>", "</td>", "<h1>", "<b>", "</i>", "<0x0A>", "<0xFF>", "<start_of_turn", "end_of_turn>",
        "\n", "\n\n", "\r\n", "\t", "\t\t", " ", "  ", "   ",

        // Half of a surrogate pair, which is no character.
        "\ud800", "\udc00", "\udbff", "\udfff", "a\ud83d", "\ude00b", "\ud83d\ud83d\ude00",
        "the", "of", "and", "Zusammenfassung", "na\u00efve", "3.14159", "0xDEADBEEF", "if(x){return;}", "don't", "I'll", "HTTP/1.1", "C++", "__init__", "=>", "===",
        "...", "---", "\u00df", "\u03a9",
    ];

    /// <summary>The strings.</summary>
    /// <param name="folders">Folders whose text files are sampled, such as those of benchmarks.</param>
    public static List<string> All(IEnumerable<string> folders)
    {
        var texts = new List<string>();
        foreach (string folder in folders)
        {
            foreach (string path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                AddLines(texts, File.ReadAllText(path), 900);
            }
        }

        var random = new Random(7);
        for (int i = 0; i < 17_000; i++)
        {
            string separator = random.Next(3) switch { 0 => string.Empty, 1 => " ", _ => "\n" };
            texts.Add(string.Join(separator, Enumerable.Range(0, random.Next(1, 24)).Select(_ => Parts[random.Next(Parts.Length)])));
        }

        int[] planes = [0x80, 0x800, 0x10000, 0x110000];
        for (int i = 0; i < 3_000; i++)
        {
            texts.Add(string.Concat(Enumerable.Range(0, random.Next(1, 60)).Select(_ => Unit(random.Next(planes[random.Next(4)])))));
        }

        foreach (string unit in (string[])[" ", "\n", "\t", "\u2581", "a", "-", "=", "\u00e9", "\U0001f600", "\r\n", " \n"])
        {
            texts.AddRange(Enumerable.Range(1, 130).Append(1000).Select(count => string.Concat(Enumerable.Repeat(unit, count))));
        }

        texts.RemoveAll(text => text.Length == 0);
        return texts;
    }

    /// <summary>Whether a text is valid Unicode.</summary>
    public static bool IsValid(string text) => text == Decoded(text);

    /// <summary>A text whose halves of surrogate pairs are replaced, as encoding and decoding does.</summary>
    public static string Decoded(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    /// <summary>A JSON string in ASCII; halves of surrogate pairs stay what they are.</summary>
    public static string Json(string text)
    {
        var json = new StringBuilder("\"");
        foreach (char unit in text)
        {
            _ = unit is >= ' ' and <= '~' and not '"' and not '\\'
                ? json.Append(unit)
                : json.Append("\\u").Append(((int)unit).ToString("x4", CultureInfo.InvariantCulture));
        }

        return json.Append('"').ToString();
    }

    // A code point, or where it is a surrogate, half a pair.
    private static string Unit(int codePoint) => codePoint is >= 0xD800 and < 0xE000 ? ((char)codePoint).ToString() : char.ConvertFromUtf32(codePoint);

    private static void AddLines(List<string> texts, string content, int most)
    {
        string[] lines = content.Split('\n');
        int step = Math.Max(1, lines.Length / most);
        for (int i = 0; i < lines.Length; i += step)
        {
            texts.Add(lines[i]);
        }

        texts.Add(content[..Math.Min(content.Length, 20_000)]);
    }
}
