using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Lapidary.Checkpoints;

namespace Lapidary.Workbench.Reports.Cards;

/// <summary>
/// A card with marks around what was written by a program: <c>&lt;!-- lapidary:begin NAME HASH --&gt;</c> and <c>&lt;!-- lapidary:end NAME --&gt;</c>.
/// Everything else was written by somebody, and stays as it is when the card is refreshed.
/// </summary>
internal sealed class CardDocument
{
    private const string Begin = "<!-- lapidary:begin ";
    private const string Close = " -->";
    private const long LongestCard = 16 * 1024 * 1024;

    private readonly List<Part> parts;

    private CardDocument(JsonObject frontMatter, List<Part> parts)
    {
        FrontMatter = frontMatter;
        this.parts = parts;
    }

    /// <summary>The front matter.</summary>
    public JsonObject FrontMatter { get; }

    /// <summary>Names of sections that somebody has changed since they were written; they stay.</summary>
    public IReadOnlyList<string> Edited => [.. parts.Where(part => part.IsEdited).Select(part => part.Name!)];

    /// <summary>A card without anything in it.</summary>
    public static CardDocument Empty() => new([], []);

    /// <summary>Reads a card; an empty one where there is none.</summary>
    /// <exception cref="CheckpointException">The file cannot be read, or is no card.</exception>
    public static CardDocument Read(string path)
    {
        if (!File.Exists(path))
        {
            return Empty();
        }

        try
        {
            if (new FileInfo(path).Length > LongestCard)
            {
                throw new CheckpointException(path, $"has more than {LongestCard:N0} bytes, which is no model card");
            }

            string text = File.ReadAllText(path).ReplaceLineEndings("\n").TrimStart('\uFEFF');
            return new CardDocument(Checkpoints.FrontMatter.Parse(text, path), Split(Body(text)));
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"cannot be read: {thrown.Message.TrimEnd('.')}", thrown);
        }
    }

    /// <summary>
    /// Puts in sections: in the place of the one of that name, else behind the one that it follows. One that somebody has changed stays, and one
    /// that was taken out of a card that has others stays out.
    /// </summary>
    public void Put(IReadOnlyList<CardSection> sections)
    {
        bool isNew = parts.All(part => part.Name is null);
        string[] known = KnownNames();
        foreach (CardSection section in sections)
        {
            int at = parts.FindIndex(part => part.Name == section.Name);
            var part = new Part(section.Name, section.Text.Trim('\n') + "\n", false);
            if (at >= 0)
            {
                parts[at] = parts[at].IsEdited ? parts[at] : part;
            }
            else if (isNew || !known.Contains(section.Name))
            {
                parts.Insert(PlaceFor(section.Name, sections), part);
            }
        }

        parts.RemoveAll(part => part.Name == KnownMark);
        parts.Add(new Part(KnownMark, string.Join(' ', sections.Select(section => section.Name).Union(known)) + "\n", false));
    }

    /// <summary>The card.</summary>
    /// <param name="frontMatter">The front matter to write.</param>
    public string Text(JsonObject frontMatter)
    {
        var text = new StringBuilder();
        text.Append("---\n").Append(YamlText.Of(frontMatter)).Append("---\n");
        foreach (Part part in parts)
        {
            if (part.Name is null)
            {
                text.Append('\n').Append(part.Text.Trim('\n')).Append('\n');
            }
            else if (part.Name == KnownMark)
            {
                text.Append('\n').Append("<!-- ").Append(KnownMark).Append(' ').Append(part.Text.TrimEnd('\n')).Append(Close).Append('\n');
            }
            else
            {
                string hash = part.IsEdited ? part.Hash! : HashOf(part.Text);
                text.Append('\n').Append(Begin).Append(part.Name).Append(' ').Append(hash).Append(Close).Append('\n')
                    .Append(part.Text).Append(End(part.Name)).Append('\n');
            }
        }

        return text.ToString();
    }

    private const string KnownMark = "lapidary:sections";

    private static string End(string name) => $"<!-- lapidary:end {name}{Close}";

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];

    private static string Body(string text)
    {
        const string Fence = "---\n";
        int end = text.StartsWith(Fence, StringComparison.Ordinal) ? text.IndexOf("\n---\n", Fence.Length - 1, StringComparison.Ordinal) : -1;
        return end < 0 ? text : text[(end + 5)..];
    }

    private static List<Part> Split(string body)
    {
        var parts = new List<Part>();
        int from = 0;
        while (Next(body, from) is { } mark)
        {
            AddText(parts, body[from..mark.At]);
            parts.Add(mark.Part);
            from = mark.End;
        }

        AddText(parts, body[from..]);
        return parts;
    }

    private static (int At, int End, Part Part)? Next(string body, int from)
    {
        for (int at = from; (at = body.IndexOf("<!-- lapidary:", at, StringComparison.Ordinal)) >= 0; at++)
        {
            int close = body.IndexOf(Close, at, StringComparison.Ordinal);
            if (close < 0)
            {
                return null;
            }

            string[] words = body[(at + "<!-- ".Length)..close].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words[0] == KnownMark)
            {
                return (at, close + Close.Length, new Part(KnownMark, string.Join(' ', words[1..]), false));
            }

            if (words is ["lapidary:begin", { } name, { } hash])
            {
                int start = Math.Min(body.Length, close + Close.Length + 1);
                int end = body.IndexOf(End(name), start, StringComparison.Ordinal);
                if (end >= 0)
                {
                    string text = body[start..end];
                    return (at, end + End(name).Length, new Part(name, text, HashOf(text) != hash) { Hash = hash });
                }
            }
        }

        return null;
    }

    private static void AddText(List<Part> parts, string text)
    {
        if (text.Trim('\n', ' ').Length > 0)
        {
            parts.Add(new Part(null, text, false));
        }
    }

    private string[] KnownNames() => parts.FirstOrDefault(part => part.Name == KnownMark)?.Text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries) ?? [];

    // Behind the nearest section that comes before it, or at the end of what somebody wrote above.
    private int PlaceFor(string name, IReadOnlyList<CardSection> sections)
    {
        int index = sections.ToList().FindIndex(section => section.Name == name);
        for (int i = index - 1; i >= 0; i--)
        {
            int at = parts.FindIndex(part => part.Name == sections[i].Name);
            if (at >= 0)
            {
                return at + 1;
            }
        }

        int first = parts.FindIndex(part => part.Name is not null);
        return first >= 0 ? first : parts.Count;
    }

    // Text between marks has the name of its section, text of somebody has none.
    private sealed record Part(string? Name, string Text, bool IsEdited)
    {
        public string? Hash { get; init; }
    }
}
