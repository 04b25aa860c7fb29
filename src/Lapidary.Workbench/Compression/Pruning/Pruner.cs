using Lapidary.Checkpoints;
using Lapidary.Inference;
using Lapidary.Networks;
using Lapidary.Numerics;
using Lapidary.Numerics.Threading;
using Lapidary.Workbench.Evaluation.Texts;

namespace Lapidary.Workbench.Compression;

/// <summary>
/// Unstructured pruning: an ordinary checkpoint in which some weights are 0, with the names, the type, the tokenizer and the configuration of its
/// source, and beside it what was done (<see cref="PruningFiles"/>). Files appear all at once or not at all.
/// </summary>
public static class Pruner
{
    /// <summary>Prunes by the weights alone.</summary>
    /// <param name="source">A folder, or a GGUF file, of F32, F16 or BF16.</param>
    /// <param name="options">How; nothing that needs a calibration text.</param>
    /// <param name="outputFolder">The Hugging Face folder to write; neither the source nor inside it.</param>
    /// <param name="overwrite">Whether the folder may hold files already.</param>
    /// <param name="threads">Threads that compute; they change no bit.</param>
    /// <param name="progress">Told the share that is done, from 0 to 1.</param>
    /// <param name="cancellationToken">Stops the work; nothing is left behind then.</param>
    /// <returns>The zeros of what was written.</returns>
    /// <exception cref="ArgumentException">The options are impossible together, or need a calibration text.</exception>
    /// <exception cref="CheckpointException">
    /// A selected matrix is quantized or holds a number that is not finite, a pattern is found in no name, or the output cannot be written.
    /// </exception>
    public static PruningReport Prune(
        Checkpoint source,
        PruningOptions options,
        string outputFolder,
        bool overwrite = false,
        int? threads = null,
        IProgress<double>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        if (options.NeedsCalibration)
        {
            throw new ArgumentException($"{options.Method} of these options needs a calibration text.", nameof(options));
        }

        IReadOnlyList<SelectedMatrix> matrices = SelectedMatrices.Find(source, options);
        CheckpointConverter.CheckOutput(source, outputFolder);
        using var output = new OutputFolder(outputFolder, overwrite);
        using var pool = new WorkerPool(threads ?? Environment.ProcessorCount);
        var pruning = new MagnitudePruning(pool, matrices, options, _ => options.Target, cancellationToken);
        return Write(source, new PruningRecord(options, null, null), output, Prunes(matrices, pruning), progress, cancellationToken);
    }

    /// <summary>Prunes by the inputs that a calibration text gives to the weights, layer by layer behind those that are pruned already.</summary>
    /// <param name="model">A model of F32, F16 or BF16, opened without adapters.</param>
    /// <param name="calibration">The text; whole chunks are seen.</param>
    /// <param name="options">How.</param>
    /// <param name="outputFolder">The Hugging Face folder to write; neither the source nor inside it.</param>
    /// <param name="overwrite">Whether the folder may hold files already.</param>
    /// <param name="progress">Told the share that is done, from 0 to 1.</param>
    /// <param name="cancellationToken">Stops the work; nothing is left behind then.</param>
    /// <returns>The zeros of what was written.</returns>
    /// <exception cref="ArgumentException">
    /// The options are impossible together, or a chunk is longer than the context of the model or has a token that is not in the vocabulary.
    /// </exception>
    /// <exception cref="CheckpointException">As for weights alone, or the inputs of a matrix cannot be computed with.</exception>
    /// <exception cref="NonFiniteException">NaN or infinity appeared.</exception>
    public static PruningReport Prune(
        LanguageModel model,
        TextChunks calibration,
        PruningOptions options,
        string outputFolder,
        bool overwrite = false,
        IProgress<double>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(calibration);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        IReadOnlyList<SelectedMatrix> matrices = SelectedMatrices.Find(model.Checkpoint, options);
        if (matrices.FirstOrDefault(matrix => matrix.Layer >= model.Config.LayerCount) is { } stranger)
        {
            throw new CheckpointException(
                stranger.Info.File, $"has tensor {stranger.Info.StoredName}, where a model of {model.Config.LayerCount} layers was expected");
        }

        CheckpointConverter.CheckOutput(model.Checkpoint, outputFolder);
        using var output = new OutputFolder(outputFolder, overwrite);
        Dictionary<int, double>? owl = options.Owl is null ? null : OwlAllocation.Sparsities(
            model.Checkpoint.Path,
            matrices,
            ImportanceCollector.Observe(model, calibration, Part(progress, 0, 0.3), cancellationToken),
            options,
            cancellationToken);
        double SparsityOf(int layer) => owl is not null && owl.TryGetValue(layer, out double sparsity) ? sparsity : options.Target;
        var record = new PruningRecord(options, calibration, owl);
        if (options.Method == PruningMethod.Magnitude)
        {
            using var pool = new WorkerPool(model.Options.Threads);
            var pruning = new MagnitudePruning(pool, matrices, options, SparsityOf, cancellationToken);
            return Write(model.Checkpoint, record, output, Prunes(matrices, pruning), Part(progress, 0.9, 1), cancellationToken);
        }

        using var spool = new MatrixSpool(output.Path);
        PruneLayers(model, calibration, options, matrices, SparsityOf, spool, Part(progress, owl is null ? 0 : 0.3, 0.9), cancellationToken);
        return Write(model.Checkpoint, record, output, spool.Read, Part(progress, 0.9, 1), cancellationToken);
    }

    private static void PruneLayers(
        LanguageModel model,
        TextChunks calibration,
        PruningOptions options,
        IReadOnlyList<SelectedMatrix> matrices,
        Func<int, double> sparsityOf,
        MatrixSpool spool,
        IProgress<double>? progress,
        CancellationToken cancellationToken)
    {
        using var runner = new LayerRunner(model, [.. Enumerable.Range(0, calibration.Count).Select(calibration.Sequence)]);
        var pruner = new LayerPruner(runner, model.Config, options, sparsityOf);
        ILookup<int, SelectedMatrix> byLayer = matrices.ToLookup(matrix => matrix.Layer);
        int last = matrices.Max(matrix => matrix.Layer);
        for (int layer = 0; layer <= last; layer++)
        {
            progress?.Report((double)layer / (last + 1));
            List<SelectedMatrix> present = [.. byLayer[layer]];
            Dictionary<string, Tensor> pruned = present.Count == 0 ? [] : pruner.Prune(layer, present, cancellationToken);
            try
            {
                foreach ((string name, Tensor matrix) in pruned)
                {
                    spool.Add(name, matrix);
                }

                // Nobody looks behind the last one.
                if (layer < last)
                {
                    runner.Advance(layer, name => pruned.GetValueOrDefault(name), cancellationToken);
                }
            }
            finally
            {
                foreach (Tensor matrix in pruned.Values)
                {
                    matrix.Dispose();
                }
            }
        }
    }

    private static Func<string, Tensor?> Prunes(IReadOnlyList<SelectedMatrix> matrices, MagnitudePruning pruning)
    {
        Dictionary<string, SelectedMatrix> byName = matrices.ToDictionary(matrix => matrix.Info.Name, StringComparer.Ordinal);
        return name => byName.TryGetValue(name, out SelectedMatrix? matrix) ? pruning.Prune(matrix) : null;
    }

    // Each tensor is asked for once: that is where its zeros are counted. What was pruned lives until the next one is asked for.
    private static PruningReport Write(
        Checkpoint source,
        PruningRecord record,
        OutputFolder output,
        Func<string, Tensor?> pruned,
        IProgress<double>? progress,
        CancellationToken cancellationToken)
    {
        var counts = new List<TensorSparsity>();
        Tensor? current = null;
        try
        {
            CheckpointConverter.WriteHuggingFace(
                source,
                output,
                null,
                name =>
                {
                    current?.Dispose();
                    current = pruned(name);
                    counts.Add(PruningReport.Count(source, source.Tensors[name], current ?? source.GetTensor(name), record.Options.Selection));
                    return current;
                },
                progress: progress is null ? null : new ConversionShare(progress),
                cancellationToken: cancellationToken);
        }
        finally
        {
            current?.Dispose();
        }

        PruningReport report = PruningReport.From(counts);
        PruningFiles.Write(output, report, source, record);
        output.Commit();
        return report;
    }

    private static Share? Part(IProgress<double>? progress, double from, double to) => progress is null ? null : new Share(progress, from, to);

    // Progress<T> would post to the thread pool and report out of order.
    private sealed class Share(IProgress<double> progress, double from, double to) : IProgress<double>
    {
        public void Report(double value) => progress.Report(from + ((to - from) * value));
    }

    private sealed class ConversionShare(IProgress<double> progress) : IProgress<ConversionProgress>
    {
        public void Report(ConversionProgress value) => progress.Report(value.ByteCount == 0 ? 1 : (double)value.BytesDone / value.ByteCount);
    }
}
