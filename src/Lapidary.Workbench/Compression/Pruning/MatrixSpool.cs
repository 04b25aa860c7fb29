using Lapidary.Checkpoints;
using Lapidary.Numerics;

namespace Lapidary.Workbench.Compression;

/// <summary>
/// Matrices on disk, which are made in the order of the layers and written to a checkpoint in another. The file has a temporary name in the
/// folder of the checkpoint and goes when the spool is disposed.
/// </summary>
internal sealed unsafe class MatrixSpool : IDisposable
{
    private const int Piece = 1 << 24;

    private readonly string path;
    private readonly FileStream stream;
    private readonly Dictionary<string, (long Offset, ElementType Type, long[] Shape)> matrices = new(StringComparer.Ordinal);

    /// <summary>An empty spool.</summary>
    /// <param name="folder">Where its file lies.</param>
    /// <exception cref="CheckpointException">The file cannot be made.</exception>
    public MatrixSpool(string folder)
    {
        path = Path.Combine(folder, $".pruned.{Guid.NewGuid():N}.tmp");
        try
        {
            stream = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"cannot be written: {thrown.Message.TrimEnd('.')}", thrown);
        }
    }

    /// <summary>Adds a matrix.</summary>
    /// <exception cref="CheckpointWriteException">The disk is full, or fails.</exception>
    public void Add(string name, Tensor matrix)
    {
        try
        {
            stream.Position = stream.Length;
            matrices.Add(name, (stream.Position, matrix.Type, [.. matrix.Shape]));
            for (long done = 0; done < matrix.ByteLength; done += Piece)
            {
                stream.Write(new ReadOnlySpan<byte>(matrix.Data + done, (int)Math.Min(Piece, matrix.ByteLength - done)));
            }
        }
        catch (Exception thrown) when (thrown is IOException or ArgumentOutOfRangeException)
        {
            // What .NET throws where a file would be larger than it may be is about an argument.
            string reason = thrown is IOException ? thrown.Message.TrimEnd('.') : "The file is too large for the file system";
            throw new CheckpointWriteException(path, $"cannot be written: {reason}", thrown);
        }
    }

    /// <summary>A matrix that was added, in memory that the caller owns; null for another name.</summary>
    public Tensor? Read(string name)
    {
        if (!matrices.TryGetValue(name, out (long Offset, ElementType Type, long[] Shape) place))
        {
            return null;
        }

        Tensor matrix = Tensor.Allocate(place.Type, place.Shape);
        try
        {
            stream.Position = place.Offset;
            for (long done = 0; done < matrix.ByteLength; done += Piece)
            {
                stream.ReadExactly(new Span<byte>(matrix.Data + done, (int)Math.Min(Piece, matrix.ByteLength - done)));
            }

            return matrix;
        }
        catch (IOException thrown)
        {
            matrix.Dispose();
            throw new CheckpointWriteException(path, $"cannot be read back: {thrown.Message.TrimEnd('.')}", thrown);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();
}
