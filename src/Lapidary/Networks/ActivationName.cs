namespace Lapidary.Networks;

/// <summary>The places of a network at which a value can be watched.</summary>
public enum ActivationKind
{
    /// <summary>The residual stream: 0 is the scaled embedding, i the stream after layer i - 1.</summary>
    Hidden,

    /// <summary>The residual stream after the last norm, before the output matrix.</summary>
    FinalNorm,

    /// <summary>Input of the attention's projections.</summary>
    AttentionNorm,

    /// <summary>Queries after norm and rotation, [tokens, heads x dimension].</summary>
    Query,

    /// <summary>Keys after norm and rotation.</summary>
    Key,

    /// <summary>Values.</summary>
    Value,

    /// <summary>Heads' results, the input of the output projection.</summary>
    AttentionHeads,

    /// <summary>What attention adds to the residual stream, before its norm.</summary>
    AttentionOutput,

    /// <summary>The residual stream between attention and feed-forward network.</summary>
    AfterAttention,

    /// <summary>Input of the feed-forward network.</summary>
    FeedForwardNorm,

    /// <summary>gelu(gate) * up, the input of the down projection.</summary>
    FeedForwardGated,

    /// <summary>What the feed-forward network adds to the residual stream, before its norm.</summary>
    FeedForwardOutput,
}

/// <summary>The name of a value: where in the network, and in which layer (for <see cref="ActivationKind.Hidden"/>: after how many).</summary>
/// <param name="Kind">The place.</param>
/// <param name="Layer">The layer, counted from 0.</param>
public readonly record struct ActivationName(ActivationKind Kind, int Layer)
{
    /// <summary>The written form: <c>hidden.3</c>, <c>final_norm</c>, <c>layers.3.attention_output</c>.</summary>
    public override string ToString() => Kind switch
    {
        ActivationKind.Hidden => $"hidden.{Layer}",
        ActivationKind.FinalNorm => "final_norm",
        ActivationKind.AttentionNorm => $"layers.{Layer}.attention_norm",
        ActivationKind.Query => $"layers.{Layer}.query",
        ActivationKind.Key => $"layers.{Layer}.key",
        ActivationKind.Value => $"layers.{Layer}.value",
        ActivationKind.AttentionHeads => $"layers.{Layer}.attention_heads",
        ActivationKind.AttentionOutput => $"layers.{Layer}.attention_output",
        ActivationKind.AfterAttention => $"layers.{Layer}.after_attention",
        ActivationKind.FeedForwardNorm => $"layers.{Layer}.feed_forward_norm",
        ActivationKind.FeedForwardGated => $"layers.{Layer}.feed_forward_gated",
        _ => $"layers.{Layer}.feed_forward_output",
    };

    /// <summary>All names of a network of <paramref name="layers"/> layers, in the order in which they are computed.</summary>
    public static IEnumerable<ActivationName> All(int layers)
    {
        yield return new ActivationName(ActivationKind.Hidden, 0);
        for (int layer = 0; layer < layers; layer++)
        {
            for (ActivationKind kind = ActivationKind.AttentionNorm; kind <= ActivationKind.FeedForwardOutput; kind++)
            {
                yield return new ActivationName(kind, layer);
            }

            yield return new ActivationName(ActivationKind.Hidden, layer + 1);
        }

        yield return new ActivationName(ActivationKind.FinalNorm, 0);
    }
}
