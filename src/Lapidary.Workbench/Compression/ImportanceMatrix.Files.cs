using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Lapidary.Checkpoints;
using Lapidary.Numerics;

namespace Lapidary.Workbench.Compression;

/// <content>Files: GGUF with the tensors NAME.in_sum2 and NAME.counts (llama.cpp, tools/imatrix), and the older form, which is only read.</content>
public sealed partial class ImportanceMatrix
{
    private const string TypeKey = "general.type";
    private const string FileType = "imatrix";
    private const string DatasetsKey = "imatrix.datasets";
    private const string ChunkCountKey = "imatrix.chunk_count";
    private const string ChunkSizeKey = "imatrix.chunk_size";
    private const string UsedKey = "quantize.imatrix.";
    private const string SumsSuffix = ".in_sum2";
    private const string CountsSuffix = ".counts";

    // A gigabyte of sums: forty times what the largest Gemma needs.
    private const long NumberLimit = 1L << 28;

    /// <summary>Reads a file of llama.cpp's imatrix tool, in its GGUF form or the older one, or of <see cref="Save"/>.</summary>
    /// <exception cref="CheckpointException">It cannot be read or is no importance matrix.</exception>
    public static ImportanceMatrix Open(string path)
    {
        if (IsGguf(path))
        {
            using GgufFile file = GgufFile.Open(path);
            return Read(file);
        }

        return LegacyImportanceFile.Read(path);
    }

    /// <summary>Writes a GGUF file that llama.cpp reads; it is there complete or not at all.</summary>
    /// <param name="path">An existing file is replaced.</param>
    /// <exception cref="ArgumentException">The name of a tensor is longer than such a file can say.</exception>
    /// <exception cref="CheckpointException">The file cannot be written.</exception>
    public void Save(string path)
    {
        GgufMetadata metadata = new GgufMetadata()
            .Add(TypeKey, FileType)
            .Add(DatasetsKey, Datasets)
            .Add(ChunkCountKey, checked((uint)ChunkCount))
            .Add(ChunkSizeKey, checked((uint)ChunkSize));
        StoredType type = StoredType.Of(ElementType.F32);
        using var writer = new GgufWriter(path, metadata, [.. entries.Values.SelectMany(entry => new TensorDeclaration[]
        {
            new(entry.Name + SumsSuffix, type, Shape(entry, entry.Columns)),
            new(entry.Name + CountsSuffix, type, Shape(entry, 1)),
        })]);
        foreach (ImportanceEntry entry in entries.Values)
        {
            writer.Write(MemoryMarshal.AsBytes(entry.SquareSums.Span));
            writer.Write(MemoryMarshal.AsBytes<float>(Array.ConvertAll(entry.Counts.ToArray(), count => (float)count)));
        }

        writer.Complete();
    }

    /// <summary>
    /// Says in the metadata of a file that it was quantized by this matrix, with the keys of llama-quantize; of file and text the names only,
    /// not where they lay.
    /// </summary>
    internal void Describe(GgufMetadata metadata)
    {
        metadata.Add(UsedKey + "file", NameOf(Path));
        if (Datasets.Count > 0)
        {
            metadata.Add(UsedKey + "dataset", NameOf(Datasets[0]));
        }

        metadata.Add(UsedKey + "entries_count", (uint)entries.Count);
        if (ChunkCount > 0)
        {
            metadata.Add(UsedKey + "chunks_count", (uint)ChunkCount);
        }
    }

    /// <summary>A matrix from a file, with what is wrong in it said of the file.</summary>
    internal static ImportanceMatrix FromFile(
        string path, IEnumerable<ImportanceEntry> entries, long chunkSize, long chunkCount, IReadOnlyList<string> datasets) =>
        new(entries, chunkSize, chunkCount, datasets, path);

    /// <summary>An entry from a file.</summary>
    /// <exception cref="CheckpointException">It is none.</exception>
    internal static ImportanceEntry EntryFromFile(string path, string name, float[] squareSums, long[] counts) =>
        ImportanceEntry.Fault(squareSums, counts) is { } fault
            ? throw new CheckpointException(path, $"the entry of {name} {fault}")
            : new ImportanceEntry(name, squareSums, counts);

    // As ggml writes a matrix of one row: with one dimension.
    private static ImmutableArray<long> Shape(ImportanceEntry entry, long columns) =>
        entry.Counts.Length == 1 ? [columns] : [entry.Counts.Length, columns];

    // The path may be one of another system.
    private static string NameOf(string path) => path[(path.AsSpan().LastIndexOfAny('/', '\\') + 1)..];

    private static bool IsGguf(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1);
            Span<byte> magic = stackalloc byte[4];
            return stream.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) < magic.Length || magic.SequenceEqual("GGUF"u8);
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            // Whoever opens it as a GGUF file says what is wrong with it.
            return true;
        }
    }

    private static ImportanceMatrix Read(GgufFile file)
    {
        if (file.Metadata.TryGetValue(TypeKey, out GgufValue? type) && type.ToText() != FileType)
        {
            throw new CheckpointException(file.Path, $"is no importance matrix: its {TypeKey} is not {FileType}");
        }

        var entries = new List<ImportanceEntry>();
        long numbers = 0;
        foreach (TensorInfo tensor in file.Tensors.Values)
        {
            string stored = tensor.StoredName;
            if (stored.EndsWith(SumsSuffix, StringComparison.Ordinal) && stored.Length > SumsSuffix.Length)
            {
                string name = stored[..^SumsSuffix.Length];
                float[] sums = Floats(file, stored, ref numbers), counts = Floats(file, name + CountsSuffix, ref numbers);
                entries.Add(EntryFromFile(file.Path, name, sums, Array.ConvertAll(counts, count => Count(file, name, count))));
            }
            else if (stored.EndsWith(CountsSuffix, StringComparison.Ordinal)
                && !file.Tensors.ContainsKey(stored[..^CountsSuffix.Length] + SumsSuffix))
            {
                throw new CheckpointException(file.Path, $"has the counts {stored} without the tensor {stored[..^CountsSuffix.Length]}{SumsSuffix}");
            }
        }

        if (entries.Count == 0)
        {
            throw new CheckpointException(file.Path, $"has no tensor NAME{SumsSuffix} where an importance matrix was expected");
        }

        string[] datasets = file.Metadata.TryGetValue(DatasetsKey, out GgufValue? names) ? names.ToTexts() : [];
        return FromFile(file.Path, entries, Number(file, ChunkSizeKey), Number(file, ChunkCountKey), datasets);
    }

    private static float[] Floats(GgufFile file, string name, ref long numbers)
    {
        if (!file.Tensors.TryGetValue(name, out TensorInfo? tensor))
        {
            throw new CheckpointException(file.Path, $"has no tensor {name}");
        }

        if (tensor.Type.ElementType != ElementType.F32 || tensor.Shape.IsEmpty)
        {
            throw new CheckpointException(
                file.Path, $"tensor {name} is {tensor.Type} {TensorInfo.Describe(tensor.Shape.AsSpan())} where rows of F32 were expected");
        }

        numbers += tensor.Length;
        return numbers <= NumberLimit
            ? file.GetTensor(name).AsFloats().ToArray()
            : throw new CheckpointException(file.Path, $"holds more than {NumberLimit} numbers, which no importance matrix does");
    }

    private static long Count(GgufFile file, string name, float count) =>
        count is >= 0 and <= ImportanceEntry.CountLimit
            ? (long)MathF.Round(count, MidpointRounding.AwayFromZero)
            : throw new CheckpointException(file.Path, $"the entry of {name} has the count {count} where 0 to 2^53 was expected");

    private static long Number(GgufFile file, string key)
    {
        long number = file.Metadata.TryGetValue(key, out GgufValue? value) ? value.ToInt64() : 0;
        return number is >= 0 and <= uint.MaxValue
            ? number
            : throw new CheckpointException(file.Path, $"gives {number} as {key} where a number of 32 bits was expected");
    }
}
