using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Lapidary.Checkpoints.Adapters;

/// <content>Reading and writing <c>adapter_config.json</c>.</content>
public sealed partial record LoraConfig
{
    private const int RankLimit = 1 << 20;
    private const int ListLimit = 1 << 14;

    // A list of other ranks may name every weight, but not by as many expressions that have to be tried on every one.
    private const int ExpressionLimit = 256;

    // Those that leave the base as it is; the others take a part of each weight out of it first.
    private static readonly string[] PlainInitializations = ["true", "false", "gaussian", "eva", "orthogonal"];

    /// <summary>Reads the object of a file.</summary>
    /// <exception cref="CheckpointException">A value is wrong, or asks for something that is not supported.</exception>
    internal static LoraConfig Parse(JsonElement json, string path)
    {
        var fields = new ConfigFields(json, path, string.Empty);
        RefuseWhatIsNotSupported(fields);
        (IReadOnlyList<string>? targets, string? targetPattern) = ReadModules(fields, "target_modules");
        (IReadOnlyList<string>? excluded, string? excludePattern) = ReadModules(fields, "exclude_modules");
        var defaults = new LoraConfig();
        double dropout = fields.FindNumber("lora_dropout") ?? 0;
        if (dropout is < 0 or > 1)
        {
            throw fields.Wrong("lora_dropout", fields.Find("lora_dropout")!.Value, "0 to 1");
        }

        if (targetPattern == AllLinear)
        {
            (targets, targetPattern) = ([AllLinear], null);
        }

        return new LoraConfig
        {
            Rank = ReadRank(fields, "r") ?? defaults.Rank,
            Alpha = fields.FindNumber("lora_alpha") ?? defaults.Alpha,
            Dropout = dropout,
            TargetModules = targets ?? (targetPattern is null ? defaults.TargetModules : []),
            TargetPattern = targetPattern,
            ExcludeModules = excluded ?? [],
            ExcludePattern = excludePattern,
            LayersToTransform = ReadLayers(fields),
            LayersPattern = ReadLayersPattern(fields),
            RankPattern = ReadPatterns(fields, "rank_pattern", (inner, name) => ReadRank(inner, name)),
            AlphaPattern = ReadPatterns(fields, "alpha_pattern", (inner, name) => inner.FindNumber(name)),
            UseRsLora = fields.Boolean("use_rslora", false),
            UseDora = fields.Boolean("use_dora", false),
            InitLoraWeights = ReadInitialization(fields),
            BaseModel = fields.FindText("base_model_name_or_path"),
            Revision = fields.FindText("revision"),
            Extra = JsonObject.Create(json)!,
        };
    }

    /// <summary>
    /// The object to write: the one that was read, or PEFT's fields with their defaults, with what has changed since. A value that has not
    /// changed keeps its form.
    /// </summary>
    /// <exception cref="ArgumentException">The configuration is not one that can be read again.</exception>
    public JsonObject ToJson()
    {
        JsonObject json = Extra.Count > 0 ? (JsonObject)Extra.DeepClone() : Defaults();
        using JsonDocument document = JsonDocument.Parse(json.ToJsonString());
        SetChanges(json, Parse(document.RootElement, PeftAdapter.ConfigFile));

        // What is written must be read again.
        try
        {
            using JsonDocument written = JsonDocument.Parse(json.ToJsonString());
            Parse(written.RootElement, PeftAdapter.ConfigFile);
            return json;
        }
        catch (CheckpointException thrown)
        {
            throw new ArgumentException($"The configuration is not one that can be read again: {thrown.Fact}.", thrown);
        }
    }

    private static void Set(JsonObject json, string key, bool changed, Func<JsonNode?> value)
    {
        if (changed)
        {
            json[key] = value();
        }
    }

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);

    private void SetChanges(JsonObject json, LoraConfig old)
    {
        Set(json, "r", Rank != old.Rank, () => Rank);
        Set(json, "lora_alpha", Alpha != old.Alpha, () => Alpha);
        Set(json, "lora_dropout", Dropout != old.Dropout, () => Dropout);
        Set(
            json,
            "target_modules",
            TargetPattern != old.TargetPattern || !TargetModules.SequenceEqual(old.TargetModules) || json["target_modules"] is null,
            () => TargetPattern ?? (TargetModules is [AllLinear] ? (JsonNode)AllLinear : Texts(TargetModules)));
        Set(
            json,
            "exclude_modules",
            ExcludePattern != old.ExcludePattern || !ExcludeModules.SequenceEqual(old.ExcludeModules),
            () => ExcludePattern ?? (ExcludeModules.Count == 0 ? null : (JsonNode)Texts(ExcludeModules)));
        Set(
            json,
            "layers_to_transform",
            !(LayersToTransform ?? []).SequenceEqual(old.LayersToTransform ?? []) || LayersToTransform is null != old.LayersToTransform is null,
            () => LayersToTransform is null ? null : new JsonArray([.. LayersToTransform.Select(layer => (JsonNode)layer)]));
        Set(
            json,
            "layers_pattern",
            !LayersPattern.SequenceEqual(old.LayersPattern),
            () => LayersPattern.Count == 0 ? null : Texts(LayersPattern));
        Set(
            json,
            "rank_pattern",
            !RankPattern.SequenceEqual(old.RankPattern),
            () => new JsonObject(RankPattern.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)entry.Value))));
        Set(
            json,
            "alpha_pattern",
            !AlphaPattern.SequenceEqual(old.AlphaPattern),
            () => new JsonObject(AlphaPattern.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)entry.Value))));
        Set(json, "use_rslora", UseRsLora != old.UseRsLora, () => UseRsLora);
        Set(json, "use_dora", UseDora != old.UseDora, () => UseDora);
        Set(
            json,
            "init_lora_weights",
            InitLoraWeights != old.InitLoraWeights,
            () => bool.TryParse(InitLoraWeights, out bool initializes) ? initializes : InitLoraWeights);
        Set(json, "base_model_name_or_path", BaseModel != old.BaseModel, () => BaseModel);
        Set(json, "revision", Revision != old.Revision, () => Revision);
    }

    // The fields of PEFT's LoraConfig, in the order of their names as PEFT writes them. The version is that of the PEFT that wrote a
    // file, so there is none.
    private static JsonObject Defaults() => (JsonObject)JsonNode.Parse(
        """
        {
          "alpha_pattern": {}, "auto_mapping": null, "base_model_name_or_path": null, "bias": "none", "corda_config": null,
          "eva_config": null, "exclude_modules": null, "fan_in_fan_out": false, "inference_mode": true, "init_lora_weights": true,
          "layer_replication": null, "layers_pattern": null, "layers_to_transform": null, "loftq_config": {}, "lora_alpha": 8,
          "lora_bias": false, "lora_dropout": 0.0, "megatron_config": null, "megatron_core": "megatron.core", "modules_to_save": null,
          "peft_type": "LORA", "peft_version": null, "r": 8, "rank_pattern": {}, "revision": null, "target_modules": null,
          "task_type": "CAUSAL_LM", "trainable_token_indices": null, "use_dora": false, "use_rslora": false
        }
        """)!;

    private static void RefuseWhatIsNotSupported(ConfigFields fields)
    {
        if (fields.FindText("bias") is string bias and not "none")
        {
            throw fields.Unsupported("bias", $"\"{bias}\"", "\"none\"");
        }

        PeftAdapter.RefuseOtherTask(fields);
        foreach (string name in (ReadOnlySpan<string>)["fan_in_fan_out", "lora_bias", "use_qalora", "use_bdlora"])
        {
            if (fields.Find(name) is { ValueKind: not JsonValueKind.False and not JsonValueKind.Null } value)
            {
                throw fields.Unsupported(name, JsonFile.Describe(value), "false");
            }
        }

        string[] nothing =
        [
            "modules_to_save", "layer_replication", "trainable_token_indices", "target_parameters", "alora_invocation_tokens",
            "megatron_config", "arrow_config", "velora_config",
        ];
        foreach (string name in nothing)
        {
            if (fields.Find(name) is JsonElement value && !IsEmpty(value))
            {
                throw fields.Unsupported(name, JsonFile.Describe(value), "null");
            }
        }
    }

    private static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        _ => false,
    };

    private static int? ReadRank(ConfigFields fields, string name) => fields.FindInteger(name) is int rank
        ? rank is > 0 and <= RankLimit ? rank : throw fields.Wrong(name, fields.Find(name)!.Value, $"1 to {RankLimit}")
        : null;

    private static string ReadInitialization(ConfigFields fields)
    {
        string? name = fields.Find("init_lora_weights") switch
        {
            null => "true",
            { ValueKind: JsonValueKind.True } => "true",
            { ValueKind: JsonValueKind.False } => "false",
            { ValueKind: JsonValueKind.String } text => text.GetString(),
            JsonElement other => throw fields.Wrong("init_lora_weights", other, "true, false or a name"),
        };
        return PlainInitializations.Contains(name)
            ? name!
            : throw fields.Unsupported(
                "init_lora_weights", $"\"{name}\"", "one that leaves the base as it is (such an adapter can be saved as a plain LoRA)");
    }

    // A list of names, or one text: a regular expression.
    private static (IReadOnlyList<string>? List, string? Pattern) ReadModules(ConfigFields fields, string name)
    {
        if (fields.Find(name) is not { ValueKind: JsonValueKind.String } text)
        {
            return (fields.FindTexts(name, ListLimit), null);
        }

        string pattern = text.GetString()!;
        CheckPattern(fields, name, pattern);
        return (null, pattern);
    }

    private static List<int>? ReadLayers(ConfigFields fields)
    {
        if (fields.Find("layers_to_transform") is not { ValueKind: JsonValueKind.Array } list)
        {
            return fields.FindInteger("layers_to_transform") is int layer ? [layer] : null;
        }

        var layers = new List<int>();
        foreach (JsonElement item in list.EnumerateArray())
        {
            layers.Add(
                item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out int number)
                    ? number
                    : throw fields.Wrong("layers_to_transform", item, "a whole number in each place"));
        }

        return layers.Count == 0 ? null : layers;
    }

    private static IReadOnlyList<string> ReadLayersPattern(ConfigFields fields)
    {
        IReadOnlyList<string> patterns = fields.Find("layers_pattern") is { ValueKind: JsonValueKind.String } text
            ? [text.GetString()!]
            : fields.FindTexts("layers_pattern", ListLimit) ?? [];
        foreach (string pattern in patterns)
        {
            CheckPattern(fields, "layers_pattern", pattern);
        }

        return patterns;
    }

    private static OrderedDictionary<string, T> ReadPatterns<T>(
        ConfigFields fields, string name, Func<ConfigFields, string, T?> read)
        where T : struct
    {
        var patterns = new OrderedDictionary<string, T>(StringComparer.Ordinal);
        if (fields.FindObject(name) is not ConfigFields inner)
        {
            return patterns;
        }

        int expressions = 0;
        foreach (JsonProperty entry in fields.Find(name)!.Value.EnumerateObject())
        {
            if (patterns.Count == ListLimit)
            {
                throw fields.Wrong(name, fields.Find(name)!.Value, $"at most {ListLimit} patterns");
            }

            CheckPattern(fields, name, entry.Name);
            expressions += IsLiteral(entry.Name) ? 0 : 1;
            if (expressions > ExpressionLimit)
            {
                throw fields.Wrong(name, fields.Find(name)!.Value, $"at most {ExpressionLimit} regular expressions");
            }

            patterns.Add(entry.Name, read(inner, entry.Name) ?? throw inner.Missing(entry.Name));
        }

        return patterns;
    }

    private static void CheckPattern(ConfigFields fields, string name, string pattern)
    {
        try
        {
            _ = new Regex($@"\A(?:{pattern})\z", RegexOptions.CultureInvariant, MatchTimeout);
        }
        catch (ArgumentException)
        {
            throw fields.Unsupported(name, $"\"{pattern}\"", "a regular expression");
        }
    }
}
