namespace Lapidary.Text.Tokenizers;

/// <summary>What becomes of the text at which a splitter splits.</summary>
internal enum SplitBehavior
{
    /// <summary>It is left out.</summary>
    Removed,

    /// <summary>It is a word of its own.</summary>
    Isolated,

    /// <summary>It ends the word before.</summary>
    MergedWithPrevious,

    /// <summary>It begins the word after.</summary>
    MergedWithNext,

    /// <summary>Several in a row are one word.</summary>
    Contiguous,
}
