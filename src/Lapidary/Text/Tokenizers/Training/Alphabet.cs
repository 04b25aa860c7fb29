using System.Runtime.InteropServices;
using System.Text;

namespace Lapidary.Text.Tokenizers.Training;

/// <summary>The characters that get a piece of their own, the most frequent first.</summary>
internal sealed class Alphabet
{
    private readonly HashSet<Rune> characters;

    private Alphabet(List<Rune> ordered)
    {
        Characters = ordered;
        characters = [.. ordered];
    }

    /// <summary>The characters: the most frequent first, of equally frequent ones the smallest code point.</summary>
    public IReadOnlyList<Rune> Characters { get; }

    /// <summary>Whether a character has a piece.</summary>
    public bool Contains(Rune character) => characters.Contains(character);

    /// <summary>The character as pieces have it, with the mark for a space.</summary>
    public static Rune Normalize(Rune character) => character.Value == ' ' ? new Rune(GemmaPieces.Space) : character;

    /// <summary>Takes characters until they make up the wanted share of all; the mark for a space is always one.</summary>
    public static Alphabet Choose(WordCounter counter, double coverage)
    {
        var space = new Rune(GemmaPieces.Space);
        var counts = new Dictionary<Rune, long> { [space] = counter.SpacesInRuns };
        long total = counter.SpacesInRuns;
        foreach ((string word, long count) in counter.Words)
        {
            foreach (Rune character in word.EnumerateRunes())
            {
                CollectionsMarshal.GetValueRefOrAddDefault(counts, Normalize(character), out _) += count;
                total += count;
            }
        }

        // Programs that keep pieces as C strings could not hold U+0000.
        counts.Remove(new Rune(0));
        var chosen = new List<Rune>();
        long covered = 0;
        foreach ((Rune character, long count) in counts.OrderByDescending(entry => entry.Value).ThenBy(entry => entry.Key.Value))
        {
            if (covered < coverage * total || character == space)
            {
                chosen.Add(character);
                covered += count;
            }
        }

        return new Alphabet(chosen);
    }
}
