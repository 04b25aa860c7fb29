using Lapidary.Networks;
using Lapidary.Numerics.Memory;

namespace Lapidary.Inference;

/// <summary>
/// Memory for the values of one pass through a network: taken in order, given back layer by layer. Blocks are kept between passes, so
/// that only the first pass of a larger batch allocates.
/// </summary>
internal sealed unsafe class ActivationArena : IDisposable
{
    private const long MinimumBlockBytes = 1 << 20;

    private readonly List<NativeMemoryBlock> blocks = [];
    private readonly List<Value> values = [];
    private int currentBlock;
    private long usedInBlock;
    private (int Values, int Block, long Used) layerMark;

    public long ByteLength => blocks.Sum(block => block.ByteLength);

    public void Clear()
    {
        values.Clear();
        currentBlock = 0;
        usedInBlock = 0;
    }

    public void BeginLayer() => layerMark = (values.Count, currentBlock, usedInBlock);

    public void EndLayer()
    {
        values.RemoveRange(layerMark.Values, values.Count - layerMark.Values);
        (_, currentBlock, usedInBlock) = layerMark;
    }

    /// <summary>A new value of <paramref name="rows"/> x <paramref name="width"/> floats with undefined contents.</summary>
    public Activation Allocate(int rows, int width)
    {
        long bytes = ((rows * (long)width * sizeof(float)) + NativeMemoryBlock.Alignment - 1) & -NativeMemoryBlock.Alignment;
        while (currentBlock < blocks.Count && usedInBlock + bytes > blocks[currentBlock].ByteLength)
        {
            currentBlock++;
            usedInBlock = 0;
        }

        if (currentBlock == blocks.Count)
        {
            blocks.Add(new NativeMemoryBlock(Math.Max(bytes, MinimumBlockBytes)));
        }

        values.Add(new Value((float*)(blocks[currentBlock].Pointer + usedInBlock), rows, width));
        usedInBlock += bytes;
        return new Activation(values.Count - 1);
    }

    /// <summary>Makes <paramref name="value"/> end after its first <paramref name="rows"/> rows.</summary>
    public void Truncate(Activation value, int rows) =>
        values[value.Id] = new Value(values[value.Id].Data, rows, values[value.Id].Width);

    public float* Pointer(Activation value) => values[value.Id].Data;

    public int Rows(Activation value) => values[value.Id].Rows;

    public int Width(Activation value) => values[value.Id].Width;

    public void Dispose()
    {
        foreach (NativeMemoryBlock block in blocks)
        {
            block.Dispose();
        }

        blocks.Clear();
    }

    private readonly struct Value(float* data, int rows, int width)
    {
        public float* Data { get; } = data;

        public int Rows { get; } = rows;

        public int Width { get; } = width;
    }
}
