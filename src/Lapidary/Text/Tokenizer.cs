using System.Buffers;
using System.Text;
using Lapidary.Checkpoints;
using Lapidary.Text.Tokenizers;

namespace Lapidary.Text;

/// <summary>
/// Turns text into the token ids of a vocabulary and back: byte-pair encoding with byte fallback, as all generations of Gemma use it. Reads
/// <c>tokenizer.json</c>, <c>tokenizer.model</c> and the vocabulary in a GGUF file. Safe for use by several threads at once.
/// </summary>
public sealed partial class Tokenizer
{
    private readonly TokenizerParts parts;
    private readonly BpeModel model;
    private readonly AddedTokenMatcher literals;
    private readonly AddedTokenMatcher normalizedLiterals;

    internal Tokenizer(TokenizerParts parts)
    {
        this.parts = parts;
        model = parts.Model;
        literals = new AddedTokenMatcher([.. parts.AddedTokens.Where(token => !token.Normalized)]);
        normalizedLiterals = new AddedTokenMatcher(
        [
            .. parts.AddedTokens.Where(token => token.Normalized)
                .Select(token => token with { Content = parts.Normalizer.Apply(token.Content) })
                .Where(token => token.Content.Length > 0),
        ]);
    }

    /// <summary>The file that the tokenizer was read from.</summary>
    public string Path => parts.Path;

    /// <summary>What kind of tokenizer it is, in a few words.</summary>
    public string Kind => parts.Kind;

    /// <summary>Number of pieces; ids run from 0 to below it. A network may have more rows than that.</summary>
    public int VocabularySize => model.Vocabulary.Count;

    /// <summary>The piece that begins a text, if there is one.</summary>
    public int? BosId => parts.BosId;

    /// <summary>The piece that ends a text, if there is one. Models may have further ones that end an answer.</summary>
    public int? EosId => parts.EosId;

    /// <summary>The piece that fills batches, if there is one.</summary>
    public int? PadId => parts.PadId;

    /// <summary>The piece for what the vocabulary cannot express, if there is one.</summary>
    public int? UnknownId => parts.UnknownId;

    /// <summary>Whether encoding puts <see cref="BosId"/> in front of a text.</summary>
    public bool AddsBos => parts.BosId is int bos && parts.Prefix.Contains(bos);

    /// <summary>
    /// Encodes a text. Half of a surrogate pair, which is no character, becomes the three bytes of U+FFFD as byte pieces.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="addBos">
    /// Whether what the tokenizer puts around a text is added, for Gemma <see cref="BosId"/> in front. A text that already begins with it
    /// gets no second one.
    /// </param>
    /// <param name="parseSpecial">
    /// Whether text such as <c>&lt;start_of_turn&gt;</c> becomes the special piece; if not, it is text like any other.
    /// </param>
    public int[] Encode(ReadOnlySpan<char> text, bool addBos = true, bool parseSpecial = true)
    {
        using var ids = new IdList((text.Length / 3) + 4);
        EncodeText(text, parseSpecial, ids);
        if (!addBos)
        {
            return ids.Ids.ToArray();
        }

        bool begins = parts.BosId is int bos && ids.Count > 0 && ids.Ids[0] == bos && parts.Prefix.Contains(bos);
        return [.. begins ? [] : parts.Prefix, .. ids.Ids, .. parts.Suffix];
    }

    /// <summary>
    /// The text of some tokens. Bytes that are not UTF-8 become U+FFFD, as Unicode recommends (one for each maximal subpart); ids
    /// without a piece are left out, because networks have more rows than vocabularies.
    /// </summary>
    /// <param name="ids">The tokens.</param>
    /// <param name="skipSpecial">Whether special pieces are left out.</param>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecial = false)
    {
        var text = new StringBuilder(ids.Length * 4);
        TokenDecoder decoder = CreateDecoder(skipSpecial);
        foreach (int id in ids)
        {
            decoder.Append(id, text);
        }

        decoder.Flush(text);
        return text.ToString();
    }

    /// <summary>A decoder that gets tokens one by one and gives their text as soon as it is complete.</summary>
    /// <param name="skipSpecial">Whether special pieces are left out.</param>
    public TokenDecoder CreateDecoder(bool skipSpecial = false) => new(this, parts.Decoding, skipSpecial);

    /// <summary>A piece as it stands in the vocabulary, with U+2581 for a space.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The vocabulary has no such id.</exception>
    public string PieceOf(int id)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(id, VocabularySize);
        return Encoding.UTF8.GetString(model.Vocabulary[id]);
    }

    /// <summary>The id of a piece as it stands in the vocabulary, or null.</summary>
    public int? IdOf(string piece)
    {
        ArgumentNullException.ThrowIfNull(piece);
        return model.Vocabulary.Find(Encoding.UTF8.GetBytes(piece)) is int id and >= 0 ? id : null;
    }

    /// <summary>Whether a piece is structure, such as the end of a turn, which is not shown to a reader.</summary>
    public bool IsSpecial(int id) => (uint)id < (uint)VocabularySize && model.Kinds[id] == PieceKind.Control;

    /// <summary>The UTF-8 of a piece; empty where there is none.</summary>
    internal ReadOnlySpan<byte> Utf8Of(int id) => (uint)id < (uint)VocabularySize ? model.Vocabulary[id] : default;

    private void EncodeText(ReadOnlySpan<char> text, bool parseSpecial, IdList ids)
    {
        int at = 0;
        while (at < text.Length)
        {
            AddedToken? token = literals.Find(text, at, parseSpecial, out int start, out int end);
            EncodePlain(text[at..start], parseSpecial, ids);
            if (token is not null)
            {
                ids.Add(token.Id);
            }

            at = end;
        }
    }

    private void EncodePlain(ReadOnlySpan<char> text, bool parseSpecial, IdList ids)
    {
        if (text.IsEmpty)
        {
            return;
        }

        ReadOnlySpan<char> normalized = parts.Normalizer.Apply(text, out char[]? rented);
        int at = 0;
        while (at < normalized.Length)
        {
            AddedToken? token = normalizedLiterals.Find(normalized, at, parseSpecial, out int start, out int end);
            EncodeWords(normalized[at..start], ids);
            if (token is not null)
            {
                ids.Add(token.Id);
            }

            at = end;
        }

        if (rented is not null)
        {
            ArrayPool<char>.Shared.Return(rented);
        }
    }

    private void EncodeWords(ReadOnlySpan<char> text, IdList ids)
    {
        if (parts.Splitter is null)
        {
            if (!text.IsEmpty)
            {
                model.Encode(text, ids);
            }

            return;
        }

        while (parts.Splitter.TryNext(ref text, out ReadOnlySpan<char> word))
        {
            model.Encode(word, ids);
        }
    }
}
