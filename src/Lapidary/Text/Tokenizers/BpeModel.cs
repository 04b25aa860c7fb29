using System.Runtime.CompilerServices;
using System.Text;

namespace Lapidary.Text.Tokenizers;

/// <summary>
/// Byte-pair encoding with byte fallback (Sennrich et al. 2016, section 3.2; Kudo and Richardson 2018). Gemma's tokenizers do not split text into
/// words first, so the algorithm must bear a text of any length as one word: merges wait in a heap, which makes n log n of it, and the
/// text is first cut wherever no piece of the vocabulary reaches over, which changes nothing and makes most stretches short.
/// </summary>
internal sealed class BpeModel
{
    /// <summary>The id of a symbol that is no piece.</summary>
    public const int NoPiece = -1;

    /// <summary>The id of half a surrogate pair: it is never merged and becomes the bytes of U+FFFD.</summary>
    public const int NotText = -2;

    private readonly int[] characters;
    private readonly NeighbourMap neighbours;
    private readonly int[] byteIds;
    private readonly bool hasAllBytes;
    private readonly WordCache cache = new();
    private BpeWorkspace? spare;

    public BpeModel(PieceTable vocabulary, MergeTable? merges, float[]? scores, PieceKind[] kinds)
    {
        Vocabulary = vocabulary;
        Merges = merges;
        Scores = scores;
        Kinds = kinds;
        characters = CharacterIds(vocabulary);
        neighbours = new NeighbourMap(vocabulary);
        byteIds = new int[256];
        for (int value = 0; value < 256; value++)
        {
            byteIds[value] = vocabulary.Find(Encoding.ASCII.GetBytes($"<0x{value:X2}>"));
        }

        hasAllBytes = !byteIds.Contains(NoPiece);
    }

    /// <summary>The pieces.</summary>
    public PieceTable Vocabulary { get; }

    /// <summary>The merges, where they are listed.</summary>
    public MergeTable? Merges { get; }

    /// <summary>The scores by id, where merges follow from them.</summary>
    public float[]? Scores { get; }

    /// <summary>The kinds by id.</summary>
    public PieceKind[] Kinds { get; }

    /// <summary>Whether what is no piece becomes its bytes.</summary>
    public bool ByteFallback { get; init; }

    /// <summary>Whether a word that is a piece as a whole is not merged at all.</summary>
    public bool IgnoreMerges { get; init; }

    /// <summary>Whether a run of newlines that is a piece is not merged, which is llama.cpp's rule for Gemma 4.</summary>
    public bool KeepsNewlineRuns { get; init; }

    /// <summary>Whether neighbours that cannot be expressed become one unknown piece.</summary>
    public bool FuseUnknown { get; init; }

    /// <summary>The piece for what cannot be expressed; without one it is left out.</summary>
    public int? UnknownId { get; init; }

    /// <summary>Adds the ids of a word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Encode(ReadOnlySpan<char> word, IdList ids)
    {
        if ((IgnoreMerges || (KeepsNewlineRuns && word[0] == '\n')) && FindWhole(word) is int whole and >= 0)
        {
            ids.Add(whole);
            return;
        }

        if (FuseUnknown && !(ByteFallback && hasAllBytes))
        {
            // Unknown text is fused across the cuts, so there must be none.
            Merge(word, ids);
            return;
        }

        int start = 0;
        for (int end = 1; end <= word.Length; end++)
        {
            if (end == word.Length || !neighbours.MayJoin(word[end - 1], word[end]))
            {
                EncodeStretch(word[start..end], ids);
                start = end;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void EncodeStretch(ReadOnlySpan<char> stretch, IdList ids)
    {
        if (stretch.Length == 1 && characters[stretch[0]] is int single and > 0)
        {
            ids.Add(single - 1);
            return;
        }

        if (stretch.Length > WordCache.LengthLimit)
        {
            Merge(stretch, ids);
            return;
        }

        if (cache.TryFind(stretch, out ReadOnlySpan<int> known, out int slot))
        {
            ids.Add(known);
            return;
        }

        int before = ids.Count;
        Merge(stretch, ids);
        cache.Keep(slot, stretch, ids.Ids[before..]);
    }

    private int FindWhole(ReadOnlySpan<char> word)
    {
        // A piece has at most LengthLimit bytes, and a character of UTF-16 at least one.
        if (word.Length > 256)
        {
            return word.Length > PieceTable.LengthLimit ? NoPiece : Vocabulary.Find(Encoding.UTF8.GetBytes(word.ToString()));
        }

        Span<byte> utf8 = stackalloc byte[word.Length * 3];
        return Vocabulary.Find(utf8[..Encoding.UTF8.GetBytes(word, utf8)]);
    }

    private void Merge(ReadOnlySpan<char> text, IdList ids)
    {
        BpeWorkspace work = Interlocked.Exchange(ref spare, null) ?? new BpeWorkspace();
        int count = Load(text, work);
        if (Merges is not null)
        {
            Merge<ListedMerges>(work, count);
        }
        else
        {
            Merge<ScoredMerges>(work, count);
        }

        Collect(work, ids);
        if (work.IsSmall)
        {
            spare = work;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Load(ReadOnlySpan<char> text, BpeWorkspace work)
    {
        work.Reserve(text.Length);
        int count = 0;
        int bytes = 0;
        while (!text.IsEmpty)
        {
            // Half a surrogate pair decodes to U+FFFD here, but it is not the character U+FFFD, which is a piece of Gemma's.
            bool valid = Rune.DecodeFromUtf16(text, out Rune rune, out int consumed) == System.Buffers.OperationStatus.Done;
            text = text[consumed..];
            int length = rune.EncodeToUtf8(work.Utf8.AsSpan(bytes));
            work.Starts[count] = bytes;
            work.Ids[count] = !valid ? NotText
                : rune.IsBmp ? characters[rune.Value] - 1
                : Vocabulary.Find(work.Utf8.AsSpan(bytes, length));
            work.Previous[count] = count - 1;
            work.Next[count] = text.IsEmpty ? -1 : count + 1;
            bytes += length;
            count++;
        }

        work.ByteCount = bytes;
        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Merge<TRule>(BpeWorkspace work, int count)
        where TRule : struct, IMergeRule
    {
        for (int symbol = 0; symbol < count; symbol++)
        {
            Offer<TRule>(work, symbol);
        }

        while (work.TryPop(out int left))
        {
            int right = work.Next[left];
            int after = work.Next[right];
            work.Ids[left] = work.Merged[left];
            work.Merged[right] = NoPiece;
            work.Next[left] = after;
            if (after >= 0)
            {
                work.Previous[after] = left;
            }

            Offer<TRule>(work, left);
            if (work.Previous[left] is int before and >= 0)
            {
                Offer<TRule>(work, before);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Offer<TRule>(BpeWorkspace work, int left)
        where TRule : struct, IMergeRule
    {
        int right = work.Next[left];
        if (right < 0)
        {
            work.Merged[left] = NoPiece;
            return;
        }

        int start = work.Starts[left];
        int end = work.Next[right] is int after and >= 0 ? work.Starts[after] : work.ByteCount;
        bool merges = TRule.TryMerge(
            this, work.Ids[left], work.Ids[right], work.Utf8.AsSpan(start, end - start), out uint rank, out int merged);
        work.Merged[left] = merged;
        if (merges)
        {
            work.Ranks[left] = rank;
            work.Push(rank, left);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Collect(BpeWorkspace work, IdList ids)
    {
        bool afterUnknown = false;
        for (int symbol = 0; symbol >= 0; symbol = work.Next[symbol])
        {
            if (work.Ids[symbol] >= 0)
            {
                ids.Add(work.Ids[symbol]);
                afterUnknown = false;
                continue;
            }

            int start = work.Starts[symbol];
            int end = work.Next[symbol] is int after and >= 0 ? work.Starts[after] : work.ByteCount;
            if (ByteFallback && AddBytes(work.Utf8.AsSpan(start, end - start), ids))
            {
                afterUnknown = false;
            }
            else if (UnknownId is int unknown)
            {
                if (!(afterUnknown && FuseUnknown))
                {
                    ids.Add(unknown);
                }

                afterUnknown = true;
            }
        }
    }

    private bool AddBytes(ReadOnlySpan<byte> bytes, IdList ids)
    {
        if (!hasAllBytes)
        {
            foreach (byte value in bytes)
            {
                if (byteIds[value] < 0)
                {
                    return false;
                }
            }
        }

        foreach (byte value in bytes)
        {
            ids.Add(byteIds[value]);
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int[] CharacterIds(PieceTable vocabulary)
    {
        // One more than the id, so that the zeros of a fresh array mean none.
        var ids = new int[char.MaxValue + 1];
        for (int id = 0; id < vocabulary.Count; id++)
        {
            ReadOnlySpan<byte> piece = vocabulary[id];
            if (piece.Length is > 0 and < 4
                && Rune.DecodeFromUtf8(piece, out Rune rune, out int consumed) == System.Buffers.OperationStatus.Done
                && consumed == piece.Length)
            {
                ids[rune.Value] = id + 1;
            }
        }

        return ids;
    }
}
