using System.Runtime.InteropServices;

namespace Lapidary.Numerics.Memory;

/// <summary>
/// The one owner of unmanaged memory: zeroed, aligned to a cache line, freed by <see cref="Dispose"/>.
/// <see cref="LiveCount"/> lets a test prove that nothing was left behind.
/// </summary>
public sealed unsafe class NativeMemoryBlock : IDisposable
{
    /// <summary>Alignment of every block in bytes: one cache line, which is also one AVX-512 vector.</summary>
    public const int Alignment = 64;

    private static long liveCount;
    private void* pointer;

    /// <summary>Allocates <paramref name="byteLength"/> zeroed bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative.</exception>
    /// <exception cref="OutOfMemoryException">The system refuses the memory.</exception>
    public NativeMemoryBlock(long byteLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteLength);
        ByteLength = byteLength;
        // Vector kernels may read up to one vector beyond the last element: the slack keeps those reads inside the block.
        nuint size = checked((nuint)byteLength + (2 * Alignment));
        pointer = NativeMemory.AlignedAlloc(size, Alignment);
        NativeMemory.Clear(pointer, size);
        Interlocked.Increment(ref liveCount);
    }

    /// <summary>Frees a block that its owner forgot.</summary>
    ~NativeMemoryBlock() => Free();

    /// <summary>Blocks that are allocated and not yet freed, in the whole process.</summary>
    public static long LiveCount => Interlocked.Read(ref liveCount);

    /// <summary>Usable size in bytes.</summary>
    public long ByteLength { get; }

    /// <summary>Address of the first byte.</summary>
    /// <exception cref="ObjectDisposedException">The block was freed.</exception>
    public byte* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(pointer is null, this);
            return (byte*)pointer;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (pointer is not null)
        {
            NativeMemory.AlignedFree(pointer);
            pointer = null;
            Interlocked.Decrement(ref liveCount);
        }
    }
}
