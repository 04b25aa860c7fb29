using Lapidary.Checkpoints;
using Lapidary.Numerics;

namespace Lapidary.Networks;

/// <content>Writing whole models as GGUF.</content>
public static partial class CheckpointConverter
{
    /// <summary>
    /// Writes a GGUF file of Gemma 3 that llama.cpp and Ollama load: weights, tokenizer, chat template, and what the model card says of names,
    /// licence and base model. Of a multimodal folder it is the text part. From a GGUF file, matrices are decoded and stored anew, and the
    /// rest stays.
    /// </summary>
    /// <param name="source">What to convert.</param>
    /// <param name="path">The file to write; none of the source's.</param>
    /// <param name="type">F32, F16 or BF16 for matrices, or null for the type of the embedding (BF16 if that is quantized). Norms are F32.</param>
    /// <param name="withTokenizer">Whether the tokenizer is written; without one the file deals in token ids.</param>
    /// <param name="overwrite">Whether a file that is there is replaced.</param>
    /// <param name="progress">Told after each tensor.</param>
    /// <param name="cancellationToken">Stops the work; nothing is left behind then.</param>
    /// <exception cref="CheckpointException">
    /// The source is not a valid Gemma 3 model, has no tokenizer or something that a GGUF file cannot say, a value is not finite or does not
    /// fit into the type, or the output cannot be written.
    /// </exception>
    public static void ToGguf(
        Checkpoint source,
        string path,
        ElementType? type = null,
        bool withTokenizer = true,
        bool overwrite = false,
        IProgress<ConversionProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentException.ThrowIfNullOrEmpty(path);
        ElementType target = type ?? TypeOfEmbedding(source);
        StoredType stored = StoredType.Of(target);
        uint fileType = target switch
        {
            // llama_ftype of llama.h.
            ElementType.F32 => 0,
            ElementType.F16 => 1,
            ElementType.BF16 => 32,
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "The type is F32, F16 or BF16."),
        };
        RefuseOutput(source, path, overwrite);
        GgufPlan.Create(source, (_, _) => stored, fileType, withTokenizer)
            .Write(source, path, overwrite, progress: progress, cancellationToken: cancellationToken);
    }

    /// <summary>Throws unless a file can be written at this path.</summary>
    internal static void RefuseOutput(Checkpoint source, string path, bool overwrite)
    {
        string output = Resolve(path);
        if (source.Files.Any(file => Resolve(file) == output))
        {
            throw new CheckpointException(path, $"is a file of the checkpoint that is converted, {source.Path}; another file was expected");
        }

        if (Directory.Exists(path))
        {
            throw new CheckpointException(path, "is a folder where a file to write was expected");
        }

        if (!overwrite && File.Exists(path))
        {
            throw new CheckpointException(path, "is there already; a file is not overwritten unless that is asked for");
        }
    }

    private static ElementType TypeOfEmbedding(Checkpoint source) =>
        source.Tensors.TryGetValue(TensorNames.Embedding, out TensorInfo? embedding) && embedding.Type.IsPlainFloat
            ? embedding.Type.ElementType!.Value
            : ElementType.BF16;
}
