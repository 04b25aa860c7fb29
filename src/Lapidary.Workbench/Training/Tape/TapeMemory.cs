using Lapidary.Numerics.Memory;

namespace Lapidary.Workbench.Training.Tape;

/// <summary>
/// Blocks for activations and their gradients, kept from pass to pass. All sizes are those of the largest batch so far, so that a block
/// that was given back fits the next request of the same width.
/// </summary>
internal sealed class TapeMemory : IDisposable
{
    private readonly Dictionary<long, Stack<NativeMemoryBlock>> free = [];
    private readonly HashSet<NativeMemoryBlock> rented = [];
    private int rowCapacity;

    /// <summary>Bytes that are allocated, in use or not.</summary>
    public long ByteLength { get; private set; }

    /// <summary>Prepares for batches of <paramref name="rows"/> rows; everything must have been given back.</summary>
    public void Reserve(int rows)
    {
        if (rows > rowCapacity)
        {
            Release();
            rowCapacity = rows;
        }
    }

    /// <summary>A block of [rows, width] floats, its contents undefined.</summary>
    /// <param name="width">Floats in a row.</param>
    public NativeMemoryBlock Rent(int width)
    {
        long bytes = (long)rowCapacity * width * sizeof(float);
        if (!free.TryGetValue(bytes, out Stack<NativeMemoryBlock>? blocks) || !blocks.TryPop(out NativeMemoryBlock? block))
        {
            block = new NativeMemoryBlock(bytes);
            ByteLength += bytes;
        }

        rented.Add(block);
        return block;
    }

    /// <summary>Takes a block back.</summary>
    public void Return(NativeMemoryBlock block)
    {
        if (!rented.Remove(block))
        {
            throw new InvalidOperationException("The block was given back already.");
        }

        if (!free.TryGetValue(block.ByteLength, out Stack<NativeMemoryBlock>? blocks))
        {
            free.Add(block.ByteLength, blocks = new Stack<NativeMemoryBlock>());
        }

        blocks.Push(block);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (NativeMemoryBlock block in rented)
        {
            block.Dispose();
        }

        rented.Clear();
        Release();
    }

    private void Release()
    {
        foreach (NativeMemoryBlock block in free.Values.SelectMany(blocks => blocks))
        {
            block.Dispose();
        }

        free.Clear();
        ByteLength = rented.Sum(block => block.ByteLength);
    }
}
