using System.Text.Json;
using Lapidary.Checkpoints;

namespace Lapidary.Cli.Models;

/// <summary>The ids after which a model has nothing more to say: end of text, end of turn.</summary>
internal static class EndTokens
{
    /// <summary>
    /// What the checkpoint names: <c>eos_token_id</c> of generation_config.json, or else of config.json, a number or a list; of a GGUF
    /// file the ids of end of sequence and end of turn. Empty where it names none.
    /// </summary>
    public static int[] Of(Checkpoint checkpoint) => checkpoint switch
    {
        HuggingFaceFolder folder => Ids(folder.ReadGenerationConfig()) is { Length: > 0 } ids ? ids : OfConfig(folder.Config),
        GgufCheckpoint { Gguf.Metadata: var metadata } =>
        [
            .. new[] { "tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id" }
                .Where(key => metadata.TryGetValue(key, out GgufValue? value) && value is { IsArray: false, IsInteger: true })
                .Select(key => (int)metadata[key].ToInt64())
                .Distinct(),
        ],
        _ => [],
    };

    // The multimodal form keeps the text model's ids one level down.
    private static int[] OfConfig(JsonElement config) =>
        Ids(config) is { Length: > 0 } ids ? ids
        : config.TryGetProperty("text_config", out JsonElement text) && text.ValueKind == JsonValueKind.Object ? Ids(text) : [];

    private static int[] Ids(JsonElement? config)
    {
        if (config is not { ValueKind: JsonValueKind.Object } found || !found.TryGetProperty("eos_token_id", out JsonElement ids))
        {
            return [];
        }

        IEnumerable<JsonElement> elements = ids.ValueKind == JsonValueKind.Array ? ids.EnumerateArray() : [ids];
        return [.. elements
            .Where(element => element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out _))
            .Select(element => element.GetInt32())];
    }
}
