using System.Collections.Immutable;
using Lapidary.Checkpoints;

namespace Lapidary.Networks;

/// <content>Reading the metadata of a GGUF file. Keys and defaults are those of llama.cpp (src/models/gemma3.cpp, llama-model.cpp).</content>
public sealed partial record Gemma3Config
{
    private const string Architecture = "gemma3";

    private static Gemma3Config FromGguf(GgufCheckpoint checkpoint)
    {
        GgufFile file = checkpoint.Gguf;
        string architecture = file.Architecture ?? throw new CheckpointException(file.Path, "has no metadata key general.architecture");
        if (architecture != Architecture)
        {
            throw new CheckpointException(
                file.Path, $"general.architecture is \"{architecture}\", which is not supported; {Architecture} was expected");
        }

        var keys = new GgufKeys(file);
        int layerCount = keys.Integer("block_count");
        CheckSize(file.Path, "gemma3.block_count", layerCount, LayerLimit);
        int hidden = keys.Integer("embedding_length");
        int heads = keys.Integer("attention.head_count");
        CheckSize(file.Path, "gemma3.embedding_length", hidden, DimensionLimit);
        CheckSize(file.Path, "gemma3.attention.head_count", heads, DimensionLimit);
        int headDimension = keys.FindInteger("attention.key_length") ?? hidden / heads;
        CheckSize(file.Path, "gemma3.attention.key_length", headDimension, DimensionLimit);
        RefuseOtherHeads(keys, headDimension);

        return new Gemma3Config
        {
            VocabularySize = ReadVocabularySize(checkpoint),
            HiddenSize = hidden,
            IntermediateSize = keys.Integer("feed_forward_length"),
            HeadCount = heads,
            KeyValueHeadCount = keys.FindInteger("attention.head_count_kv") ?? heads,
            HeadDimension = headDimension,

            // llama.cpp knows the 27B model by its 62 layers, and divides as integers.
            AttentionScale = (float)(1 / Math.Sqrt(layerCount == 62 ? hidden / heads : headDimension)),
            RmsNormEpsilon = (float)(keys.FindNumber("attention.layer_norm_rms_epsilon")
                ?? throw new CheckpointException(file.Path, "has no metadata key gemma3.attention.layer_norm_rms_epsilon")),
            ContextLength = keys.Integer("context_length"),
            SlidingWindow = keys.FindInteger("attention.sliding_window") is int window and > 0 ? window : 4096,
            Layers = ReadLayers(keys, layerCount),
            FinalLogitSoftcap = keys.FindCap("final_logit_softcapping"),
            AttentionLogitSoftcap = keys.FindCap("attn_logit_softcapping"),
            TiedEmbeddings = !checkpoint.Tensors.ContainsKey("lm_head.weight"),
            BosTokenId = keys.FindToken("bos_token_id") ?? 2,
            PadTokenId = keys.FindToken("padding_token_id") ?? 0,
            EosTokenIds = ReadStopTokens(file, keys),
        }.Checked(file.Path);
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
    private static int ReadVocabularySize(GgufCheckpoint checkpoint)
    {
        if (!checkpoint.Tensors.TryGetValue("model.embed_tokens.weight", out TensorInfo? embedding))
        {
            throw new CheckpointException(checkpoint.Path, "has no tensor token_embd.weight");
        }

        return embedding.Shape.Length == 2 && embedding.Shape[0] <= VocabularyLimit
            ? (int)embedding.Shape[0]
            : throw new CheckpointException(
                checkpoint.Path,
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

    // Instruction-tuned models end a turn with <end_of_turn>, which files from before eot_token_id only show by its name in the vocabulary.
    private static ImmutableArray<int> ReadStopTokens(GgufFile file, GgufKeys keys)
    {
        var ids = new List<int> { keys.FindToken("eos_token_id") ?? 1 };
        int turn = keys.FindToken("eot_token_id") ?? -1;
        if (turn < 0 && file.Metadata.TryGetValue("tokenizer.ggml.tokens", out GgufValue? tokens))
        {
            turn = tokens.IndexOf("<end_of_turn>"u8);
        }

        if (turn >= 0 && !ids.Contains(turn))
        {
            ids.Add(turn);
        }

        return [.. ids];
    }

    /// <summary>The metadata of a file under the prefix of its architecture.</summary>
    private readonly struct GgufKeys(GgufFile file)
    {
        public GgufValue? Find(string name) => file.Metadata.GetValueOrDefault($"{Architecture}.{name}");

        public int? FindInteger(string name) => ToInteger(Find(name), $"{Architecture}.{name}");

        public int Integer(string name) =>
            FindInteger(name) ?? throw new CheckpointException(file.Path, $"has no metadata key {Architecture}.{name}");

        public int? FindToken(string name) =>
            ToInteger(file.Metadata.GetValueOrDefault($"tokenizer.ggml.{name}"), $"tokenizer.ggml.{name}");

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
            new(file.Path, $"{Architecture}.{name} is {found}, which is not supported; {expected} was expected");

        private int? ToInteger(GgufValue? value, string key)
        {
            if (value is null)
            {
                return null;
            }

            long number = value.ToInt64();
            return number is >= int.MinValue and <= int.MaxValue
                ? (int)number
                : throw new CheckpointException(file.Path, $"{key} is {number} where a number below 2^31 was expected");
        }
    }
}
