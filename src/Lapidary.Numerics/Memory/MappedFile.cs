using System.IO.MemoryMappedFiles;

namespace Lapidary.Numerics.Memory;

/// <summary>A file mapped read-only into memory: its pages are read on demand and shared with the file cache.</summary>
public sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile? file;
    private readonly MemoryMappedViewAccessor? view;
    private byte* pointer;

    /// <summary>Maps the whole of the file at <paramref name="path"/>. An empty file has a null <see cref="Pointer"/>.</summary>
    /// <exception cref="IOException">The file cannot be opened or mapped.</exception>
    public MappedFile(string path)
    {
        Path = path;
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1);
        ByteLength = stream.Length;
        if (ByteLength == 0)
        {
            return;
        }

        file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        view = file.CreateViewAccessor(0, ByteLength, MemoryMappedFileAccess.Read);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        pointer = start + view.PointerOffset;
    }

    /// <summary>The path that was mapped.</summary>
    public string Path { get; }

    /// <summary>Length of the file in bytes when it was mapped.</summary>
    public long ByteLength { get; }

    /// <summary>Address of the first byte of the file.</summary>
    public byte* Pointer => pointer;

    /// <summary>The bytes from <paramref name="offset"/>, <paramref name="length"/> of them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range does not lie inside the file.</exception>
    public ReadOnlySpan<byte> Slice(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, ByteLength - length);
        return new ReadOnlySpan<byte>(pointer + offset, length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (pointer is not null)
        {
            view!.SafeMemoryMappedViewHandle.ReleasePointer();
            pointer = null;
        }

        view?.Dispose();
        file?.Dispose();
    }
}
