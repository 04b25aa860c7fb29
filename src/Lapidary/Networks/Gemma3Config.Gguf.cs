using System.Collections.Immutable;
using Lapidary.Checkpoints;

namespace Lapidary.Networks;

/// <content>Reading the metadata of a GGUF file. Keys and defaults are those of llama.cpp (src/models/gemma3.cpp, llama-model.cpp).</content>
public sealed partial record Gemma3Config
{
    private const string Architecture = "gemma3";

    /// <summary>Reads the configuration from metadata.</summary>
    /// <param name="metadata">The metadata of a file.</param>
    /// <param name="tensors">Its tensors under canonical names.</param>
    /// <param name="path">Named in errors.</param>
    internal static Gemma3Config FromGguf(
        IReadOnlyDictionary<string, GgufValue> metadata, IReadOnlyDictionary<string, TensorInfo> tensors, string path)
    {
        var keys = new GgufKeys(metadata, path);
        keys.RequireArchitecture();
        int layerCount = keys.Integer("block_count");
        CheckSize(path, "gemma3.block_count", layerCount, LayerLimit);
        int hidden = keys.Integer("embedding_length");
        int heads = keys.Integer("attention.head_count");
        CheckSize(path, "gemma3.embedding_length", hidden, DimensionLimit);
        CheckSize(path, "gemma3.attention.head_count", heads, DimensionLimit);
        int headDimension = keys.FindInteger("attention.key_length") ?? hidden / heads;
        CheckSize(path, "gemma3.attention.key_length", headDimension, DimensionLimit);
        RefuseOtherHeads(keys, headDimension);

        return new Gemma3Config
        {
            VocabularySize = ReadVocabularySize(tensors, path),
            HiddenSize = hidden,
            IntermediateSize = keys.Integer("feed_forward_length"),
            HeadCount = heads,
            KeyValueHeadCount = keys.FindInteger("attention.head_count_kv") ?? heads,
            HeadDimension = headDimension,
            AttentionScale = GgufAttentionScale(layerCount, hidden, heads, headDimension),
            RmsNormEpsilon = (float)(keys.FindNumber("attention.layer_norm_rms_epsilon")
                ?? throw new CheckpointException(path, "has no metadata key gemma3.attention.layer_norm_rms_epsilon")),
            ContextLength = keys.Integer("context_length"),
            SlidingWindow = keys.FindInteger("attention.sliding_window") is int window and > 0 ? window : 4096,
            Layers = ReadLayers(keys, layerCount),
            FinalLogitSoftcap = keys.FindCap("final_logit_softcapping"),
            AttentionLogitSoftcap = keys.FindCap("attn_logit_softcapping"),
            TiedEmbeddings = !tensors.ContainsKey("lm_head.weight"),
            BosTokenId = keys.FindToken("bos_token_id") ?? 2,
            PadTokenId = keys.FindToken("padding_token_id") ?? 0,
            EosTokenIds = ReadStopTokens(keys),
        }.Checked(path);
    }

    private static void RefuseOtherHeads(GgufKeys keys, int headDimension)
    {
        foreach (string name in (ReadOnlySpan<string>)["attention.value_length", "rope.dimension_count"])
        {
            if (keys.FindInteger(name) is int other && other != headDimension)
            {
                throw keys.Unsupported(name, $"{other}", $"{headDimension}, the width of a head,");
            }
        }
    }

    // The converter cuts the embedding to the vocabulary, so the matrix itself is the only witness.
    private static int ReadVocabularySize(IReadOnlyDictionary<string, TensorInfo> tensors, string path)
    {
        if (!tensors.TryGetValue("model.embed_tokens.weight", out TensorInfo? embedding))
        {
            throw new CheckpointException(path, "has no tensor token_embd.weight");
        }

        return embedding.Shape.Length == 2 && embedding.Shape[0] <= VocabularyLimit
            ? (int)embedding.Shape[0]
            : throw new CheckpointException(
                path,
                $"tensor token_embd.weight has the shape {TensorInfo.Describe(embedding.Shape.AsSpan())} where [vocabulary, hidden] was expected");
    }

    private static ImmutableArray<LayerSpec> ReadLayers(GgufKeys keys, int layerCount)
    {
        double globalBase = keys.FindNumber("rope.freq_base") ?? 1e4;
        double localBase = keys.FindNumber("rope.freq_base_swa") ?? 1e4;
        double scale = ReadScale(keys);
        int window = keys.FindInteger("attention.sliding_window") ?? 0;
        bool[] full = window > 0 ? ReadPattern(keys, layerCount) : Enumerable.Repeat(true, layerCount).ToArray();
        return [.. full.Select(all => all ? new LayerSpec(null, globalBase, scale) : new LayerSpec(window, localBase, 1))];
    }

    private static double ReadScale(GgufKeys keys)
    {
        double scale = keys.FindNumber("rope.scaling.factor") ?? keys.FindNumber("rope.scale_linear") ?? 0;
        return (keys.FindText("rope.scaling.type") ?? "linear") switch
        {
            "none" => 1,
            "linear" => scale == 0 ? 1 : scale,
            string other => throw keys.Unsupported("rope.scaling.type", $"\"{other}\"", "linear or none"),
        };
    }

    private static bool[] ReadPattern(GgufKeys keys, int layerCount)
    {
        const string Name = "attention.sliding_window_pattern";
        var full = new bool[layerCount];
        GgufValue? value = keys.Find(Name);
        if (value is { IsArray: true })
        {
            // One flag per layer, set where the layer slides.
            if (value.Count != layerCount)
            {
                throw keys.Unsupported(Name, $"an array of {value.Count}", $"one flag for each of {layerCount} layers");
            }

            bool[] slides = value.ElementType == GgufValueType.Bool
                ? value.ToBooleans()
                : Array.ConvertAll(value.ToInt64s(), flag => flag != 0);
            return Array.ConvertAll(slides, flag => !flag);
        }

        int pattern = keys.FindInteger(Name) ?? 6;
        if (pattern < 0)
        {
            throw keys.Unsupported(Name, $"{pattern}", "a positive number");
        }

        for (int i = 0; i < layerCount; i++)
        {
            full[i] = pattern != 0 && i % pattern == pattern - 1;
        }

        return full;
    }

    // A GGUF file has one eos_token_id, config.json has a list. As llama.cpp does, the words of the vocabulary that can only end a
    // generation count too: <end_of_turn> in files from before eot_token_id, and <eos> in files whose eos_token_id is <end_of_turn>.
    private static ImmutableArray<int> ReadStopTokens(GgufKeys keys)
    {
        var ids = new SortedSet<int> { keys.FindToken("eos_token_id") ?? 1 };
        if (keys.FindToken("eot_token_id") is int turn)
        {
            ids.Add(turn);
        }

        if (keys.FindTokens() is GgufValue tokens)
        {
            ids.Add(tokens.IndexOf("<eos>"u8));
            ids.Add(tokens.IndexOf("<end_of_turn>"u8));
            ids.Remove(-1);
        }

        return [.. ids];
    }

    /// <summary>The metadata of a file under the prefix of its architecture.</summary>
    private readonly struct GgufKeys(IReadOnlyDictionary<string, GgufValue> metadata, string path)
    {
        public void RequireArchitecture()
        {
            string found = metadata.GetValueOrDefault("general.architecture")?.ToText()
                ?? throw new CheckpointException(path, "has no metadata key general.architecture");
            Check(path, found == Architecture, $"general.architecture is \"{found}\", which is not supported; {Architecture} was expected");
        }

        public GgufValue? Find(string name) => metadata.GetValueOrDefault($"{Architecture}.{name}");

        public GgufValue? FindTokens() => metadata.GetValueOrDefault("tokenizer.ggml.tokens");

        public int? FindInteger(string name) => ToInteger(Find(name), $"{Architecture}.{name}");

        public int Integer(string name) =>
            FindInteger(name) ?? throw new CheckpointException(path, $"has no metadata key {Architecture}.{name}");

        public int? FindToken(string name) =>
            ToInteger(metadata.GetValueOrDefault($"tokenizer.ggml.{name}"), $"tokenizer.ggml.{name}");

        public double? FindNumber(string name)
        {
            double? number = Find(name)?.ToDouble();
            return number is double value && !double.IsFinite(value)
                ? throw Unsupported(name, $"{value}", "a finite number")
                : number;
        }

        // llama.cpp writes and reads 0 for no cap.
        public float? FindCap(string name) => FindNumber(name) is double cap and not 0 ? (float)cap : null;

        public string? FindText(string name) => Find(name)?.ToText();

        public CheckpointException Unsupported(string name, string found, string expected) =>
            new(path, $"{Architecture}.{name} is {found}, which is not supported; {expected} was expected");

        private int? ToInteger(GgufValue? value, string key)
        {
            if (value is null)
            {
                return null;
            }

            long number = value.ToInt64();
            return number is >= int.MinValue and <= int.MaxValue
                ? (int)number
                : throw new CheckpointException(path, $"{key} is {number} where a number below 2^31 was expected");
        }
    }
}
