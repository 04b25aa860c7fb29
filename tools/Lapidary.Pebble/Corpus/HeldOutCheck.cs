using Lapidary.Pebble.Language;

namespace Lapidary.Pebble.Corpus;

/// <summary>
/// Finds texts that occur in other texts, word for word; capitals and punctuation do not count. Words are compared by 64-bit hashes, so
/// a text that is there is always found.
/// </summary>
internal sealed class HeldOutCheck
{
    private const int IndexedWords = 4;

    private readonly Dictionary<ulong, List<(int Index, ulong[] Words)>> byBeginning = [];
    private readonly bool[] found;
    private readonly SortedSet<int> lengths = [];

    /// <summary>A check for these texts.</summary>
    public HeldOutCheck(IReadOnlyList<string> texts)
    {
        found = new bool[texts.Count];
        for (int i = 0; i < texts.Count; i++)
        {
            ulong[] words = Hashes(texts[i]);
            int length = Math.Min(IndexedWords, words.Length);
            lengths.Add(length);
            ulong key = Combine(words.AsSpan(0, length));
            if (!byBeginning.TryGetValue(key, out List<(int, ulong[])>? entries))
            {
                byBeginning[key] = entries = [];
            }

            entries.Add((i, words));
        }
    }

    /// <summary>Whether a text, by its number, was seen.</summary>
    public bool WasSeen(int index) => found[index];

    /// <summary>Looks through a text.</summary>
    public void Read(string text)
    {
        ulong[] words = Hashes(text);
        for (int start = 0; start < words.Length; start++)
        {
            foreach (int length in lengths)
            {
                if (start + length <= words.Length && byBeginning.TryGetValue(Combine(words.AsSpan(start, length)), out List<(int Index, ulong[] Words)>? entries))
                {
                    foreach ((int index, ulong[] wanted) in entries)
                    {
                        found[index] |= words.AsSpan(start).StartsWith(wanted);
                    }
                }
            }
        }
    }

    private static ulong[] Hashes(string text) => [.. English.Words(text).Select(word => Dice.Hash(word))];

    private static ulong Combine(ReadOnlySpan<ulong> words)
    {
        ulong hash = (ulong)words.Length;
        foreach (ulong word in words)
        {
            hash = (hash * 0x9E37_79B9_7F4A_7C15) ^ word;
        }

        return hash;
    }
}
