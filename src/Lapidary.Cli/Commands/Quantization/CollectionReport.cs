using System.Globalization;
using Lapidary.Cli.Output;
using Lapidary.Workbench.Compression.Collections;

namespace Lapidary.Cli.Commands.Quantization;

/// <summary>The result of <c>quantize --all</c>.</summary>
internal static class CollectionReport
{
    /// <summary>What stands in a collection.</summary>
    public static CollectionResult Create(CollectionFolder collection) => new(
        collection.Folder,
        collection.Facts.Model,
        collection.Facts.Importance,
        collection.Facts.Text,
        collection.Facts.Chunks,
        [
            .. collection.Entries.Select(entry => new CollectionFileResult(
                entry.Type,
                entry.File,
                entry.FileBytes,
                entry.BitsPerWeight,
                entry.Compression,
                entry.Sha256,
                entry.Scores?.Perplexity.Value,
                entry.Scores?.Perplexity.Uncertainty,
                entry.Scores?.Divergence.Value,
                entry.Scores?.Divergence.Uncertainty,
                entry.Scores?.SameTop.Value,
                entry.Speed?.PromptRate,
                entry.Speed?.GenerationRate)),
        ]);

    /// <summary>Draws it for a reader.</summary>
    public static void Draw(TextReport report, CollectionResult result)
    {
        bool scored = result.Files.All(file => file.Perplexity is not null), timed = result.Files.All(file => file.PromptTokensPerSecond is not null);
        List<string> heads = ["type", ">size", ">bits", ">compression"];
        heads.AddRange(scored ? [">perplexity", ">divergence", ">same top"] : []);
        heads.AddRange(timed ? [">prompt t/s", ">generation t/s"] : []);
        report.Table(heads, result.Files.Select(file => Cells(file, scored, timed).ToArray()));
        report.Line();
        report.Line($"{result.Output}: {result.Files.Count} files of {result.Model}, {CollectionFolder.TableName}, a Modelfile for each");
    }

    /// <summary>A file that is done, on one line.</summary>
    public static string Line(CollectionEntry entry)
    {
        string line = string.Create(CultureInfo.InvariantCulture, $"{entry.File}: {Units.Bytes(entry.FileBytes)}, {entry.BitsPerWeight:0.00} bits per weight");
        if (entry.Scores is { } scores)
        {
            line += string.Create(CultureInfo.InvariantCulture, $", perplexity {scores.Perplexity.Value:0.000}, divergence {Math.Max(0, scores.Divergence.Value):0.00000}");
        }

        return entry.Speed is { } speed ? $"{line}, {Units.Rate(speed.PromptRate)} and {Units.Rate(speed.GenerationRate)} tokens/s" : line;
    }

    private static IEnumerable<string> Cells(CollectionFileResult file, bool scored, bool timed)
    {
        yield return file.Type;
        yield return Units.Bytes(file.Bytes);
        yield return Number(file.BitsPerWeight, "0.00");
        yield return Number(file.Compression, "0.0") + "x";
        if (scored)
        {
            yield return Number(file.Perplexity!.Value, "0.000");
            yield return Number(Math.Max(0, file.KlDivergence!.Value), "0.00000");
            yield return Number(100 * file.SameTop!.Value, "0.0") + " %";
        }

        if (timed)
        {
            yield return Units.Rate(file.PromptTokensPerSecond!.Value);
            yield return Units.Rate(file.GenerationTokensPerSecond!.Value);
        }
    }

    private static string Number(double value, string form) => value.ToString(form, CultureInfo.InvariantCulture);
}
