using System.Text.Json;
using Lapidary.Checkpoints;
using Lapidary.Cli.Output;
using Lapidary.Networks;
using Lapidary.Text;

namespace Lapidary.Cli.Models;

/// <summary>The facts about a checkpoint that <c>info</c> shows.</summary>
internal static class ModelSummary
{
    private const string Embedding = "model.embed_tokens.weight";

    /// <summary>What the files call the architecture.</summary>
    public static string Architecture(Checkpoint checkpoint) => checkpoint switch
    {
        HuggingFaceFolder { Config: var config }
            when config.TryGetProperty("architectures", out JsonElement names)
                && names.ValueKind == JsonValueKind.Array
                && names.GetArrayLength() > 0
                && names[0].ValueKind == JsonValueKind.String => names[0].GetString()!,
        GgufCheckpoint gguf => gguf.Gguf.Architecture ?? "unknown",
        _ => "unknown",
    };

    /// <summary>The sizes of the network.</summary>
    public static ArchitectureResult Sizes(Gemma3Config config) => new(
        config.VocabularySize,
        config.HiddenSize,
        config.Layers.Length,
        config.Layers.Count(layer => layer.Window is not null),
        config.HeadCount,
        config.KeyValueHeadCount,
        config.HeadDimension,
        config.IntermediateSize,
        config.Layers.Select(layer => layer.Window ?? 0).Max(),
        config.ContextLength);

    /// <summary>Numbers of parameters; the embedding counts once where it is also the output matrix.</summary>
    public static ParameterResult Parameters(Checkpoint checkpoint)
    {
        long total = checkpoint.Tensors.Values.Sum(tensor => tensor.Length);
        long embedding = checkpoint.Tensors.TryGetValue(Embedding, out TensorInfo? table) ? table.Length : 0;
        return new ParameterResult(total, embedding, total - embedding);
    }

    /// <summary>The types in use, the largest first.</summary>
    public static IReadOnlyList<TypeResult> Types(Checkpoint checkpoint) =>
    [
        .. checkpoint.Tensors.Values
            .GroupBy(tensor => tensor.Type.ToString())
            .Select(group => new TypeResult(
                group.Key, group.Count(), group.Sum(tensor => tensor.Length), group.Sum(tensor => tensor.ByteLength)))
            .OrderByDescending(type => type.Bytes)
            .ThenBy(type => type.Type, StringComparer.Ordinal),
    ];

    /// <summary>Every tensor, in the order of the files.</summary>
    public static IReadOnlyList<TensorResult> Tensors(Checkpoint checkpoint) =>
    [
        .. checkpoint.Tensors.Values.Select(tensor => new TensorResult(
            tensor.Name, tensor.Type.ToString(), tensor.Shape, tensor.ByteLength, Path.GetFileName(tensor.File))),
    ];

    /// <summary>The tokenizer, or null where there is none.</summary>
    public static TokenizerResult? Tokenizer(Checkpoint checkpoint)
    {
        if (!checkpoint.HasTokenizer)
        {
            return null;
        }

        Tokenizer tokenizer = Text.Tokenizer.Open(checkpoint.Path);
        return new TokenizerResult(
            tokenizer.Kind, tokenizer.VocabularySize, tokenizer.BosId, tokenizer.EosId, tokenizer.PadId, tokenizer.UnknownId, tokenizer.AddsBos);
    }

    /// <summary>Whether a chat template comes along: a file of its own, an entry of tokenizer_config.json, or metadata of GGUF.</summary>
    public static bool HasTemplate(Checkpoint checkpoint) => checkpoint switch
    {
        HuggingFaceFolder folder => File.Exists(folder.PathOf("chat_template.jinja"))
            || File.Exists(folder.PathOf("chat_template.json"))
            || NamesTemplate(folder.PathOf("tokenizer_config.json")),
        GgufCheckpoint gguf => gguf.Gguf.Metadata.ContainsKey("tokenizer.chat_template"),
        _ => false,
    };

    private static bool NamesTemplate(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        try
        {
            using FileStream file = File.OpenRead(path);
            using JsonDocument document = JsonDocument.Parse(file);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("chat_template", out _);
        }
        catch (Exception exception) when (exception is JsonException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, "expected a JSON object that can be read, found something else", exception);
        }
    }
}
