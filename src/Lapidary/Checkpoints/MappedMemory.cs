using System.Buffers;
using Lapidary.Numerics.Memory;

namespace Lapidary.Checkpoints;

/// <summary>
/// The first 2 GB of a mapped file as <see cref="ReadOnlyMemory{T}"/>, for values that are parsed late. Every access checks that the
/// file is still mapped, because reading an unmapped page would end the process.
/// </summary>
internal sealed unsafe class MappedMemory(MappedFile file) : MemoryManager<byte>
{
    private readonly int length = (int)Math.Min(file.ByteLength, int.MaxValue);
    private bool unmapped;

    /// <inheritdoc/>
    public override Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(unmapped, this);
        return new Span<byte>(file.Pointer, length);
    }

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ObjectDisposedException.ThrowIf(unmapped, this);
        return new MemoryHandle(file.Pointer + elementIndex);
    }

    /// <inheritdoc/>
    public override void Unpin()
    {
    }

    /// <summary>Forbids further access; call before the file is unmapped.</summary>
    public void Close() => unmapped = true;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => unmapped = true;
}
