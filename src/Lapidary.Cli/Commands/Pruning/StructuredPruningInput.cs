using System.Collections.Immutable;
using System.CommandLine;
using Lapidary.Cli.CommandLine;
using Lapidary.Networks;
using Lapidary.Workbench.Compression;

namespace Lapidary.Cli.Commands.Pruning;

/// <summary>The options of <c>prune</c> that say which layers stay (--method depth) and which sizes (--method width).</summary>
internal sealed class StructuredPruningInput
{
    private readonly Option<int?> layers = Values.OptionalInteger("--layers", "depth: keep this many layers, those with the best scores.", 1, 1024);
    private readonly Option<int[]> drop = Values.IntegerList(
        "--drop", "depth: leave these layers out, counted from 0; no text is needed then.", 0, 1023, "layers such as 3,5");

    private readonly Option<DepthScore?> score = Values.Choice(
        "--depth-score",
        "depth: what a layer is worth: cosine, how far it turns the residual stream (default), or perplexity, what the text loses without it.",
        [("cosine", DepthScore.Cosine), ("perplexity", DepthScore.Perplexity)]);

    private readonly Option<int?> neurons = Values.OptionalInteger("--ffn", "width: neurons of each feed-forward network.", 1, 1 << 20);
    private readonly Option<int?> heads = Values.OptionalInteger(
        "--heads", "width: query heads of each layer, a multiple of the heads of keys and values.", 1, 1 << 20);

    private readonly Option<int?> keyValueHeads = Values.OptionalInteger(
        "--kv-heads", "width: heads of keys and values of each layer; one goes with its query heads.", 1, 1 << 20);

    private readonly Option<int?> hidden = Values.OptionalInteger("--hidden", "width: channels of the residual stream.", 1, 1 << 20);

    /// <summary>The words of --method.</summary>
    public static IReadOnlyList<string> Methods { get; } = ["depth", "width"];

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in All())
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The first of the options that was given, or null: what other methods refuse.</summary>
    public string? FirstGiven(Invocation invocation) => All().FirstOrDefault(invocation.Has)?.Name;

    /// <summary>How layers are scored.</summary>
    public DepthScore Score(Invocation invocation) => invocation.Get(score) ?? DepthScore.Cosine;

    /// <summary>Throws unless the options are those of the method, so many as it needs.</summary>
    /// <param name="invocation">The line.</param>
    /// <param name="depth">Whether the method is depth; width otherwise.</param>
    /// <param name="hasText">Whether there is a calibration text.</param>
    /// <exception cref="RequestException">They are not.</exception>
    public void Check(Invocation invocation, bool depth, bool hasText)
    {
        Option[] own = depth ? [layers, drop, score] : [neurons, heads, keyValueHeads, hidden];
        string method = depth ? "depth" : "width";
        if (All().Except(own).FirstOrDefault(invocation.Has) is { } other)
        {
            throw RequestException.Expected($"--method {method}", $"no {other.Name}", "one");
        }

        if (depth && invocation.Has(layers) == invocation.Has(drop))
        {
            throw RequestException.Expected("--method depth", "--layers or --drop", invocation.Has(layers) ? "both" : "neither");
        }

        if (!depth && !own.Any(invocation.Has))
        {
            throw RequestException.Expected("--method width", "--ffn, --heads, --kv-heads or --hidden", "none of them");
        }

        if (!hasText && (!depth || !invocation.Has(drop) || invocation.Has(score)))
        {
            throw RequestException.Expected($"--method {method}", "-f with a calibration text", "none");
        }
    }

    /// <summary>The layers that --drop leaves; null where the scores decide.</summary>
    /// <exception cref="RequestException">A layer is not there or named twice, or none is left.</exception>
    public ImmutableArray<int>? Kept(Invocation invocation, string model, int layerCount)
    {
        if (!invocation.Has(drop))
        {
            return null;
        }

        int[] dropped = invocation.Get(drop, []);
        foreach (int layer in dropped)
        {
            if (layer >= layerCount)
            {
                throw RequestException.Expected("--drop", $"layers from 0 to {layerCount - 1} of {model}", $"{layer}");
            }
        }

        if (dropped.Distinct().Count() < dropped.Length)
        {
            throw RequestException.Expected("--drop", "each layer once", string.Join(',', dropped));
        }

        return dropped.Length < layerCount
            ? [.. Enumerable.Range(0, layerCount).Except(dropped)]
            : throw RequestException.Expected("--drop", $"a layer that is left of the {layerCount} of {model}", "none");
    }

    /// <summary>The number of layers that stay.</summary>
    /// <exception cref="RequestException">There are not more than that.</exception>
    public int Count(Invocation invocation, string model, int layerCount) =>
        invocation.Get(layers) is int count && count < layerCount
            ? count
            : throw RequestException.Expected("--layers", $"fewer than the {layerCount} layers of {model}", $"{invocation.Get(layers)}");

    /// <summary>The sizes of --method width.</summary>
    /// <exception cref="RequestException">One is larger than it is, heads do not divide, or nothing changes.</exception>
    public WidthTarget Target(Invocation invocation, string model, Gemma3Config config)
    {
        int? Size(Option<int?> option, int present) => invocation.Get(option) is not int size ? null
            : size <= present ? size
            : throw RequestException.Expected(option.Name, $"at most {present}, the present size in {model}", $"{size}");
        var target = new WidthTarget(
            Size(neurons, config.IntermediateSize),
            Size(heads, config.HeadCount),
            Size(keyValueHeads, config.KeyValueHeadCount),
            Size(hidden, config.HiddenSize));
        int group = config.HeadCount / config.KeyValueHeadCount, keys = target.KeyValueHeadCount ?? config.KeyValueHeadCount;
        if (target.HeadCount is int queries && (queries % keys != 0 || queries / keys > group))
        {
            throw RequestException.Expected(
                "--heads", $"a multiple of the {keys} heads of keys and values, at most {group} for each, as in {model}", $"{queries}");
        }

        return (target.IntermediateSize ?? config.IntermediateSize) == config.IntermediateSize
            && (target.HeadCount ?? config.HeadCount) == config.HeadCount
            && keys == config.KeyValueHeadCount
            && (target.HiddenSize ?? config.HiddenSize) == config.HiddenSize
            ? throw RequestException.Expected("--method width", $"a size below that of {model}", "the present sizes")
            : target;
    }

    private Option[] All() => [layers, drop, score, neurons, heads, keyValueHeads, hidden];
}
