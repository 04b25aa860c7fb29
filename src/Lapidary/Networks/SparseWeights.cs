using Lapidary.Checkpoints;
using Lapidary.Numerics;
using Lapidary.Numerics.Sparse;
using Lapidary.Numerics.Threading;

namespace Lapidary.Networks;

/// <summary>
/// The matrices of a pruned checkpoint in their sparse form. They are packed from the file, not from its mapping, so that the dense pages never
/// count as memory of the process.
/// </summary>
internal sealed class SparseWeights(WorkerPool pool) : IDisposable
{
    // Where a matrix is looked at before it is counted: evenly spread rows, so that one that is not pruned costs next to nothing.
    private const int SampledRows = 32;

    private readonly Dictionary<string, FileStream> files = new(StringComparer.Ordinal);
    private readonly List<SparseMatrix> matrices = [];

    /// <summary>What has been packed.</summary>
    public SparseSummary Summary => new(
        matrices.Count,
        matrices.Sum(matrix => matrix.Rows * matrix.RowLength),
        matrices.Sum(matrix => matrix.NonZeros),
        matrices.Sum(matrix => matrix.ByteLength),
        matrices.Sum(matrix => matrix.DenseByteLength));

    /// <summary>The sparse form of a matrix, or null where it would not pay. It lives as long as this.</summary>
    /// <exception cref="CheckpointException">The file is shorter than its header said, cannot be read, or changes meanwhile.</exception>
    public SparseMatrix? Of(TensorInfo info)
    {
        if (info.Type.ElementType is not { } type || !SparseMatrix.Supports(type) || info.Shape.Length != 2
            || info.Shape[0] < 1 || info.Shape[1] is < 1 or > 1 << 24)
        {
            return null;
        }

        long rows = info.Shape[0];
        int width = (int)info.Shape[1];
        if (Sample(info, type, rows, width) < SparsityThatPays(type))
        {
            return null;
        }

        SparseMatrix matrix = Build(info, type, rows, width);
        if (matrix.Sparsity < SparsityThatPays(type))
        {
            matrix.Dispose();
            return null;
        }

        matrices.Add(matrix);
        return matrix;
    }

    /// <summary>Closes the files, which are read by <see cref="Of"/> only.</summary>
    public void CloseFiles()
    {
        foreach (FileStream file in files.Values)
        {
            file.Dispose();
        }

        files.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        CloseFiles();
        matrices.ForEach(matrix => matrix.Dispose());
    }

    // Measured, see docs/sparse.md: BF16 and F16 decode faster from 30 % on. Q8_0 does so at 70 % at the earliest, and takes a quarter less memory
    // from 40 % on.
    private static double SparsityThatPays(ElementType type) => type == ElementType.Q8_0 ? 0.4 : 0.3;

    private double Sample(TensorInfo info, ElementType type, long rows, int width)
    {
        byte[] row = new byte[Tensor.ByteLengthOf(type, [width])];
        long sampled = Math.Min(rows, SampledRows), nonZeros = 0;
        for (long i = 0; i < sampled; i++)
        {
            Read(info, i * rows / sampled * row.Length, row);
            nonZeros += SparseMatrix.CountNonZeros(type, row, width);
        }

        return 1 - (nonZeros / ((double)sampled * width));
    }

    private SparseMatrix Build(TensorInfo info, ElementType type, long rows, int width)
    {
        long rowBytes = Tensor.ByteLengthOf(type, [width]);
        try
        {
            return SparseMatrix.Build(pool, type, rows, width, (row, destination) => Read(info, row * rowBytes, destination));
        }
        catch (InvalidOperationException thrown)
        {
            throw new CheckpointException(info.File, $"changed while tensor {info.StoredName} was read", thrown);
        }
    }

    private void Read(TensorInfo info, long offset, Span<byte> destination)
    {
        if (!files.TryGetValue(info.File, out FileStream? file))
        {
            file = InputFile.OpenRead(info.File);
            files.Add(info.File, file);
        }

        RowCopy.Read(file.SafeFileHandle, info, offset, destination);
    }
}
