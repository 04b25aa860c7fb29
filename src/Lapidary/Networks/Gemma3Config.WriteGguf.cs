using System.Globalization;
using Lapidary.Checkpoints;

namespace Lapidary.Networks;

/// <content>Writing the metadata of a GGUF file, with the keys that llama.cpp reads (src/models/gemma3.cpp).</content>
public sealed partial record Gemma3Config
{
    // Every sixth layer is global where the file says nothing.
    private const int UsualPattern = 6;

    /// <summary>Adds the keys of the architecture.</summary>
    /// <param name="metadata">Receives them.</param>
    /// <param name="path">The model, named in errors.</param>
    /// <exception cref="CheckpointException">The model has something that such a file cannot say.</exception>
    internal void AddTo(GgufMetadata metadata, string path)
    {
        CheckSayable(path);
        void Add<T>(string name, T value)
            where T : unmanaged => metadata.Add($"{Architecture}.{name}", value);

        Add("context_length", (uint)ContextLength);
        Add("embedding_length", (uint)HiddenSize);
        Add("block_count", (uint)LayerCount);
        Add("feed_forward_length", (uint)IntermediateSize);
        Add("attention.head_count", (uint)HeadCount);
        Add("attention.head_count_kv", (uint)KeyValueHeadCount);
        Add("attention.key_length", (uint)HeadDimension);
        Add("attention.value_length", (uint)HeadDimension);
        Add("attention.layer_norm_rms_epsilon", RmsNormEpsilon);
        LayerSpec? global = SpecOf(full: true);
        LayerSpec? local = SpecOf(full: false);
        Add("rope.freq_base", (float)(global?.RopeBase ?? 1e6));
        if (global is { RopeScale: not 1 and var scale })
        {
            metadata.Add($"{Architecture}.rope.scaling.type", "linear");
            Add("rope.scaling.factor", (float)scale);
        }

        if (local is { Window: int window, RopeBase: var localBase })
        {
            Add("rope.freq_base_swa", (float)localBase);
            Add("attention.sliding_window", (uint)window);
            AddPattern(metadata);
        }

        if (FinalLogitSoftcap is float cap)
        {
            Add("final_logit_softcapping", cap);
        }
    }

    private void AddPattern(GgufMetadata metadata)
    {
        const string Name = $"{Architecture}.attention.sliding_window_pattern";
        if (Follows(UsualPattern))
        {
            return;
        }

        // 0 is llama.cpp's way to say that no layer is global.
        int first = Layers.TakeWhile(layer => layer.Window is not null).Count();
        int period = first == LayerCount ? 0 : first + 1;
        if (Follows(period))
        {
            metadata.Add(Name, (uint)period);
        }
        else
        {
            metadata.Add<bool>(Name, Array.ConvertAll([.. Layers], layer => layer.Window is not null));
        }
    }

    private bool Follows(int period)
    {
        for (int i = 0; i < LayerCount; i++)
        {
            if (Layers[i].Window is null != (period != 0 && i % period == period - 1))
            {
                return false;
            }
        }

        return true;
    }

    // llama.cpp would compute something else without a word.
    private void CheckSayable(string path)
    {
        float scale = GgufAttentionScale(LayerCount, HiddenSize, HeadCount, HeadDimension);
        Check(
            path,
            AttentionScale == scale,
            string.Create(CultureInfo.InvariantCulture, $"scales attention by {AttentionScale:R} (query_pre_attn_scalar) where GGUF files of {Architecture} mean {scale:R}"));
        Check(path, AttentionLogitSoftcap is null, $"has attn_logit_softcapping, which GGUF files of {Architecture} cannot say");
        Check(
            path,
            Layers.All(layer => layer.Window is null || layer.RopeScale == 1),
            $"stretches the positions of its sliding layers, which GGUF files of {Architecture} cannot say");
    }

    // llama.cpp knows the 27B model by its 62 layers, and divides as integers.
    private static float GgufAttentionScale(int layerCount, int hidden, int heads, int headDimension) =>
        (float)(1 / Math.Sqrt(layerCount == 62 ? hidden / heads : headDimension));
}
