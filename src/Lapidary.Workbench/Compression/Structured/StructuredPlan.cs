using System.Collections.Immutable;
using Lapidary.Checkpoints;
using Lapidary.Networks;

namespace Lapidary.Workbench.Compression;

/// <summary>
/// Which layers, neurons, heads and channels of a network stay. Every layer has the same sizes, so the result is an ordinary checkpoint; what
/// stays keeps its order and its weights.
/// </summary>
/// <remarks>
/// Fewer channels change what an RMSNorm divides by: the mean square of n channels of N is N / n times that of all, where those that went
/// away were 0. The norms that are read by projections and by the output matrix therefore get their scales, 1 + w, times sqrt(N / n). With
/// that the smaller network computes what the larger one computes when the other channels are set to 0 in the embedding and in what attention
/// and feed-forward network add: its residual stream is sqrt(n / N) times the other's throughout, because the embedding is scaled by sqrt(n)
/// instead of sqrt(N) and the norms behind attention and feed-forward network divide by the larger mean, and norms do not see such a factor.
/// All of it is exact but for the epsilon of the norms behind attention and feed-forward network.
/// </remarks>
public sealed class StructuredPlan
{
    private StructuredPlan(Gemma3Config source, Gemma3Config config)
    {
        Source = source;
        Config = config;
        Layers = [.. Enumerable.Range(0, source.LayerCount)];
    }

    /// <summary>The network that is pruned.</summary>
    public Gemma3Config Source { get; }

    /// <summary>What it becomes.</summary>
    public Gemma3Config Config { get; }

    /// <summary>The layers that stay, ascending.</summary>
    public ImmutableArray<int> Layers { get; private init; }

    /// <summary>For each layer of the source the neurons that stay, ascending; empty where all do.</summary>
    public ImmutableArray<ImmutableArray<int>> Neurons { get; private init; } = [];

    /// <summary>For each layer of the source the query heads that stay, ascending; empty where all do.</summary>
    public ImmutableArray<ImmutableArray<int>> Heads { get; private init; } = [];

    /// <summary>For each layer of the source the heads of keys and values that stay, ascending; empty where all do.</summary>
    public ImmutableArray<ImmutableArray<int>> KeyValueHeads { get; private init; } = [];

    /// <summary>The channels of the residual stream that stay, ascending; empty where all do.</summary>
    public ImmutableArray<int> Channels { get; private init; } = [];

    /// <summary>Keeps some layers, with the window and the rotary frequencies that each has.</summary>
    /// <param name="config">The network.</param>
    /// <param name="kept">The layers that stay, counted from 0, ascending.</param>
    /// <exception cref="ArgumentException">There is none, one is not there, or they do not ascend.</exception>
    public static StructuredPlan Depth(Gemma3Config config, IReadOnlyList<int> kept)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(kept);
        return kept.Zip(kept.Skip(1)).All(pair => pair.First < pair.Second)
            ? new StructuredPlan(config, config.WithLayers(kept)) { Layers = [.. kept] }
            : throw new ArgumentException($"The layers [{string.Join(", ", kept)}] do not ascend.", nameof(kept));
    }

    /// <summary>The layers with the best scores, ascending; of equal ones the first stays.</summary>
    /// <param name="scores">[layers].</param>
    /// <param name="count">How many stay.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many, or it is none.</exception>
    public static ImmutableArray<int> BestLayers(IReadOnlyList<double> scores, int count)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, scores.Count);
        return Ranking.Best(scores, count);
    }

    /// <summary>Keeps in each layer the neurons and heads with the best scores, and in the whole network the channels with the best.</summary>
    /// <param name="config">The network.</param>
    /// <param name="importance">The scores, of this network.</param>
    /// <param name="target">The sizes.</param>
    /// <exception cref="ArgumentException">
    /// A size is not from 1 to that of the network, the query heads are no multiple of those of keys and values or more than they have, or the
    /// scores are of another network.
    /// </exception>
    public static StructuredPlan Width(Gemma3Config config, StructuredImportance importance, WidthTarget target)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(importance);
        ArgumentNullException.ThrowIfNull(target);
        Gemma3Config pruned = Sizes(config, target);
        if (importance.Neurons.Length != config.LayerCount || importance.Neurons[0].Length != config.IntermediateSize
            || importance.Heads[0].Length != config.HeadCount || importance.Channels.Length != config.HiddenSize)
        {
            throw new ArgumentException("The scores are those of another network.", nameof(importance));
        }

        int group = config.HeadCount / config.KeyValueHeadCount, groupAfter = pruned.HeadCount / pruned.KeyValueHeadCount;
        ImmutableArray<ImmutableArray<int>> groups =
            [.. importance.Heads.Select(heads => Ranking.Best([.. heads.Chunk(group).Select(Ranking.Norm)], pruned.KeyValueHeadCount))];
        bool fewerHeads = pruned.HeadCount < config.HeadCount;
        return new StructuredPlan(config, pruned)
        {
            Neurons = pruned.IntermediateSize == config.IntermediateSize
                ? [] : [.. importance.Neurons.Select(neurons => Ranking.Best(neurons, pruned.IntermediateSize))],
            KeyValueHeads = pruned.KeyValueHeadCount == config.KeyValueHeadCount ? [] : groups,
            Heads = fewerHeads ? [.. importance.Heads.Select((heads, layer) => BestHeads(heads, groups[layer], group, groupAfter))] : [],
            Channels = pruned.HiddenSize == config.HiddenSize ? [] : Ranking.Best(importance.Channels, pruned.HiddenSize),
        };
    }

    /// <summary>Writes the smaller model.</summary>
    /// <param name="source">The checkpoint of <see cref="Source"/>.</param>
    /// <param name="output">Receives the files; its commit names them.</param>
    /// <param name="progress">Told after each tensor.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <inheritdoc cref="CheckpointConverter.WriteSlices" path="/exception[@cref='T:Lapidary.Checkpoints.CheckpointException']"/>
    public void Write(
        Checkpoint source, OutputFolder output, IProgress<ConversionProgress>? progress = null, CancellationToken cancellationToken = default) =>
        CheckpointConverter.WriteSlices(source, output, Config, Slices(), progress, cancellationToken);

    /// <summary>What is cut from which tensor, in the order in which the network uses them.</summary>
    public IReadOnlyList<TensorSlice> Slices()
    {
        double gain = Math.Sqrt((double)Source.HiddenSize / Config.HiddenSize);
        ImmutableArray<int>? channels = Some(Channels);
        var slices = new List<TensorSlice> { new(TensorNames.Embedding, TensorNames.Embedding, null, channels) };
        for (int i = 0; i < Layers.Length; i++)
        {
            int layer = Layers[i];
            ImmutableArray<int>? neurons = Of(Neurons, layer), queries = Wide(Of(Heads, layer)), keys = Wide(Of(KeyValueHeads, layer));
            void Add(string module, ImmutableArray<int>? rows, ImmutableArray<int>? columns, double scale = 1) => slices.Add(
                new TensorSlice($"model.layers.{layer}.{module}.weight", $"model.layers.{i}.{module}.weight", rows, columns, scale));
            Add("input_layernorm", null, channels, gain);
            Add("self_attn.q_proj", queries, channels);
            Add("self_attn.k_proj", keys, channels);
            Add("self_attn.v_proj", keys, channels);
            Add("self_attn.q_norm", null, null);
            Add("self_attn.k_norm", null, null);
            Add("self_attn.o_proj", channels, queries);
            Add("post_attention_layernorm", null, channels);
            Add("pre_feedforward_layernorm", null, channels, gain);
            Add("mlp.gate_proj", neurons, channels);
            Add("mlp.up_proj", neurons, channels);
            Add("mlp.down_proj", channels, neurons);
            Add("post_feedforward_layernorm", null, channels);
        }

        slices.Add(new TensorSlice("model.norm.weight", "model.norm.weight", null, channels, gain));
        if (!Source.TiedEmbeddings)
        {
            slices.Add(new TensorSlice(TensorNames.Output, TensorNames.Output, null, channels));
        }

        return slices;
    }

    private static Gemma3Config Sizes(Gemma3Config config, WidthTarget target)
    {
        static int Size(int? asked, int present, string what) => asked is not int size ? present
            : size >= 1 && size <= present ? size
            : throw new ArgumentException($"{size} {what} cannot stay of {present}.");
        int group = config.HeadCount / config.KeyValueHeadCount;
        int keyValueHeads = Size(target.KeyValueHeadCount, config.KeyValueHeadCount, "heads of keys and values");
        int heads = Size(target.HeadCount ?? (keyValueHeads * group), config.HeadCount, "heads");
        if (heads % keyValueHeads != 0 || heads / keyValueHeads > group)
        {
            throw new ArgumentException(
                $"{heads} heads are not 1 to {group} for each of {keyValueHeads} heads of keys and values.", nameof(target));
        }

        return config with
        {
            IntermediateSize = Size(target.IntermediateSize, config.IntermediateSize, "neurons"),
            HeadCount = heads,
            KeyValueHeadCount = keyValueHeads,
            HiddenSize = Size(target.HiddenSize, config.HiddenSize, "channels"),
        };
    }

    private static ImmutableArray<int> BestHeads(ImmutableArray<double> scores, ImmutableArray<int> groups, int group, int groupAfter) =>
    [
        .. groups.SelectMany(index => Ranking.Best([.. scores.Skip(index * group).Take(group)], groupAfter).Select(head => (index * group) + head)),
    ];

    private static ImmutableArray<int>? Some(ImmutableArray<int> kept) => kept.IsEmpty ? null : kept;

    private static ImmutableArray<int>? Of(ImmutableArray<ImmutableArray<int>> layers, int layer) => layers.IsEmpty ? null : layers[layer];

    // The rows of the heads.
    private ImmutableArray<int>? Wide(ImmutableArray<int>? heads) => heads is not { } kept
        ? null
        : [.. kept.SelectMany(head => Enumerable.Range(head * Source.HeadDimension, Source.HeadDimension))];
}
