using System.Diagnostics;
using Lapidary.Checkpoints;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Models;
using Lapidary.Cli.Output;
using Lapidary.Inference;
using Lapidary.Workbench.Compression;
using Lapidary.Workbench.Evaluation.Texts;

namespace Lapidary.Cli.Commands.Pruning;

/// <summary>One run of unstructured pruning, from the request to the report.</summary>
/// <param name="invocation">The request.</param>
/// <param name="options">How.</param>
/// <param name="calibration">The text.</param>
/// <param name="path">The model.</param>
/// <param name="target">The folder to write.</param>
/// <param name="overwrite">Whether the folder may hold files already.</param>
/// <param name="threads">Threads that compute.</param>
internal sealed class UnstructuredPruningRun(
    Invocation invocation, PruningOptions options, CalibrationInput calibration, string path, string target, bool overwrite, int threads)
{
    private readonly string method = options.Method.ToString().ToLowerInvariant();

    /// <summary>Prunes, and presents the zeros of what was written.</summary>
    public void Execute()
    {
        string? text = calibration.TextPath(invocation);
        string allocated = method + (options.Owl is null ? string.Empty : " with --allocation owl");
        if (options.NeedsCalibration && text is null)
        {
            throw RequestException.Expected("prune", $"--file, a calibration text for {allocated}", "no such option");
        }

        if (!options.NeedsCalibration && text is not null)
        {
            throw RequestException.Expected("--file", "a method that looks at a text (wanda, sparsegpt, or --allocation owl)", allocated);
        }

        OutputPath.CheckFolder(target, overwrite, path);
        var watch = Stopwatch.StartNew();
        (PruningReport report, TextChunks? chunks) = text is null ? (Prune(), null) : PruneCalibrated();
        PruneResult result = PruningPresentation.Create(report, target) with
        {
            Method = method,
            Pattern = options.Pattern?.ToString(),
            TargetSparsity = options.Target,
            Chunks = chunks?.Count,
            Context = chunks?.ContextLength,
            Seconds = watch.Elapsed.TotalSeconds,
        };
        invocation.Present(result, ResultJson.Default.PruneResult, drawing => PruningPresentation.Draw(drawing, result));
    }

    private PruningReport Prune()
    {
        using Checkpoint source = Checkpoint.Open(path);
        PruningReport? report = null;
        ProgressBar.Run("prune", bar => report = Pruner.Prune(source, options, target, overwrite, threads, bar, invocation.Cancellation));
        return report!;
    }

    private (PruningReport Report, TextChunks Chunks) PruneCalibrated()
    {
        using LanguageModel model = LanguageModel.Open(
            path, new InferenceOptions { Threads = threads, ChunkSize = calibration.ChunkSize(invocation), Exact = true });
        TextChunks chunks = calibration.Read(invocation, model);
        PruningReport? report = null;
        ProgressBar.Run("prune", bar => report = Pruner.Prune(model, chunks, options, target, overwrite, bar, invocation.Cancellation));
        return (report!, chunks);
    }
}
