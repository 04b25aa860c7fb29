using Lapidary.Checkpoints;

namespace Lapidary.Workbench.Compression;

/// <summary>
/// How much each column of each matrix of a model matters: the mean square of its input over a calibration text. Quantization weighs its
/// errors by it. Files are those of llama.cpp's imatrix tool.
/// </summary>
public sealed partial class ImportanceMatrix
{
    private const string AnotherModel = "it is the importance matrix of another model";

    private readonly SortedDictionary<string, ImportanceEntry> entries = new(StringComparer.Ordinal);

    /// <summary>A matrix of some entries.</summary>
    /// <param name="entries">What it says of each tensor.</param>
    /// <param name="chunkSize">Tokens of a chunk of the text; 0 where nobody knows.</param>
    /// <param name="chunkCount">Chunks; 0 where nobody knows.</param>
    /// <param name="datasets">The texts, as the file is to name them.</param>
    /// <exception cref="ArgumentException">A tensor is there twice, or a number is not one of 32 bits.</exception>
    public ImportanceMatrix(IEnumerable<ImportanceEntry> entries, long chunkSize, long chunkCount, IReadOnlyList<string> datasets)
        : this(entries, chunkSize, chunkCount, datasets, "the importance matrix")
    {
    }

    private ImportanceMatrix(IEnumerable<ImportanceEntry> entries, long chunkSize, long chunkCount, IReadOnlyList<string> datasets, string path)
    {
        ArgumentNullException.ThrowIfNull(entries);
        ArgumentNullException.ThrowIfNull(datasets);
        ArgumentOutOfRangeException.ThrowIfNegative(chunkSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(chunkSize, uint.MaxValue);
        ArgumentOutOfRangeException.ThrowIfNegative(chunkCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(chunkCount, uint.MaxValue);
        foreach (ImportanceEntry entry in entries)
        {
            this.entries.Add(entry.Name, entry);
        }

        ChunkSize = chunkSize;
        ChunkCount = chunkCount;
        Datasets = datasets;
        Path = path;
    }

    /// <summary>The entries by the names of their tensors in GGUF files, in the order of the names.</summary>
    public IReadOnlyDictionary<string, ImportanceEntry> Entries => entries;

    /// <summary>Tokens of a chunk of the calibration text; 0 where the file does not say.</summary>
    public long ChunkSize { get; }

    /// <summary>Chunks of the calibration text; 0 where the file does not say.</summary>
    public long ChunkCount { get; }

    /// <summary>The calibration texts, as the file names them.</summary>
    public IReadOnlyList<string> Datasets { get; }

    /// <summary>What errors call it: the file, where it is from one.</summary>
    public string Path { get; }

    /// <summary>The importance of each column of a tensor.</summary>
    /// <param name="tensor">Its name in GGUF files.</param>
    /// <param name="columns">The length of its rows.</param>
    /// <returns>[columns], finite and not negative; empty for a tensor that the matrix does not know, such as the embedding.</returns>
    /// <exception cref="CheckpointException">The matrix has another number of columns for it.</exception>
    public float[] ImportanceOf(string tensor, long columns)
    {
        if (!entries.TryGetValue(tensor, out ImportanceEntry? entry))
        {
            return [];
        }

        CheckColumns(entry, columns);
        return entry.Importance();
    }

    /// <summary>Throws unless all that the matrix says of layers is about tensors of a model.</summary>
    /// <exception cref="CheckpointException">The model has no such tensor, or one with another number of columns.</exception>
    public void CheckModel(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        foreach (ImportanceEntry entry in entries.Values)
        {
            if (checkpoint.Tensors.TryGetValue(TensorNames.FromGguf(entry.Name), out TensorInfo? tensor) && tensor.Shape.Length > 0)
            {
                CheckColumns(entry, tensor.Shape[^1]);
            }
            else if (entry.Name.StartsWith("blk.", StringComparison.Ordinal))
            {
                throw new CheckpointException(Path, $"has an entry for {entry.Name}, which {checkpoint.Path} does not have; {AnotherModel}");
            }
        }
    }

    private void CheckColumns(ImportanceEntry entry, long expected)
    {
        if (entry.SquareSums.Length != expected)
        {
            throw new CheckpointException(
                Path, $"has {entry.SquareSums.Length} columns for {entry.Name} where the model has {expected}; {AnotherModel}");
        }
    }
}
