using System.Text;
using System.Text.RegularExpressions;

namespace Lapidary.Tests.Text;

/// <summary>
/// Byte-pair encoding as its definition reads: before each step all words are encoded anew with the pieces so far, and every pair of
/// neighbours is counted anew. Written for clarity and without anything of the trainer.
/// </summary>
internal static class NaiveBpe
{
    // A single space, then letters or other characters with their marks; digits and spaces before them are alone.
    private static readonly Regex Word = new(
        @" ?\p{M}*(?:\p{L}[\p{L}\p{M}]*|[^\p{L}\p{M}\p{Nd} ][^\p{L}\p{Nd} ]*)|\p{Nd}| ?\p{M}+| ", RegexOptions.CultureInvariant);

    /// <summary>Learns pieces, the first one first; fewer where the texts have no more.</summary>
    public static List<string> Learn(IEnumerable<string> texts, int count, int maxPieceLength)
    {
        List<string> words =
        [
            .. texts.SelectMany(text => text.Split('\n')).SelectMany(line => Regex.Split(line, "  +"))
                .SelectMany(part => Word.Matches(part).Select(match => match.Value.Replace(' ', '\u2581'))),
        ];
        var pieces = new List<string>();
        while (pieces.Count < count)
        {
            Dictionary<string, int> counts = [];
            foreach (IGrouping<string, string> word in words.GroupBy(word => word))
            {
                List<string> symbols = Encode(word.Key, pieces);
                for (int at = 0; at + 1 < symbols.Count; at++)
                {
                    string product = symbols[at] + symbols[at + 1];
                    counts[product] = counts.GetValueOrDefault(product) + word.Count();
                }
            }

            string? best = counts
                .Where(pair => pair.Key.EnumerateRunes().Count() <= maxPieceLength)
                .OrderByDescending(pair => pair.Value)
                .ThenBy(pair => pair.Key.EnumerateRunes().Count())
                .ThenBy(pair => Convert.ToHexString(Encoding.UTF8.GetBytes(pair.Key)), StringComparer.Ordinal)
                .Select(pair => pair.Key)
                .FirstOrDefault();
            if (best is null)
            {
                break;
            }

            pieces.Add(best);
        }

        return pieces;
    }

    /// <summary>The pieces of a word: as long as two neighbours make a piece, those that make the earliest, the leftmost of equal ones.</summary>
    public static List<string> Encode(string word, List<string> pieces)
    {
        List<string> symbols = [.. word.EnumerateRunes().Select(rune => rune.ToString())];
        while (true)
        {
            (int rank, int at) = Enumerable.Range(0, Math.Max(0, symbols.Count - 1))
                .Select(at => (Rank: pieces.IndexOf(symbols[at] + symbols[at + 1]), At: at))
                .Where(pair => pair.Rank >= 0)
                .DefaultIfEmpty((-1, 0))
                .Min();
            if (rank < 0)
            {
                return symbols;
            }

            symbols[at] += symbols[at + 1];
            symbols.RemoveAt(at + 1);
        }
    }
}
