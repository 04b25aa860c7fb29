namespace Lapidary.Text.Tokenizers;

/// <summary>What a piece of a vocabulary is for; the numbers are those of SentencePiece and of <c>tokenizer.ggml.token_type</c>.</summary>
internal enum PieceKind : byte
{
    /// <summary>Text that merges make.</summary>
    Normal = 1,

    /// <summary>Stands for text that cannot be expressed.</summary>
    Unknown = 2,

    /// <summary>Structure, such as the begin of a turn; never shown to a reader.</summary>
    Control = 3,

    /// <summary>Text that is cut out before anything is merged.</summary>
    UserDefined = 4,

    /// <summary>Never made from text.</summary>
    Unused = 5,

    /// <summary>One byte, written <c>&lt;0xAB&gt;</c>.</summary>
    Byte = 6,
}
