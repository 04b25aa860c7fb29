using System.Runtime.CompilerServices;

namespace Lapidary.Text.Tokenizers.Training;

/// <summary>
/// The symbols of a training: characters, pieces, and the texts that two neighbours would make. A symbol is its text, whichever two parts it
/// is made of, because that is how a vocabulary knows its pieces.
/// </summary>
internal sealed class SymbolTable(int maxPieceLength) : IComparer<(long Count, int Symbol)>
{
    /// <summary>What two symbols make that are too long for a piece.</summary>
    public const int None = -1;

    private readonly Dictionary<string, int> byText = new(StringComparer.Ordinal);
    private readonly Dictionary<long, int> byPair = [];
    private readonly List<string> texts = [];
    private readonly List<int> lengths = [];
    private readonly List<List<int>?> words = [];
    private long[] counts = new long[1024];
    private int[] ranks = new int[1024];

    /// <summary>The text of a symbol.</summary>
    public string TextOf(int symbol) => texts[symbol];

    /// <summary>How often neighbours in the texts make this symbol.</summary>
    public ref long CountOf(int symbol) => ref counts[symbol];

    /// <summary>The order in which the symbol became a piece; the largest number if it is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref int RankOf(int symbol) => ref ranks[symbol];

    /// <summary>The symbol of one character.</summary>
    public int Character(string text) => byText.TryGetValue(text, out int symbol) ? symbol : Add(text, 1);

    /// <summary>The symbol that two neighbours make, or <see cref="None"/>.</summary>
    public int Product(int left, int right)
    {
        long key = ((long)left << 32) | (uint)right;
        if (byPair.TryGetValue(key, out int known))
        {
            return known;
        }

        int length = lengths[left] + lengths[right];
        int product = None;
        if (length <= maxPieceLength)
        {
            string text = texts[left] + texts[right];
            product = byText.TryGetValue(text, out int same) ? same : Add(text, length);
        }

        byPair.Add(key, product);
        return product;
    }

    /// <summary>Notes that a word has neighbours that make the symbol.</summary>
    public void AddWord(int symbol, int word)
    {
        List<int> list = words[symbol] ??= [];
        if (list.Count == 0 || list[^1] != word)
        {
            list.Add(word);
        }
    }

    /// <summary>The words that were noted for a symbol, some perhaps more than once; they are forgotten.</summary>
    public List<int> TakeWords(int symbol)
    {
        List<int> list = words[symbol] ?? [];
        words[symbol] = null;
        return list;
    }

    /// <summary>SentencePiece's order: the most frequent first, of those the shortest, of those the first by code points.</summary>
    public int Compare((long Count, int Symbol) x, (long Count, int Symbol) y)
    {
        int order = y.Count.CompareTo(x.Count);
        order = order != 0 ? order : lengths[x.Symbol].CompareTo(lengths[y.Symbol]);
        return order != 0 ? order : CompareCodePoints(texts[x.Symbol], texts[y.Symbol]);
    }

    private int Add(string text, int length)
    {
        int symbol = texts.Count;
        if (symbol == ranks.Length)
        {
            Array.Resize(ref ranks, symbol * 2);
            Array.Resize(ref counts, symbol * 2);
        }

        ranks[symbol] = int.MaxValue;
        byText.Add(text, symbol);
        texts.Add(text);
        lengths.Add(length);
        words.Add(null);
        return symbol;
    }

    // UTF-16 units have the order of code points but for surrogates, which stand for larger ones than all that come after them.
    private static int CompareCodePoints(string x, string y)
    {
        int at = x.AsSpan().CommonPrefixLength(y);
        return at == x.Length || at == y.Length ? x.Length - y.Length : Weight(x[at]) - Weight(y[at]);

        static int Weight(char character) => char.IsSurrogate(character) ? character + 0x10000 : character;
    }
}
