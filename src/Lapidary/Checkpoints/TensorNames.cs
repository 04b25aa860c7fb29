namespace Lapidary.Checkpoints;

/// <summary>
/// The canonical names of tensors are those of Hugging Face's text models. Multimodal folders put a prefix before them (two different
/// ones over the years), and GGUF has names of its own.
/// </summary>
public static class TensorNames
{
    /// <summary>The canonical name of the embedding matrix.</summary>
    public const string Embedding = "model.embed_tokens.weight";

    /// <summary>The canonical name of the output matrix; a checkpoint in which it is tied to the embedding does not have it.</summary>
    public const string Output = "lm_head.weight";

    // gguf-py/gguf/constants.py, TENSOR_NAMES, and tensor_mapping.py for the other side.
    private static readonly (string Gguf, string Canonical)[] Outer =
    [
        ("token_embd.weight", "model.embed_tokens.weight"),
        ("output_norm.weight", "model.norm.weight"),
        ("output.weight", "lm_head.weight"),
    ];

    private static readonly (string Gguf, string Canonical)[] InLayer =
    [
        ("attn_norm.weight", "input_layernorm.weight"),
        ("attn_q.weight", "self_attn.q_proj.weight"),
        ("attn_k.weight", "self_attn.k_proj.weight"),
        ("attn_v.weight", "self_attn.v_proj.weight"),
        ("attn_output.weight", "self_attn.o_proj.weight"),
        ("attn_q_norm.weight", "self_attn.q_norm.weight"),
        ("attn_k_norm.weight", "self_attn.k_norm.weight"),
        ("post_attention_norm.weight", "post_attention_layernorm.weight"),
        ("ffn_norm.weight", "pre_feedforward_layernorm.weight"),
        ("ffn_gate.weight", "mlp.gate_proj.weight"),
        ("ffn_up.weight", "mlp.up_proj.weight"),
        ("ffn_down.weight", "mlp.down_proj.weight"),
        ("post_ffw_norm.weight", "post_feedforward_layernorm.weight"),
    ];

    private static readonly Dictionary<string, string> OuterFromGguf = Outer.ToDictionary(pair => pair.Gguf, pair => pair.Canonical);
    private static readonly Dictionary<string, string> OuterToGguf = Outer.ToDictionary(pair => pair.Canonical, pair => pair.Gguf);
    private static readonly Dictionary<string, string> LayerFromGguf = InLayer.ToDictionary(pair => pair.Gguf, pair => pair.Canonical);
    private static readonly Dictionary<string, string> LayerToGguf = InLayer.ToDictionary(pair => pair.Canonical, pair => pair.Gguf);

    /// <summary>The canonical name of a tensor of a Hugging Face folder. Names of the vision and audio parts stay as they are.</summary>
    public static string FromHuggingFace(string stored)
    {
        // transformers before 4.52 and the published files: language_model.model.X and language_model.lm_head.X.
        const string Old = "language_model.";
        // transformers from 4.52 on, when it saves a multimodal model: model.language_model.X beside a bare lm_head.X.
        const string New = "model.language_model.";
        if (stored.StartsWith(New, StringComparison.Ordinal))
        {
            return "model." + stored[New.Length..];
        }

        return stored.StartsWith(Old, StringComparison.Ordinal) ? stored[Old.Length..] : stored;
    }

    /// <summary>The canonical name of a tensor of a GGUF file; a name that the text model does not have stays as it is.</summary>
    public static string FromGguf(string stored)
    {
        if (OuterFromGguf.TryGetValue(stored, out string? outer))
        {
            return outer;
        }

        return TrySplit(stored, "blk.", out string layer, out string rest) && LayerFromGguf.TryGetValue(rest, out string? inner)
            ? $"model.layers.{layer}.{inner}"
            : stored;
    }

    /// <summary>The name that GGUF gives to a tensor, or null if it has none.</summary>
    public static string? ToGguf(string canonical)
    {
        if (OuterToGguf.TryGetValue(canonical, out string? outer))
        {
            return outer;
        }

        return TrySplit(canonical, "model.layers.", out string layer, out string rest) && LayerToGguf.TryGetValue(rest, out string? inner)
            ? $"blk.{layer}.{inner}"
            : null;
    }

    /// <summary>Whether a canonical name is that of the weight of an RMSNorm of the text model.</summary>
    public static bool IsNorm(string canonical) =>
        canonical.EndsWith("norm.weight", StringComparison.Ordinal) && canonical.StartsWith("model.", StringComparison.Ordinal);

    private static bool TrySplit(string name, string prefix, out string layer, out string rest)
    {
        layer = rest = string.Empty;
        if (!name.StartsWith(prefix, StringComparison.Ordinal))
        {
            return false;
        }

        int dot = name.IndexOf('.', prefix.Length);
        if (dot <= prefix.Length || name.AsSpan(prefix.Length, dot - prefix.Length).ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        layer = name[prefix.Length..dot];
        rest = name[(dot + 1)..];
        return true;
    }
}
