using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Lapidary.Checkpoints;
using Lapidary.Networks;
using Lapidary.Workbench.Evaluation.Texts;
using Lapidary.Workbench.Training;

namespace Lapidary.Workbench.Compression.Collections;

/// <summary>
/// A folder with one model in many types, a table of them and what Ollama needs to load each. <c>collection.json</c> says what the files were
/// made from, so that what is there already is not made again; it is written anew after every step.
/// </summary>
public sealed class CollectionFolder
{
    /// <summary>The record that is read again.</summary>
    public const string RecordName = "collection.json";

    /// <summary>The table.</summary>
    public const string TableName = "collection.md";

    /// <summary>The chart of size against divergence, where the files were measured.</summary>
    public const string ChartName = "collection.svg";

    private readonly Dictionary<string, CollectionEntry> entries = new(StringComparer.Ordinal);

    private CollectionFolder(string folder, CollectionFacts facts)
    {
        Folder = folder;
        Facts = facts;
    }

    /// <summary>The types of a collection, the largest first: all of llama.cpp's from F16 to Q2_K that Gemma files are published in.</summary>
    public static IReadOnlyList<QuantizationMix> Types { get; } = [.. QuantizationMix.All.Where(mix => mix.Name is not ("F32" or "BF16"))];

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>What is said of all files.</summary>
    public CollectionFacts Facts { get; set; }

    /// <summary>The files that are there, in the order of <see cref="Types"/>.</summary>
    public IEnumerable<CollectionEntry> Entries => Types.Select(mix => entries.GetValueOrDefault(mix.Name)).OfType<CollectionEntry>();

    /// <summary>Takes a folder, with what an earlier run has left in it.</summary>
    /// <param name="folder">The folder; it need not exist.</param>
    /// <param name="facts">What is to be said of the files.</param>
    /// <param name="overwrite">Whether a record of another model, or one that cannot be read, is replaced.</param>
    /// <exception cref="CheckpointException">There is such a record, and it is not to be replaced.</exception>
    public static CollectionFolder Open(string folder, CollectionFacts facts, bool overwrite)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(facts);
        var collection = new CollectionFolder(folder, facts);
        string path = Path.Combine(folder, RecordName);
        if (!File.Exists(path))
        {
            return collection;
        }

        try
        {
            (CollectionFacts found, IReadOnlyList<CollectionEntry> recorded) = CollectionRecord.Read(path);
            if (found.Model != facts.Model || found.Source != facts.Source)
            {
                throw new CheckpointException(path, $"is the record of another model, {found.Model}");
            }

            if ((found.Text, found.Chunks, found.Base) == (facts.Text, facts.Chunks, facts.Base))
            {
                collection.Facts = facts with { BasePerplexity = found.BasePerplexity };
            }

            foreach (CollectionEntry entry in recorded)
            {
                collection.entries.Add(entry.Type, entry);
            }
        }
        catch (CheckpointException) when (overwrite)
        {
            // What it said is of no use, and everything is made anew.
        }

        return collection;
    }

    /// <summary>What identifies a model: a hash of the names and the content of its files.</summary>
    /// <exception cref="CheckpointException">A file cannot be read.</exception>
    public static string SourceOf(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        return Hash(checkpoint.Files.Select(file => $"{Path.GetFileName(file)} {FileHash.Sha256(file)}"));
    }

    /// <summary>What identifies all that the bytes of a file depend on.</summary>
    /// <param name="source">What identifies the model.</param>
    /// <param name="options">How it is quantized: by a mix as it is.</param>
    /// <exception cref="CheckpointException">The importance matrix cannot be read.</exception>
    public static string MadeFrom(string source, QuantizationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        string importance = options.Importance is { } matrix ? $"{Path.GetFileName(matrix.Path)} {FileHash.Sha256(matrix.Path)}" : "none";
        return Hash([$"{typeof(CollectionFolder).Assembly.GetName().Version}", source, options.Mix.Name, importance, $"{options.WithTokenizer}"]);
    }

    /// <summary>What identifies a measurement.</summary>
    /// <param name="file">The SHA-256 of the file that is measured.</param>
    /// <param name="reference">What identifies the model that its divergence is measured from.</param>
    /// <param name="chunks">The text.</param>
    public static string ScoredOn(string file, string reference, TextChunks chunks)
    {
        ArgumentNullException.ThrowIfNull(chunks);
        string sequences = Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(chunks.Tokens.Span)));
        return Hash([file, reference, sequences, string.Create(CultureInfo.InvariantCulture, $"{chunks.ContextLength} {chunks.Input(0)[0]}")]);
    }

    /// <summary>The name of the file of a type.</summary>
    public string FileOf(QuantizationMix mix)
    {
        ArgumentNullException.ThrowIfNull(mix);
        return $"{Facts.Model}-{mix.Name}.gguf";
    }

    /// <summary>The file of a type if it is there as it was written, made from the same; else null.</summary>
    /// <param name="mix">The type.</param>
    /// <param name="madeFrom">What its bytes depend on now.</param>
    /// <exception cref="CheckpointException">The file cannot be read.</exception>
    public CollectionEntry? FindCurrent(QuantizationMix mix, string madeFrom)
    {
        ArgumentNullException.ThrowIfNull(mix);
        if (entries.GetValueOrDefault(mix.Name) is not { } entry || entry.MadeFrom != madeFrom || entry.File != FileOf(mix))
        {
            return null;
        }

        var file = new FileInfo(Path.Combine(Folder, entry.File));
        return file.Exists && file.Length == entry.FileBytes && FileHash.Sha256(file.FullName) == entry.Sha256 ? entry : null;
    }

    /// <summary>An entry for a file that has just been written.</summary>
    /// <param name="mix">Its type.</param>
    /// <param name="plan">What was written.</param>
    /// <param name="madeFrom">What its bytes depend on.</param>
    /// <exception cref="CheckpointException">The file cannot be read.</exception>
    public CollectionEntry Describe(QuantizationMix mix, GgufPlan plan, string madeFrom)
    {
        ArgumentNullException.ThrowIfNull(plan);
        string name = FileOf(mix), path = Path.Combine(Folder, name);
        return new CollectionEntry(
            mix.Name,
            name,
            new FileInfo(path).Length,
            plan.Tensors.Sum(tensor => tensor.Target.ByteLength),
            plan.Tensors.Sum(tensor => tensor.Source.Length),
            FileHash.Sha256(path),
            madeFrom);
    }

    /// <summary>Notes a file that is complete.</summary>
    /// <exception cref="CheckpointException">The record cannot be written.</exception>
    public void Put(CollectionEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        entries[entry.Type] = entry;
        using var output = new OutputFolder(Folder, overwrite: true);
        output.Write(RecordName, CollectionRecord.Write(Facts, Entries));
        output.Commit();
    }

    /// <summary>Writes record, table, chart and a Modelfile for each file.</summary>
    /// <param name="modelfile">Makes a Modelfile for the name of a file.</param>
    /// <exception cref="CheckpointException">One cannot be written.</exception>
    public void Complete(Func<string, string> modelfile)
    {
        ArgumentNullException.ThrowIfNull(modelfile);
        CollectionEntry[] files = [.. Entries];
        using var output = new OutputFolder(Folder, overwrite: true);
        output.Write(RecordName, CollectionRecord.Write(Facts, files));
        output.Write(TableName, Encoding.UTF8.GetBytes(CollectionTable.Create(Facts, files)));
        foreach (CollectionEntry entry in files)
        {
            output.Write($"Modelfile.{entry.Type}", Encoding.UTF8.GetBytes(modelfile(entry.File)));
        }

        if (CollectionChart.Create(Facts, files) is { } chart)
        {
            output.Write(ChartName, chart.ToBytes());
        }

        output.Commit();
    }

    private static string Hash(IEnumerable<string> parts) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts))));
}
