namespace Lapidary.Numerics.Kernels;

/// <summary>Up to <see cref="Length"/> tokens of a document, as queries and as keys of <see cref="DocumentAttention"/>.</summary>
internal struct DocumentBlock
{
    /// <summary>Tokens of a block, except for the last of a document. Blocks are counted from the start of their document.</summary>
    public const int Length = 64;

    /// <summary>Row of the first token in the batch.</summary>
    public int FirstRow;

    /// <summary>Number of tokens.</summary>
    public int Tokens;

    /// <summary>Place of the first token in its document.</summary>
    public int Position;

    /// <summary>Index of the first block whose keys its queries see; the last is the block itself.</summary>
    public int FirstKeyBlock;

    /// <summary>End of the blocks whose queries see its keys; the first is the block itself.</summary>
    public int QueryBlockEnd;

    /// <summary>Its keys, filled up to whole panels.</summary>
    public int PaddedKeys;

    /// <summary>Padded keys of all blocks before it.</summary>
    public int KeyOffset;

    /// <summary>Where the weights of its queries begin in the workspace, in floats; grows by as much as they take.</summary>
    public long WeightOffset;
}
