using System.Text;
using System.Text.Json.Nodes;

namespace Lapidary.Tests.Common;

/// <summary>The smallest Gemma 3 that is still one, written byte by byte and independently of the writers.</summary>
public static class TinyModel
{
    /// <summary>Layers of the model.</summary>
    public const int LayerCount = 2;

    /// <summary>The text form of its configuration.</summary>
    public static JsonObject Config() => new()
    {
        ["architectures"] = new JsonArray("Gemma3ForCausalLM"),
        ["model_type"] = "gemma3_text",
        ["torch_dtype"] = "float32",
        ["vocab_size"] = 16,
        ["hidden_size"] = 8,
        ["intermediate_size"] = 12,
        ["num_hidden_layers"] = LayerCount,
        ["num_attention_heads"] = 2,
        ["num_key_value_heads"] = 1,
        ["head_dim"] = 4,
        ["hidden_activation"] = "gelu_pytorch_tanh",
        ["max_position_embeddings"] = 64,
        ["rms_norm_eps"] = 1e-6,
        ["query_pre_attn_scalar"] = 4,
        ["rope_theta"] = 1000000.0,
        ["rope_local_base_freq"] = 10000.0,
        ["sliding_window"] = 5,
        ["sliding_window_pattern"] = 2,
        ["bos_token_id"] = 2,
        ["eos_token_id"] = 1,
        ["pad_token_id"] = 0,
    };

    /// <summary>Names of Hugging Face and of GGUF with shapes, outermost dimension first.</summary>
    public static List<(string Name, string Gguf, ulong[] Shape)> Tensors()
    {
        List<(string, string, ulong[])> tensors = [("model.embed_tokens.weight", "token_embd.weight", [16, 8])];
        for (int i = 0; i < LayerCount; i++)
        {
            string layer = $"model.layers.{i}.";
            string block = $"blk.{i}.";
            tensors.Add((layer + "input_layernorm.weight", block + "attn_norm.weight", [8]));
            tensors.Add((layer + "self_attn.q_proj.weight", block + "attn_q.weight", [8, 8]));
            tensors.Add((layer + "self_attn.k_proj.weight", block + "attn_k.weight", [4, 8]));
            tensors.Add((layer + "self_attn.v_proj.weight", block + "attn_v.weight", [4, 8]));
            tensors.Add((layer + "self_attn.o_proj.weight", block + "attn_output.weight", [8, 8]));
            tensors.Add((layer + "self_attn.q_norm.weight", block + "attn_q_norm.weight", [4]));
            tensors.Add((layer + "self_attn.k_norm.weight", block + "attn_k_norm.weight", [4]));
            tensors.Add((layer + "post_attention_layernorm.weight", block + "post_attention_norm.weight", [8]));
            tensors.Add((layer + "pre_feedforward_layernorm.weight", block + "ffn_norm.weight", [8]));
            tensors.Add((layer + "mlp.gate_proj.weight", block + "ffn_gate.weight", [12, 8]));
            tensors.Add((layer + "mlp.up_proj.weight", block + "ffn_up.weight", [12, 8]));
            tensors.Add((layer + "mlp.down_proj.weight", block + "ffn_down.weight", [8, 12]));
            tensors.Add((layer + "post_feedforward_layernorm.weight", block + "post_ffw_norm.weight", [8]));
        }

        tensors.Add(("model.norm.weight", "output_norm.weight", [8]));
        return tensors;
    }

    /// <summary>All tensors of the model as F32 zeros under their Hugging Face names.</summary>
    public static List<SafetensorsEntry> Entries() =>
        [.. Tensors().Select(tensor => new SafetensorsEntry(tensor.Name, "F32", tensor.Shape, new byte[Elements(tensor.Shape) * 4]))];

    /// <summary>Writes the model as a Hugging Face folder.</summary>
    public static string WriteFolder(string folder, Action<JsonObject>? config = null, Action<List<SafetensorsEntry>>? tensors = null)
    {
        JsonObject json = Config();
        config?.Invoke(json);
        List<SafetensorsEntry> entries = Entries();
        tensors?.Invoke(entries);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "config.json"), json.ToJsonString());
        File.WriteAllBytes(Path.Combine(folder, "model.safetensors"), Safetensors(entries));
        return folder;
    }

    /// <summary>The model as a GGUF file; norms are 1.</summary>
    public static GgufBuilder Gguf()
    {
        GgufBuilder builder = new GgufBuilder()
            .Set("general.architecture", "gemma3")
            .Set("gemma3.context_length", 64u)
            .Set("gemma3.embedding_length", 8u)
            .Set("gemma3.block_count", (uint)LayerCount)
            .Set("gemma3.feed_forward_length", 12u)
            .Set("gemma3.attention.head_count", 2u)
            .Set("gemma3.attention.head_count_kv", 1u)
            .Set("gemma3.attention.key_length", 4u)
            .Set("gemma3.attention.value_length", 4u)
            .Set("gemma3.attention.layer_norm_rms_epsilon", 1e-6f)
            .Set("gemma3.attention.sliding_window", 5u)
            .Set("gemma3.attention.sliding_window_pattern", 2u)
            .Set("gemma3.rope.freq_base", 1e6f)
            .Set("tokenizer.ggml.tokens", "<pad>", "<eos>", "<bos>", "<unk>", "a");
        foreach ((_, string name, ulong[] shape) in Tensors())
        {
            float[] values = new float[Elements(shape)];
            Array.Fill(values, shape.Length == 1 ? 1f : 0f);
            builder.Tensor(name, 0, shape, [.. values.SelectMany(BitConverter.GetBytes)]);
        }

        return builder;
    }

    /// <summary>The bytes of a safetensors file.</summary>
    public static byte[] Safetensors(IEnumerable<SafetensorsEntry> entries)
    {
        var header = new JsonObject();
        using var data = new MemoryStream();
        foreach (SafetensorsEntry entry in entries)
        {
            header[entry.Name] = new JsonObject
            {
                ["dtype"] = entry.Type,
                ["shape"] = new JsonArray([.. entry.Shape.Select(size => (JsonNode)size)]),
                ["data_offsets"] = new JsonArray(data.Length, data.Length + entry.Data.Length),
            };
            data.Write(entry.Data);
        }

        return Safetensors(header.ToJsonString(), data.ToArray());
    }

    /// <summary>The bytes of a safetensors file with any header.</summary>
    public static byte[] Safetensors(string header, byte[] data, ulong? length = null)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        return [.. BitConverter.GetBytes(length ?? (ulong)json.Length), .. json, .. data];
    }

    private static int Elements(ulong[] shape) => (int)shape.Aggregate(1UL, (product, size) => product * size);
}
