using Lapidary.Checkpoints;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Output;
using Lapidary.Inference;
using Lapidary.Numerics;
using Lapidary.Workbench.Compression;
using Lapidary.Workbench.Compression.Search;
using Lapidary.Workbench.Evaluation.Texts;

namespace Lapidary.Cli.Commands.Quantization;

/// <summary><c>quantize --search</c>: finds the types; the command writes them.</summary>
internal sealed class SearchRun(Invocation invocation, MeasureInput input, QuantizationOptions options, int threads)
{
    private const string Name = "--search";

    // Time grows with the text, and the types that are chosen hardly change with more of it.
    private const int UsualChunks = 40;

    /// <summary>Searches.</summary>
    /// <param name="checkpoint">The model.</param>
    /// <param name="bits">Bits per weight at most.</param>
    /// <param name="target">The file that is going to be written; null for none.</param>
    /// <returns>How to quantize, and what is to be said of it.</returns>
    public (QuantizationOptions Options, TypeSearchResult Found) Execute(Checkpoint checkpoint, double bits, string? target)
    {
        string path = input.TextPath(invocation) ?? throw RequestException.Expected("quantize", $"{Name} with a calibration text (-f)", "no text");
        (double least, double most) = TypeSearch.Limits(checkpoint, options);
        if (bits < least || bits > most)
        {
            // Rounded so that both numbers can be asked for.
            throw RequestException.Expected(
                Name,
                FormattableString.Invariant($"from {Math.Ceiling(1e4 * least) / 1e4} to {Math.Floor(1e4 * most) / 1e4} bits per weight for this model"),
                FormattableString.Invariant($"{bits}"));
        }

        SearchText text = Divide(checkpoint.Path, path);
        string scratch = target is null ? Path.GetTempPath() : Path.GetDirectoryName(Path.GetFullPath(target))!;
        TypeSearchResult? found = null;
        ProgressBar.Run("search", bar =>
        {
            using var search = new TypeSearch(
                checkpoint, new TypeSearchOptions(bits, options) { Threads = threads }, text, scratch, bar, invocation.Cancellation);
            found = search.Run();
        });
        ElementType commonest = checkpoint.Tensors.Values
            .Where(tensor => TensorNames.ToGguf(tensor.Name) is { } name && found!.Types.ContainsKey(name))
            .GroupBy(tensor => found!.Types[TensorNames.ToGguf(tensor.Name)!])
            .MaxBy(group => group.Sum(tensor => tensor.Length))!.Key;
        return (options with { Mix = QuantizationMix.All.First(mix => mix.BaseType == commonest), Types = found!.Types }, found);
    }

    private SearchText Divide(string model, string path)
    {
        using LanguageModel opened = LanguageModel.Open(model, new InferenceOptions { Threads = 1 });
        TextChunks chunks = input.Cut(invocation, opened, path, UsualChunks, out int? begin);
        return chunks.Count >= SearchText.LeastChunks
            ? SearchText.Divide(chunks, begin)
            : throw RequestException.Expected(
                path, $"at least {SearchText.LeastChunks} chunks of {chunks.ContextLength} tokens, of which a part is held out", $"{chunks.Count}");
    }
}
