using System.Text.Json.Nodes;

namespace Lapidary.Tests.Common;

/// <summary>Hand-made adapters for <see cref="TinyModel"/> that must be refused with one sentence.</summary>
public static class BrokenAdapters
{
    private const string Module = "base_model.model.model.layers.0.self_attn.q_proj";

    /// <summary>All of them.</summary>
    public static IEnumerable<BrokenFile> All => [.. OfConfig(), .. OfPrompt(), .. OfTensors(), .. OfFolders()];

    /// <summary>The configuration of a sound LoRA.</summary>
    public static JsonObject Config() => new()
    {
        ["peft_type"] = "LORA",
        ["task_type"] = "CAUSAL_LM",
        ["r"] = 2,
        ["lora_alpha"] = 4,
        ["target_modules"] = new JsonArray("q_proj", "down_proj"),
        ["bias"] = "none",
        ["future"] = 1,
    };

    /// <summary>The tensors of a sound LoRA.</summary>
    public static List<SafetensorsEntry> Tensors() =>
        [Entry(Module + ".lora_A.weight", 2, 8), Entry(Module + ".lora_B.weight", 8, 2)];

    /// <summary>The configuration of a sound tuned prompt.</summary>
    public static JsonObject Prompt() => new()
    {
        ["peft_type"] = "PROMPT_TUNING", ["num_virtual_tokens"] = 3, ["token_dim"] = 8, ["num_transformer_submodules"] = 1,
    };

    /// <summary>Writes an adapter.</summary>
    /// <returns>The folder.</returns>
    public static string Write(string folder, JsonObject config, IEnumerable<SafetensorsEntry> tensors)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "adapter_config.json"), config.ToJsonString());
        File.WriteAllBytes(Path.Combine(folder, "adapter_model.safetensors"), TinyModel.Safetensors(tensors));
        return folder;
    }

    /// <summary>An F32 tensor of zeros.</summary>
    public static SafetensorsEntry Entry(string name, params ulong[] shape) =>
        new(name, "F32", shape, new byte[4 * (int)shape.Aggregate(1UL, (product, size) => product * size)]);

    private static BrokenFile Field(string name, JsonNode? value, string fragment) => new(
        $"config: {name} is {value?.ToJsonString() ?? "null"}",
        folder =>
        {
            JsonObject config = Config();
            config[name] = value;
            return Write(folder, config, Tensors());
        },
        fragment);

    private static BrokenFile Weights(string name, Action<List<SafetensorsEntry>> change, string fragment) => new(
        "tensors: " + name,
        folder =>
        {
            List<SafetensorsEntry> tensors = Tensors();
            change(tensors);
            return Write(folder, Config(), tensors);
        },
        fragment);

    private static IEnumerable<BrokenFile> OfConfig()
    {
        yield return Field("peft_type", null, "has no field peft_type");
        yield return Field("peft_type", "IA3", "peft_type is \"IA3\", which is not supported");
        yield return Field("peft_type", 3, "peft_type is 3 where a text was expected");
        yield return Field("task_type", "SEQ_CLS", "task_type is \"SEQ_CLS\"");
        yield return Field("r", 0, "r is 0 where 1 to 1048576 was expected");
        yield return Field("r", -4, "r is -4");
        yield return Field("r", "8", "r is the text \"8\" where a whole number");
        yield return Field("r", 3, "has the shape [2, 8] where [3, 8] was expected");
        yield return Field("lora_alpha", "x", "lora_alpha is the text \"x\" where a finite number was expected");
        yield return Field("lora_dropout", 1.5, "lora_dropout is 1.5 where 0 to 1 was expected");
        yield return Field("bias", "all", "bias is \"all\", which is not supported; \"none\" was expected");
        yield return Field("fan_in_fan_out", true, "fan_in_fan_out is true, which is not supported");
        yield return Field("lora_bias", true, "lora_bias is true, which is not supported");
        yield return Field("modules_to_save", new JsonArray("lm_head"), "modules_to_save is an array, which is not supported");
        yield return Field("layer_replication", new JsonArray(new JsonArray(0, 2)), "layer_replication is an array, which is not supported");
        yield return Field("trainable_token_indices", new JsonArray(1), "trainable_token_indices is an array");
        yield return Field("target_parameters", new JsonArray("x"), "target_parameters is an array");
        yield return Field("alora_invocation_tokens", new JsonArray(1), "alora_invocation_tokens is an array");
        yield return Field("init_lora_weights", "pissa", "init_lora_weights is \"pissa\", which is not supported");
        yield return Field("init_lora_weights", 1, "init_lora_weights is 1 where true, false or a name was expected");
        yield return Field("target_modules", new JsonArray("k_proj"), "q_proj, which is not among the target_modules");
        yield return Field("target_modules", new JsonArray(1), "target_modules is 1 where a text in each place was expected");
        yield return Field("target_modules", "(", "target_modules is \"(\", which is not supported; a regular expression");
        yield return Field("target_modules", ".*(k|v)_proj", "not among the target_modules");
        yield return Field("target_modules", "((a|[a-z._0-9]+)+)+!", "takes too long");
        yield return Field("exclude_modules", new JsonArray("q_proj"), "not among the target_modules");
        yield return Field("layers_to_transform", new JsonArray(1), "not among the target_modules");
        yield return Field("layers_to_transform", new JsonArray("1"), "layers_to_transform is the text \"1\"");
        yield return Field("rank_pattern", new JsonObject { ["q_proj"] = 5 }, "where [5, 8] was expected");
        yield return Field("rank_pattern", new JsonObject { ["q_proj"] = 0 }, "rank_pattern.q_proj is 0");
        yield return Field("rank_pattern", new JsonObject { ["["] = 1 }, "a regular expression was expected");
        yield return Field("alpha_pattern", new JsonArray(), "alpha_pattern is an array where an object was expected");
        yield return Field("use_dora", true, "has no tensor " + Module + ".lora_magnitude_vector, which adapter_config.json asks for with use_dora");
        yield return Field("use_rslora", 1, "use_rslora is 1 where true or false was expected");
    }

    private static IEnumerable<BrokenFile> OfPrompt()
    {
        BrokenFile Prompted(string name, string key, JsonNode? value, SafetensorsEntry[] tensors, string fragment) => new(
            "prompt: " + name,
            folder =>
            {
                JsonObject config = Prompt();
                config[key] = value;
                return Write(folder, config, tensors);
            },
            fragment);
        SafetensorsEntry sound = Entry("prompt_embeddings", 3, 8);
        yield return Prompted("no virtual tokens", "num_virtual_tokens", 0, [sound], "num_virtual_tokens is 0");
        yield return Prompted("their number is missing", "num_virtual_tokens", null, [sound], "has no field num_virtual_tokens");
        yield return Prompted("another number", "num_virtual_tokens", 4, [sound], "has the shape [3, 8] where [4, 8] was expected");
        yield return Prompted("two parts", "num_transformer_submodules", 2, [sound], "num_transformer_submodules is 2");
        yield return Prompted("another tensor", "future", 1, [sound, Entry("other", 1)], "holds the tensor other, which is no part of prompt tuning");
        yield return Prompted("no tensor", "future", 1, [], "has no tensor prompt_embeddings");
        yield return Prompted(
            "another width", "token_dim", 4, [Entry("prompt_embeddings", 3, 4)], "has virtual tokens of width 4 where the model");
    }

    private static IEnumerable<BrokenFile> OfTensors()
    {
        yield return Weights("none", tensors => tensors.Clear(), "holds no tensors where those of a LoRA were expected");
        yield return Weights("no B", tensors => tensors.RemoveAt(1), "has no tensor " + Module + ".lora_B.weight");
        yield return Weights("no A", tensors => tensors.RemoveAt(0), "has no tensor " + Module + ".lora_A.weight");
        yield return Weights("a bias", tensors => tensors.Add(Entry(Module + ".lora_B.bias", 8)), "lora_B.bias, which is no part of a LoRA");
        yield return Weights(
            "an embedding",
            tensors => tensors.Add(Entry("base_model.model.model.embed_tokens.lora_embedding_A", 2, 16)),
            "embed_tokens.lora_embedding_A, which is no part of a LoRA that is supported");
        yield return Weights("another prefix", tensors => tensors.Add(Entry("model.x.lora_A.weight", 1)), "holds the tensor model.x.lora_A.weight");
        yield return Weights("no module", tensors => tensors.Add(Entry("base_model.model..lora_A.weight", 1)), "which is no part of a LoRA");
        yield return Weights("three dimensions", tensors => tensors[0] = Entry(Module + ".lora_A.weight", 1, 2, 8), "where two dimensions of 1 to");
        yield return Weights("an empty dimension", tensors => tensors[0] = Entry(Module + ".lora_A.weight", 2, 0), "where two dimensions of 1 to");
        yield return Weights("B of another rank", tensors => tensors[1] = Entry(Module + ".lora_B.weight", 8, 3), "has the shape [8, 3] where [8, 2]");
        yield return Weights("a magnitude", tensors => tensors.Add(Entry(Module + ".lora_magnitude_vector", 8)), "does not say use_dora");
        yield return Weights("whole numbers", tensors => tensors[0] = tensors[0] with { Type = "I32" }, "which cannot be computed with");
        yield return Weights(
            "not a number",
            tensors => BitConverter.GetBytes(float.NaN).CopyTo(tensors[0].Data, 12),
            "lora_A.weight holds a value that is not finite");
        yield return Weights(
            "another width",
            tensors => tensors[0] = Entry(Module + ".lora_A.weight", 2, 9),
            "has an update of shape [8, 9] for model.layers.0.self_attn.q_proj.weight, which has the shape [8, 8]");
        yield return Weights(
            "a layer too many",
            tensors => tensors.AddRange(
                [Entry(Module.Replace(".0.", ".7.") + ".lora_A.weight", 2, 8), Entry(Module.Replace(".0.", ".7.") + ".lora_B.weight", 8, 2)]),
            "has an update of model.layers.7.self_attn.q_proj.weight, which the model");
        yield return Weights(
            "two names for one weight",
            tensors => tensors.AddRange(
            [
                Entry("base_model.model.model.language_model.layers.0.self_attn.q_proj.lora_A.weight", 2, 8),
                Entry("base_model.model.model.language_model.layers.0.self_attn.q_proj.lora_B.weight", 8, 2),
            ]),
            "holds two updates of model.layers.0.self_attn.q_proj.weight");
    }

    private static IEnumerable<BrokenFile> OfFolders()
    {
        yield return new BrokenFile("folder: not there", folder => Path.Combine(folder, "nothing"), "does not exist");
        yield return new BrokenFile("folder: empty", folder => folder, "adapter_config.json: does not exist");
        yield return new BrokenFile(
            "folder: a file",
            folder =>
            {
                File.WriteAllText(Path.Combine(folder, "x.gguf"), "GGUF");
                return Path.Combine(folder, "x.gguf");
            },
            "is a file where the folder of an adapter was expected");
        yield return new BrokenFile("folder: no weights", folder => Without(folder, null), "adapter_model.safetensors: does not exist");
        yield return new BrokenFile("folder: pickled weights", folder => Without(folder, "adapter_model.bin"), "weights in adapter_model.bin are not read");
        yield return new BrokenFile(
            "folder: cut weights",
            folder =>
            {
                string path = Path.Combine(Write(folder, Config(), Tensors()), "adapter_model.safetensors");
                File.WriteAllBytes(path, File.ReadAllBytes(path)[..^5]);
                return folder;
            },
            "it is truncated");
        yield return new BrokenFile(
            "folder: configuration is a list",
            folder =>
            {
                File.WriteAllText(Path.Combine(Write(folder, Config(), Tensors()), "adapter_config.json"), "[]");
                return folder;
            },
            "holds an array where a JSON object was expected");
    }

    private static string Without(string folder, string? other)
    {
        Write(folder, Config(), Tensors());
        File.Delete(Path.Combine(folder, "adapter_model.safetensors"));
        if (other is not null)
        {
            File.WriteAllText(Path.Combine(folder, other), string.Empty);
        }

        return folder;
    }
}
