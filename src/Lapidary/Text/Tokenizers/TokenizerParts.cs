namespace Lapidary.Text.Tokenizers;

/// <summary>What a reader found: everything that a <see cref="Tokenizer"/> is made of.</summary>
internal sealed record TokenizerParts
{
    /// <summary>What kind of tokenizer it is, for people.</summary>
    public required string Kind { get; init; }

    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>The pieces, the merges and what is done about unknown text.</summary>
    public required BpeModel Model { get; init; }

    /// <summary>How text is normalized.</summary>
    public required TextNormalizer Normalizer { get; init; }

    /// <summary>How text is cut into words, or null for one word.</summary>
    public TextSplitter? Splitter { get; init; }

    /// <summary>How pieces become text.</summary>
    public required DecodingRules Decoding { get; init; }

    /// <summary>The pieces that are cut out of the text first.</summary>
    public required IReadOnlyList<AddedToken> AddedTokens { get; init; }

    /// <summary>What encoding puts in front.</summary>
    public IReadOnlyList<int> Prefix { get; init; } = [];

    /// <summary>What encoding puts behind.</summary>
    public IReadOnlyList<int> Suffix { get; init; } = [];

    /// <summary>The piece that begins a text.</summary>
    public int? BosId { get; init; }

    /// <summary>The piece that ends a text.</summary>
    public int? EosId { get; init; }

    /// <summary>The piece that fills batches.</summary>
    public int? PadId { get; init; }

    /// <summary>The piece for what cannot be expressed.</summary>
    public int? UnknownId { get; init; }
}
