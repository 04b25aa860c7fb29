using System.Runtime.CompilerServices;
using System.Text;

namespace Lapidary.Text.Tokenizers.Training;

/// <summary>
/// Learns pieces by byte-pair encoding (Sennrich et al. 2016, algorithm 1): the text that neighbours make most often becomes a piece, and so on.
/// Between two steps every word stands as a tokenizer with the pieces so far encodes it, so the counts are those of the real use; a new
/// piece may make room for an older one. Words are kept once with their count. A queue holds the candidates; a count in it may be too
/// large but never too small, and is put right when it comes to the front.
/// </summary>
internal sealed class MergeLearner
{
    private readonly SymbolTable symbols;
    private readonly List<Word> words = [];
    private readonly PriorityQueue<int, (long Count, int Symbol)> queue;
    private readonly HashSet<int> grown = [];
    private readonly List<string> pieces = [];

    // The symbols of all words, one after the other, and beside each what it makes with its right neighbour.
    private int[] pool;
    private int[] products = [];
    private int used;

    public MergeLearner(WordCounter counter, Alphabet alphabet, int maxPieceLength)
    {
        symbols = new SymbolTable(maxPieceLength);
        queue = new PriorityQueue<int, (long Count, int Symbol)>(symbols);
        pool = new int[1024];
        foreach ((string word, long count) in counter.Words)
        {
            Load(word, count, alphabet);
        }

        products = new int[used];
        for (int word = 0; word < words.Count; word++)
        {
            for (int at = words[word].Start; at < words[word].Start + words[word].Length - 1; at++)
            {
                Join(word, at);
            }
        }

        QueueGrown();
    }

    /// <summary>The pieces in the order in which they were learned.</summary>
    public IReadOnlyList<string> Pieces => pieces;

    /// <summary>Tokens of the words that were loaded, as the pieces so far encode them.</summary>
    public long Tokens { get; private set; }

    /// <summary>Learns one more piece; false if no two neighbours are left that could make one.</summary>
    public bool Learn()
    {
        while (queue.TryDequeue(out int symbol, out (long Count, int Symbol) queued))
        {
            long count = symbols.CountOf(symbol);
            if (symbols.RankOf(symbol) != int.MaxValue || count == 0)
            {
                continue;
            }

            if (count != queued.Count)
            {
                queue.Enqueue(symbol, (count, symbol));
                continue;
            }

            symbols.RankOf(symbol) = pieces.Count;
            pieces.Add(symbols.TextOf(symbol));
            foreach (int word in symbols.TakeWords(symbol))
            {
                Encode(word);
            }

            QueueGrown();
            return true;
        }

        return false;
    }

    // A character without a piece becomes its bytes, and nothing reaches over it.
    private void Load(string text, long count, Alphabet alphabet)
    {
        int start = used;
        foreach (Rune rune in text.EnumerateRunes())
        {
            Rune character = Alphabet.Normalize(rune);
            if (alphabet.Contains(character))
            {
                if (used == pool.Length)
                {
                    Array.Resize(ref pool, checked(used * 2));
                }

                pool[used++] = symbols.Character(character.ToString());
                Tokens += count;
                continue;
            }

            Tokens += count * character.Utf8SequenceLength;
            Finish(start, count);
            start = used;
        }

        Finish(start, count);
    }

    private void Finish(int start, long count)
    {
        if (used - start > 1)
        {
            words.Add(new Word(start, used - start, count));
        }
        else
        {
            used = start;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Encode(int word)
    {
        (int start, int length, long count) = words[word];
        int newest = pieces.Count - 1;
        int from = start;
        while (FindBest(from, start + length) is int at and >= 0)
        {
            // Left of the first place for the newest piece there is none for an older one, so the search goes on from here.
            from = symbols.RankOf(products[at]) == newest ? Math.Max(start, at - 1) : start;

            // The pairs on both sides of the merged one vanish with it.
            int product = products[at];
            for (int pair = Math.Max(start, at - 1); pair < Math.Min(at + 2, start + length - 1); pair++)
            {
                if (products[pair] >= 0)
                {
                    symbols.CountOf(products[pair]) -= count;
                }
            }

            pool[at] = product;
            int behind = start + length - at - 2;
            pool.AsSpan(at + 2, behind).CopyTo(pool.AsSpan(at + 1));
            products.AsSpan(at + 1, behind).CopyTo(products.AsSpan(at));
            length--;
            words[word] = new Word(start, length, count);
            Tokens -= count;
            if (at > start)
            {
                Join(word, at - 1);
            }

            if (behind > 0)
            {
                Join(word, at);
            }
        }
    }

    // The neighbours that make the earliest piece, the leftmost of equal ones, as an encoder chooses them.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int FindBest(int start, int end)
    {
        int best = -1;
        int bestRank = int.MaxValue;
        for (int at = start; at < end - 1; at++)
        {
            if (products[at] >= 0 && symbols.RankOf(products[at]) is int rank && rank < bestRank)
            {
                best = at;
                bestRank = rank;
            }
        }

        return best;
    }

    private void Join(int word, int at)
    {
        int product = symbols.Product(pool[at], pool[at + 1]);
        products[at] = product;
        if (product == SymbolTable.None)
        {
            return;
        }

        symbols.CountOf(product) += words[word].Count;
        if (symbols.RankOf(product) == int.MaxValue)
        {
            symbols.AddWord(product, word);
            grown.Add(product);
        }
    }

    private void QueueGrown()
    {
        foreach (int symbol in grown)
        {
            if (symbols.CountOf(symbol) is long count and > 0)
            {
                queue.Enqueue(symbol, (count, symbol));
            }
        }

        grown.Clear();
    }

    private readonly record struct Word(int Start, int Length, long Count);
}
