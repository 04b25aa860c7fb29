using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lapidary.Checkpoints.Adapters;

/// <summary>
/// What <c>adapter_config.json</c> of a prompt-tuning adapter says (Lester et al. 2021; peft/tuners/prompt_tuning/config.py): trained
/// vectors that stand before the embeddings of every text.
/// </summary>
public sealed record PromptTuningConfig
{
    private const int Limit = 1 << 20;

    /// <summary>Number of vectors, at least 1.</summary>
    public required int VirtualTokens { get; init; }

    /// <summary>Width of a vector: the hidden size of the model.</summary>
    public required int TokenDimension { get; init; }

    /// <summary>Query heads of the model, or null where it is not known; for information.</summary>
    public int? HeadCount { get; init; }

    /// <summary>Layers of the model, or null where it is not known; for information.</summary>
    public int? LayerCount { get; init; }

    /// <summary>How the vectors began: <c>RANDOM</c>, <c>SAMPLE_VOCAB</c> or <c>TEXT</c>.</summary>
    public string Initialization { get; init; } = "RANDOM";

    /// <summary>The text whose embeddings they began as, or null.</summary>
    public string? InitializationText { get; init; }

    /// <summary>The tokenizer of that text, or null.</summary>
    public string? Tokenizer { get; init; }

    /// <summary>The model that the adapter belongs to: a path or a hub id; null where it is not known.</summary>
    public string? BaseModel { get; init; }

    /// <summary>The revision of the base model on the hub, or null.</summary>
    public string? Revision { get; init; }

    /// <inheritdoc cref="LoraConfig.Extra"/>
    public JsonObject Extra { get; init; } = [];

    /// <summary>Reads the object of a file.</summary>
    /// <exception cref="CheckpointException">A value is wrong, or asks for something that is not supported.</exception>
    internal static PromptTuningConfig Parse(JsonElement json, string path)
    {
        var fields = new ConfigFields(json, path, string.Empty);
        PeftAdapter.RefuseOtherTask(fields);
        if (fields.FindInteger("num_transformer_submodules") is int parts and not 1)
        {
            throw fields.Unsupported("num_transformer_submodules", $"{parts}", "1");
        }

        return new PromptTuningConfig
        {
            VirtualTokens = Size(fields, "num_virtual_tokens") ?? throw fields.Missing("num_virtual_tokens"),
            TokenDimension = Size(fields, "token_dim") ?? throw fields.Missing("token_dim"),
            HeadCount = Size(fields, "num_attention_heads"),
            LayerCount = Size(fields, "num_layers"),
            Initialization = fields.FindText("prompt_tuning_init") ?? "RANDOM",
            InitializationText = fields.FindText("prompt_tuning_init_text"),
            Tokenizer = fields.FindText("tokenizer_name_or_path"),
            BaseModel = fields.FindText("base_model_name_or_path"),
            Revision = fields.FindText("revision"),
            Extra = JsonObject.Create(json)!,
        };
    }

    /// <summary>The object to write: the one that was read, or PEFT's fields with their defaults, with what has changed since.</summary>
    public JsonObject ToJson()
    {
        JsonObject json = Extra.Count > 0 ? (JsonObject)Extra.DeepClone() : Defaults();
        using JsonDocument document = JsonDocument.Parse(json.ToJsonString());
        PromptTuningConfig old = Parse(document.RootElement, "adapter_config.json");
        (string Key, bool Changed, JsonNode? Value)[] fields =
        [
            ("num_virtual_tokens", VirtualTokens != old.VirtualTokens, VirtualTokens),
            ("token_dim", TokenDimension != old.TokenDimension, TokenDimension),
            ("num_attention_heads", HeadCount != old.HeadCount, HeadCount),
            ("num_layers", LayerCount != old.LayerCount, LayerCount),
            ("prompt_tuning_init", Initialization != old.Initialization, Initialization),
            ("prompt_tuning_init_text", InitializationText != old.InitializationText, InitializationText),
            ("tokenizer_name_or_path", Tokenizer != old.Tokenizer, Tokenizer),
            ("base_model_name_or_path", BaseModel != old.BaseModel, BaseModel),
            ("revision", Revision != old.Revision, Revision),
        ];
        foreach ((string key, bool changed, JsonNode? value) in fields)
        {
            if (changed)
            {
                json[key] = value;
            }
        }

        return json;
    }

    // The fields of PEFT's PromptTuningConfig, in the order of their names as PEFT writes them.
    private static JsonObject Defaults() => (JsonObject)JsonNode.Parse(
        """
        {
          "auto_mapping": null, "base_model_name_or_path": null, "inference_mode": true, "num_attention_heads": null, "num_layers": null,
          "num_transformer_submodules": 1, "num_virtual_tokens": 1, "peft_type": "PROMPT_TUNING", "peft_version": null,
          "prompt_tuning_init": "RANDOM", "prompt_tuning_init_text": null, "revision": null, "task_type": "CAUSAL_LM", "token_dim": 1,
          "tokenizer_kwargs": null, "tokenizer_name_or_path": null
        }
        """)!;

    private static int? Size(ConfigFields fields, string name) => fields.FindInteger(name) is int size
        ? size is > 0 and <= Limit ? size : throw fields.Wrong(name, fields.Find(name)!.Value, $"1 to {Limit}")
        : null;
}
