using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Kernels;

/// <summary>The documents of a batch cut into blocks, and the shapes of their attention.</summary>
internal sealed class DocumentPlan
{
    private DocumentBlock[] blocks = [];

    /// <summary>The blocks of all documents, in the order of the rows.</summary>
    public ReadOnlySpan<DocumentBlock> Blocks => blocks.AsSpan(0, BlockCount);

    /// <summary>Number of blocks.</summary>
    public int BlockCount { get; private set; }

    /// <summary>Query heads.</summary>
    public int Heads { get; private set; }

    /// <summary>Key-value heads.</summary>
    public int KeyHeads { get; private set; }

    /// <summary>Query heads that share a key-value head.</summary>
    public int Group { get; private set; }

    /// <summary>Elements of a head.</summary>
    public int Dimension { get; private set; }

    /// <summary>The dimension, filled up to whole panels of the product.</summary>
    public int PaddedDimension { get; private set; }

    /// <summary>Keys that a query sees at most, itself included.</summary>
    public int Window { get; private set; }

    /// <summary>Padded keys of all blocks.</summary>
    public int PaddedKeys { get; private set; }

    /// <summary>Floats that one weight for each pair of query and key takes, whole tiles counted.</summary>
    public long WeightCount { get; private set; }

    /// <summary>Runs of rows (see <see cref="DocumentProducts.RunLength"/>) in the longest block, per key-value head.</summary>
    public int RunsPerBlock => ((DocumentBlock.Length * Group) + DocumentProducts.RunLength - 1) / DocumentProducts.RunLength;

    /// <summary>One block of the plan.</summary>
    public ref readonly DocumentBlock this[int block] => ref blocks[block];

    /// <summary>Cuts a batch.</summary>
    /// <exception cref="ArgumentException">The starts do not ascend, or the shapes do not fit each other.</exception>
    public void Lay(ReadOnlySpan<int> documentStarts, int heads, int keyHeads, int dimension, int? window)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keyHeads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(window ?? 1, 1, nameof(window));
        if (heads < 1 || heads % keyHeads != 0)
        {
            throw new ArgumentException($"{heads} heads are not a multiple of {keyHeads} key-value heads.", nameof(heads));
        }

        int panelWidth = 2 * VectorDispatch.Width;
        Heads = heads;
        KeyHeads = keyHeads;
        Group = heads / keyHeads;
        Dimension = dimension;
        PaddedDimension = (dimension + panelWidth - 1) / panelWidth * panelWidth;
        Window = window ?? int.MaxValue;
        BlockCount = 0;
        PaddedKeys = 0;
        WeightCount = 0;
        int previous = 0;
        for (int i = 0; i < documentStarts.Length; i++)
        {
            if (documentStarts[i] < previous)
            {
                throw new ArgumentException(
                    $"Document starts must ascend from 0; number {i} is {documentStarts[i]} after {previous}.", nameof(documentStarts));
            }

            if (i > 0)
            {
                AddDocument(previous, documentStarts[i] - previous, panelWidth);
            }

            previous = documentStarts[i];
        }
    }

    private void AddDocument(int firstRow, int tokens, int panelWidth)
    {
        int firstBlock = BlockCount;
        int count = (tokens + DocumentBlock.Length - 1) / DocumentBlock.Length;
        if (firstBlock + count > blocks.Length)
        {
            Array.Resize(ref blocks, Math.Max(firstBlock + count, 2 * blocks.Length));
        }

        for (int i = 0; i < count; i++)
        {
            int position = i * DocumentBlock.Length;
            int blockTokens = Math.Min(DocumentBlock.Length, tokens - position);
            int paddedKeys = (blockTokens + panelWidth - 1) / panelWidth * panelWidth;
            int firstKeyBlock = (int)Math.Max(0L, position - (long)Window + 1) / DocumentBlock.Length;
            // The last key of the block is seen for a window's length, itself included.
            int lastQueryBlock = (int)Math.Min(count - 1, (position + blockTokens - 1 + (long)Window - 1) / DocumentBlock.Length);
            blocks[firstBlock + i] = new DocumentBlock
            {
                FirstRow = firstRow + position,
                Tokens = blockTokens,
                Position = position,
                FirstKeyBlock = firstBlock + firstKeyBlock,
                QueryBlockEnd = firstBlock + lastQueryBlock + 1,
                PaddedKeys = paddedKeys,
                KeyOffset = PaddedKeys,
                WeightOffset = WeightCount,
            };
            PaddedKeys = checked(PaddedKeys + paddedKeys);
            long span = PaddedKeys - blocks[firstBlock + firstKeyBlock].KeyOffset;
            WeightCount += span * blockTokens * Heads;
        }

        BlockCount = firstBlock + count;
    }

    /// <summary>The floats in one key-value head's packed keys or values of a block, from the start of the plane.</summary>
    public nint PlaneOffset(in DocumentBlock block, int keyHead) => (((nint)keyHead * PaddedKeys) + block.KeyOffset) * PaddedDimension;

    /// <summary>Rows (heads of tokens) of a block that share a key-value head.</summary>
    public int RowsOf(in DocumentBlock block) => block.Tokens * Group;

    /// <summary>
    /// Where the tile [rows, padded keys] of weights between a block's queries and another's keys begins, in floats.
    /// </summary>
    public long TileOffset(in DocumentBlock queries, in DocumentBlock keys, int keyHead)
    {
        int firstKey = blocks[queries.FirstKeyBlock].KeyOffset;
        long span = queries.KeyOffset + queries.PaddedKeys - firstKey;
        return queries.WeightOffset + (RowsOf(in queries) * ((keyHead * span) + keys.KeyOffset - firstKey));
    }

    /// <summary>The keys of a block, counted from its first, that a query sees: from <paramref name="from"/> to <paramref name="to"/> - 1.</summary>
    public void VisibleKeys(in DocumentBlock keys, int queryPosition, out int from, out int to)
    {
        from = (int)Math.Max(0L, queryPosition - (long)Window + 1 - keys.Position);
        to = Math.Min(keys.Tokens, queryPosition + 1 - keys.Position);
    }
}
