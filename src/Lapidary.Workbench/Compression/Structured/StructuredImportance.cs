using System.Collections.Immutable;
using Lapidary.Inference;
using Lapidary.Networks;
using Lapidary.Workbench.Evaluation.Texts;

namespace Lapidary.Workbench.Compression;

/// <summary>
/// What the parts of a network were worth on a calibration text, by what they compute, without gradients: the scores by which Minitron
/// (Muralidharan et al. 2024; Sreenivas et al. 2024) chooses what stays. A score of a neuron or a channel is the L2 norm over the sequences of
/// the mean over the tokens of its magnitude.
/// </summary>
public sealed class StructuredImportance
{
    private StructuredImportance(
        ImmutableArray<double> layers,
        ImmutableArray<ImmutableArray<double>> neurons,
        ImmutableArray<ImmutableArray<double>> heads,
        ImmutableArray<double> channels)
    {
        Layers = layers;
        Neurons = neurons;
        Heads = heads;
        Channels = channels;
    }

    /// <summary>For each layer 1 - cosine of the residual stream before and behind it, averaged over the tokens.</summary>
    public ImmutableArray<double> Layers { get; }

    /// <summary>[layers][intermediate]: the gated activations that enter the down projection.</summary>
    public ImmutableArray<ImmutableArray<double>> Neurons { get; }

    /// <summary>[layers][heads]: what a head gives to the output projection, the L2 norm of the scores of its channels.</summary>
    public ImmutableArray<ImmutableArray<double>> Heads { get; }

    /// <summary>[hidden]: the outputs of the norms before attention and before the feed-forward network, the scores of all layers summed.</summary>
    public ImmutableArray<double> Channels { get; }

    /// <summary>Runs a text through a model, with the exact kernels. The scores are the same to the bit for any threads and chunks of the prompt.</summary>
    /// <param name="model">The model.</param>
    /// <param name="chunks">The text; each chunk is a sequence, and nothing of it is scored.</param>
    /// <param name="progress">Told the share of the chunks that is done, from 0 to 1.</param>
    /// <param name="cancellation">Ends the work between two passes.</param>
    /// <exception cref="ArgumentException">A chunk is longer than the context of the model, or a token is not in its vocabulary.</exception>
    /// <exception cref="NonFiniteException">NaN or infinity appeared.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was triggered.</exception>
    public static StructuredImportance Collect(
        LanguageModel model, TextChunks chunks, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(chunks);
        if (chunks.ContextLength > model.ContextLength)
        {
            throw new ArgumentException(
                $"Chunks of {chunks.ContextLength} tokens are longer than the context of the model, {model.ContextLength}.", nameof(chunks));
        }

        Gemma3Config config = model.Config;
        var activations = new Dictionary<ActivationName, SequenceMeans>();
        for (int layer = 0; layer < config.LayerCount; layer++)
        {
            activations.Add(new ActivationName(ActivationKind.AttentionNorm, layer), new SequenceMeans(config.HiddenSize));
            activations.Add(new ActivationName(ActivationKind.AttentionHeads, layer), new SequenceMeans(config.HeadCount * config.HeadDimension));
            activations.Add(new ActivationName(ActivationKind.FeedForwardNorm, layer), new SequenceMeans(config.HiddenSize));
            activations.Add(new ActivationName(ActivationKind.FeedForwardGated, layer), new SequenceMeans(config.IntermediateSize));
        }

        var cosines = new LayerCosines(config.LayerCount, config.HiddenSize);
        using InferenceSession session = model.CreateSession(chunks.ContextLength);
        session.Observer = (name, _, _, values) =>
        {
            if (name.Kind == ActivationKind.Hidden)
            {
                cosines.Observe(name.Layer, values);
            }
            else if (activations.TryGetValue(name, out SequenceMeans? means))
            {
                means.Add(values);
            }
        };
        for (int chunk = 0; chunk < chunks.Count; chunk++)
        {
            progress?.Report((double)chunk / chunks.Count);
            session.Reset();
            session.Prefill(chunks.Sequence(chunk), cancellation);
            foreach (SequenceMeans means in activations.Values)
            {
                means.EndSequence();
            }
        }

        progress?.Report(1);
        return Gather(config, activations, cosines);
    }

    private static StructuredImportance Gather(Gemma3Config config, Dictionary<ActivationName, SequenceMeans> activations, LayerCosines cosines)
    {
        double[] Scores(ActivationKind kind, int layer) => activations[new ActivationName(kind, layer)].Scores();
        var channels = new double[config.HiddenSize];
        var neurons = ImmutableArray.CreateBuilder<ImmutableArray<double>>(config.LayerCount);
        var heads = ImmutableArray.CreateBuilder<ImmutableArray<double>>(config.LayerCount);
        for (int layer = 0; layer < config.LayerCount; layer++)
        {
            neurons.Add([.. Scores(ActivationKind.FeedForwardGated, layer)]);
            heads.Add([.. Scores(ActivationKind.AttentionHeads, layer).Chunk(config.HeadDimension).Select(Ranking.Norm)]);
            foreach (ActivationKind kind in (ReadOnlySpan<ActivationKind>)[ActivationKind.AttentionNorm, ActivationKind.FeedForwardNorm])
            {
                double[] scores = Scores(kind, layer);
                for (int i = 0; i < channels.Length; i++)
                {
                    channels[i] += scores[i];
                }
            }
        }

        return new StructuredImportance([.. cosines.Scores()], neurons.MoveToImmutable(), heads.MoveToImmutable(), [.. channels]);
    }
}
