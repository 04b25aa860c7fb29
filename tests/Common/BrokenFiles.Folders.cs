using System.Text.Json.Nodes;

namespace Lapidary.Tests.Common;

/// <content>Broken configurations, indexes and sets of tensors.</content>
public static partial class BrokenFiles
{
    private static BrokenFile Config(string name, Action<JsonObject> change, string fragment) =>
        new(name, folder => TinyModel.WriteFolder(folder, change), fragment);

    private static BrokenFile ConfigText(string name, string text, string fragment) => new(
        name,
        folder =>
        {
            TinyModel.WriteFolder(folder);
            File.WriteAllText(Path.Combine(folder, "config.json"), text);
            return folder;
        },
        fragment);

    private static BrokenFile Tensors(string name, Action<List<SafetensorsEntry>> change, string fragment) =>
        new(name, folder => TinyModel.WriteFolder(folder, null, change), fragment);

    private static IEnumerable<BrokenFile> OfConfig()
    {
        yield return ConfigText("config: empty", string.Empty, "config.json: is empty");
        yield return ConfigText("config: not JSON", "hidden_size = 8", "config.json: is not valid JSON (line 1, byte 1)");
        yield return ConfigText("config: byte order mark", "\uFEFF{}", "begins with a byte order mark");
        yield return ConfigText("config: an array", "[]", "holds an array where a JSON object was expected");
        yield return ConfigText("config: key twice", """{"model_type":"gemma3_text","model_type":"gemma3"}""", "has the key \"model_type\" twice");
        yield return ConfigText("config: nested too deep", "{\"a\":" + new string('[', 1000) + new string(']', 1000) + "}", "is not valid JSON");
        yield return ConfigText("config: half a surrogate", "{\"a\":\"\\udc00\"}", "not valid Unicode");
        foreach (string name in (string[])["num_hidden_layers", "hidden_size", "intermediate_size", "vocab_size", "num_attention_heads",
            "num_key_value_heads", "head_dim", "sliding_window", "model_type"])
        {
            yield return Config($"config: no {name}", config => config.Remove(name), $"has no field {name}");
        }

        yield return Config("config: another network", config => config["model_type"] = "llama", "model_type is \"llama\", which is not supported");
        yield return Config(
            "config: another architecture",
            config => config["architectures"] = new JsonArray("Gemma3TextModel"),
            "architectures is \"Gemma3TextModel\", which is not supported");
        yield return Config("config: another activation", config => config["hidden_activation"] = "silu", "hidden_activation is \"silu\"");
        yield return Config("config: bias", config => config["attention_bias"] = true, "attention_bias is true, which is not supported");
        yield return Config("config: both directions", config => config["use_bidirectional_attention"] = true, "use_bidirectional_attention is true");
        yield return Config("config: heads", config => config["num_key_value_heads"] = 3, "a multiple of num_key_value_heads, 3, was expected");
        yield return Config("config: a billion layers", config => config["num_hidden_layers"] = 1_000_000_000, "num_hidden_layers is 1000000000 where 1 to 1024");
        yield return Config("config: negative layers", config => config["num_hidden_layers"] = -1, "num_hidden_layers is -1");
        yield return Config("config: no width", config => config["hidden_size"] = 0, "hidden_size is 0 where 1 to");
        yield return Config("config: width in words", config => config["hidden_size"] = "eight", "hidden_size is the text \"eight\"");
        yield return Config("config: width and a half", config => config["hidden_size"] = 8.5, "hidden_size is 8.5 where a whole number");
        yield return Config("config: width beyond 2^31", config => config["hidden_size"] = 1e30, "where a whole number below 2^31 was expected");
        yield return Config("config: odd heads", config => config["head_dim"] = 5, "head_dim is 5 where an even number");
        yield return Config("config: epsilon", config => config["rms_norm_eps"] = -1, "rms_norm_eps is -1 where a positive number");
        yield return Config("config: scale", config => config["query_pre_attn_scalar"] = 0, "query_pre_attn_scalar^-0.5");
        yield return Config("config: end token", config => config["eos_token_id"] = 99, "eos_token_id is 99 where 0 to 15");
        yield return Config("config: no end token", config => config["eos_token_id"] = new JsonArray(), "eos_token_id is an array where 1 to 64");
        yield return Config(
            "config: YaRN",
            config => config["rope_scaling"] = new JsonObject { ["rope_type"] = "yarn", ["factor"] = 2 },
            "rope_scaling.rope_type is \"yarn\", which is not supported");
        yield return Config(
            "config: no factor", config => config["rope_scaling"] = new JsonObject { ["type"] = "linear" }, "has no field rope_scaling.factor");
        yield return Config("config: too few layer types", config => config["layer_types"] = new JsonArray("full_attention"), "layer_types is a list of 1");
        yield return Config(
            "config: unknown layer type",
            config => config["layer_types"] = new JsonArray("full_attention", "linear_attention"),
            "layer_types is \"linear_attention\" for layer 1");
        yield return Config("config: pattern of zero", config => config["sliding_window_pattern"] = 0, "sliding_window_pattern is 0");
    }

    private static IEnumerable<BrokenFile> OfFolders()
    {
        yield return new BrokenFile("folder: nothing there", folder => Path.Combine(folder, "absent"), "absent: does not exist");
        yield return new BrokenFile("folder: empty", folder => folder, "config.json: does not exist");
        yield return new BrokenFile("folder: no weights", folder => Without(folder, "model.safetensors"), "has neither model.safetensors nor");
        yield return new BrokenFile(
            "folder: pickled weights",
            folder =>
            {
                File.WriteAllBytes(Path.Combine(folder, "pytorch_model.bin"), [1]);
                return Without(folder, "model.safetensors");
            },
            "pytorch_model.bin are not read");
        yield return new BrokenFile(
            "folder: a text file in its place",
            folder =>
            {
                File.WriteAllText(Path.Combine(folder, "model.txt"), "hello");
                return Path.Combine(folder, "model.txt");
            },
            "is neither a folder with config.json nor a GGUF file");
        yield return Tensors("folder: tensor missing", list => list.RemoveAll(entry => entry.Name.EndsWith("1.mlp.up_proj.weight")), "has no tensor model.layers.1.mlp.up_proj.weight");
        yield return Tensors(
            "folder: wrong shape",
            list => Replace(list, "model.layers.0.self_attn.k_proj.weight", "F32", [8, 4], 128),
            "tensor model.layers.0.self_attn.k_proj.weight has the shape [8, 4] where [4, 8] was expected");
        yield return Tensors("folder: wrong type", list => Replace(list, "model.norm.weight", "I32", [8], 32), "tensor model.norm.weight is stored as I32");
        yield return Tensors(
            "folder: both prefixes",
            list => list.Add(new SafetensorsEntry("language_model.model.norm.weight", "F32", [8], new byte[32])),
            "are the same tensor model.norm.weight");
        yield return Config("folder: head missing", config => config["tie_word_embeddings"] = false, "has no tensor lm_head.weight");
        yield return Index("index: up and out", "../model-1.safetensors", "does not lie inside the folder");
        yield return Index("index: an absolute path", "/dev/zero.safetensors", "does not lie inside the folder");
        yield return Index("index: a drive", "C:model.safetensors", "does not lie inside the folder");
        yield return Index("index: itself", "model.safetensors.index.json", "where a .safetensors file was expected");
        yield return Index("index: shard missing", "model-9.safetensors", "names model-9.safetensors, which does not exist");
        yield return Index("index: tensor not in its shard", "model-2.safetensors", "says that model-2.safetensors holds model.norm.weight");
        yield return IndexText("index: no map", """{"metadata":{}}""", "has no object weight_map");
        yield return IndexText("index: empty map", """{"weight_map":{}}""", "names 0 files");
        yield return IndexText("index: number for a name", """{"weight_map":{"a":1}}""", "gives 1 for a where a file name was expected");
        yield return IndexText("index: an entry without tensor", null, "but it does not", index => index["weight_map"]!["ghost"] = "model-1.safetensors");
        yield return IndexText("index: a tensor without entry", null, "does not name", index => index["weight_map"]!.AsObject().Remove("model.norm.weight"));
        yield return new BrokenFile(
            "index: tensor in two shards",
            folder =>
            {
                WriteShards(folder, null);
                File.Copy(Path.Combine(folder, "model-1.safetensors"), Path.Combine(folder, "model-2.safetensors"), overwrite: true);
                return folder;
            },
            "says that model-1.safetensors holds");
        yield return new BrokenFile(
            "index: shards that link to each other",
            folder =>
            {
                WriteShards(folder, null);
                File.Delete(Path.Combine(folder, "model-1.safetensors"));
                File.CreateSymbolicLink(Path.Combine(folder, "model-1.safetensors"), "model-1b.safetensors");
                File.CreateSymbolicLink(Path.Combine(folder, "model-1b.safetensors"), "model-1.safetensors");
                return folder;
            },
            "model-1.safetensors");
    }

    private static BrokenFile Index(string name, string fileOfNorm, string fragment) =>
        IndexText(name, null, fragment, index => index["weight_map"]!["model.norm.weight"] = fileOfNorm);

    private static BrokenFile IndexText(string name, string? text, string fragment, Action<JsonObject>? change = null) => new(
        name,
        folder =>
        {
            WriteShards(folder, change);
            if (text is not null)
            {
                File.WriteAllText(Path.Combine(folder, "model.safetensors.index.json"), text);
            }

            return folder;
        },
        fragment);

    /// <summary>Writes the tiny model in two files, with a changed index.</summary>
    public static void WriteShards(string folder, Action<JsonObject>? change)
    {
        Without(folder, "model.safetensors");
        List<SafetensorsEntry> entries = TinyModel.Entries();
        var map = new JsonObject();
        foreach ((int i, List<SafetensorsEntry> part) in ((int, List<SafetensorsEntry>)[])[(2, entries[..10]), (1, entries[10..])])
        {
            File.WriteAllBytes(Path.Combine(folder, $"model-{i}.safetensors"), TinyModel.Safetensors(part));
            part.ForEach(entry => map[entry.Name] = $"model-{i}.safetensors");
        }

        var index = new JsonObject { ["metadata"] = new JsonObject(), ["weight_map"] = map };
        change?.Invoke(index);
        File.WriteAllText(Path.Combine(folder, "model.safetensors.index.json"), index.ToJsonString());
    }

    private static string Without(string folder, string file)
    {
        TinyModel.WriteFolder(folder);
        File.Delete(Path.Combine(folder, file));
        return folder;
    }

    private static void Replace(List<SafetensorsEntry> list, string name, string type, ulong[] shape, int bytes) =>
        list[list.FindIndex(entry => entry.Name == name)] = new SafetensorsEntry(name, type, shape, new byte[bytes]);
}
