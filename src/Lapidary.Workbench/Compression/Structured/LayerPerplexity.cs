using System.Collections.Immutable;
using Lapidary.Inference;
using Lapidary.Workbench.Evaluation.Texts;

namespace Lapidary.Workbench.Compression;

/// <summary>What each layer is worth by what happens without it: the perplexity of a text is measured once with each layer left out.</summary>
public static class LayerPerplexity
{
    /// <summary>
    /// Measures it. The score of a layer is what its absence adds to the mean negative log-likelihood of the text, in nats per token: ln of the
    /// ratio of the perplexities. It is below 0 where the model does better without the layer.
    /// </summary>
    /// <param name="path">The model.</param>
    /// <param name="options">How it is run; no layer is left out yet.</param>
    /// <param name="chunks">The text; the second half of each chunk is scored.</param>
    /// <param name="progress">Told the share of the work that is done, from 0 to 1.</param>
    /// <param name="cancellation">Ends the work between two passes.</param>
    /// <exception cref="Checkpoints.CheckpointException">The files are not those of a model that can be run.</exception>
    /// <exception cref="ArgumentException">
    /// A chunk is longer than the context of the model, a token is not in its vocabulary, or it has one layer only.
    /// </exception>
    /// <exception cref="NonFiniteException">NaN or infinity appeared.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was triggered.</exception>
    public static ImmutableArray<double> Score(
        string path, InferenceOptions options, TextChunks chunks, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(chunks);
        double Measure(int? layer, out int layerCount)
        {
            cancellation.ThrowIfCancellationRequested();
            using LanguageModel model = LanguageModel.Open(path, options with { LeftOutLayers = layer is int left ? [left] : [] });
            layerCount = model.Config.LayerCount;
            using var evaluator = new TextEvaluator(model);
            return evaluator.Run(chunks, cancellation: cancellation).Perplexity.MeanNll.Value;
        }

        double whole = Measure(null, out int layers);
        var scores = ImmutableArray.CreateBuilder<double>(layers);
        for (int layer = 0; layer < layers; layer++)
        {
            progress?.Report((layer + 1.0) / (layers + 1));
            scores.Add(Measure(layer, out _) - whole);
        }

        progress?.Report(1);
        return scores.MoveToImmutable();
    }
}
