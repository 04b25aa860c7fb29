using System.Collections.Immutable;
using Lapidary.Checkpoints;
using Lapidary.Numerics.Threading;
using Lapidary.Text;
using Lapidary.Text.Tokenizers;

namespace Lapidary.Networks;

/// <summary>
/// What a GGUF file of Gemma 3 is going to hold: metadata, and a name, type and shape for each tensor of a checkpoint. Norms are stored as
/// 1 + w, everything of one dimension as F32, and an output matrix that is tied to the embedding is left out.
/// </summary>
public sealed class GgufPlan
{
    // GGML_QNT_VERSION of ggml/include/ggml.h.
    private const uint QuantizationVersion = 2;
    private const string FileTypeKey = "general.file_type";
    private const string VersionKey = "general.quantization_version";

    // Read by llama.cpp where the file has no tokenizer.
    private const string VocabularySizeKey = "gemma3.vocab_size";

    private GgufPlan(GgufMetadata metadata, IReadOnlyList<PlannedTensor> tensors)
    {
        Metadata = metadata;
        Tensors = tensors;
    }

    /// <summary>What the file says beside its tensors.</summary>
    public GgufMetadata Metadata { get; }

    /// <summary>The tensors in the order of the source.</summary>
    public IReadOnlyList<PlannedTensor> Tensors { get; }

    /// <summary>Makes the plan.</summary>
    /// <param name="source">A folder or a GGUF file.</param>
    /// <param name="typeOf">
    /// The type of a matrix by its name in the file and its dimensions, outermost first: one that can be computed with and whose blocks divide
    /// a row.
    /// </param>
    /// <param name="fileType">The number for <c>general.file_type</c>, a value of llama_ftype in llama.h.</param>
    /// <param name="withTokenizer">Whether the tokenizer of a folder is needed; without one the file says that it has none.</param>
    /// <param name="importanceOf">
    /// How much each column of a matrix matters, by its name in the file and the length of its rows: as many numbers, finite and not negative,
    /// or none; null for none anywhere.
    /// </param>
    /// <exception cref="CheckpointException">The source is not a Gemma 3 model, or has something that such a file cannot say.</exception>
    public static GgufPlan Create(
        Checkpoint source,
        Func<string, ImmutableArray<long>, StoredType> typeOf,
        uint fileType,
        bool withTokenizer,
        Func<string, long, ReadOnlyMemory<float>>? importanceOf = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(typeOf);
        Gemma3Config config = Gemma3Config.From(source);
        config.Validate(source);
        List<PlannedTensor> tensors = PlanTensors(source, config, typeOf, importanceOf);
        GgufMetadata metadata = source switch
        {
            HuggingFaceFolder folder => Describe(folder, config, tensors.Sum(tensor => tensor.Source.Length), withTokenizer),
            GgufCheckpoint gguf => Carry(gguf.Gguf, withTokenizer),
            _ => throw new ArgumentException($"A checkpoint of format {source.Format} cannot be converted.", nameof(source)),
        };
        if (!withTokenizer)
        {
            metadata.Add(VocabularySizeKey, (uint)config.VocabularySize).Add("tokenizer.ggml.model", "no_vocab");
        }

        return new GgufPlan(metadata.Add(VersionKey, QuantizationVersion).Add(FileTypeKey, fileType), tensors);
    }

    /// <summary>
    /// Writes the file. Memory does not depend on the size of the model, and the bytes not on the number of threads. The file gets its name
    /// when it is complete.
    /// </summary>
    /// <param name="source">The checkpoint that the plan was made for.</param>
    /// <param name="path">The file; none of the source's.</param>
    /// <param name="overwrite">Whether a file that is there is replaced.</param>
    /// <param name="threads">Number of threads that encode.</param>
    /// <param name="progress">Told after each piece of a tensor.</param>
    /// <param name="cancellationToken">Stops the work; nothing is left behind then.</param>
    /// <exception cref="CheckpointException">
    /// A number is not finite or does not fit into its type, the path is one of the source's or is taken, or the file cannot be written.
    /// </exception>
    public void Write(
        Checkpoint source,
        string path,
        bool overwrite = false,
        int? threads = null,
        IProgress<ConversionProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentException.ThrowIfNullOrEmpty(path);
        CheckpointConverter.RefuseOutput(source, path, overwrite);
        using var pool = new WorkerPool(threads ?? Environment.ProcessorCount);
        using var rows = new RowCopy(pool);
        using var writer = new GgufWriter(path, Metadata, [.. Tensors.Select(tensor => tensor.Target)]);
        var report = new ProgressReport(progress, Tensors.Count, Tensors.Sum(tensor => tensor.Target.ByteLength));
        foreach (PlannedTensor tensor in Tensors)
        {
            tensor.WriteRows(source, rows, writer, report, cancellationToken);
        }

        writer.Complete();
    }

    private static List<PlannedTensor> PlanTensors(
        Checkpoint source,
        Gemma3Config config,
        Func<string, ImmutableArray<long>, StoredType> typeOf,
        Func<string, long, ReadOnlyMemory<float>>? importanceOf)
    {
        var expected = config.ExpectedTensors().Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
        var tensors = new List<PlannedTensor>();
        foreach (TensorInfo info in source.Tensors.Values)
        {
            if (!expected.Contains(info.Name))
            {
                if (info.Name == TensorNames.Output || IsVision(info.Name))
                {
                    continue;
                }

                throw new CheckpointException(info.File, $"tensor {info.StoredName} has no place in a GGUF file of Gemma 3");
            }

            string name = TensorNames.ToGguf(info.Name)!;
            bool isNorm = TensorNames.IsNorm(info.Name);
            StoredType type = info.Shape.Length < 2 || isNorm ? StoredType.Of(Numerics.ElementType.F32) : typeOf(name, info.Shape);
            float shift = isNorm && !source.NormsIncludeOne ? 1 : 0;
            bool isWeighed = importanceOf is not null && info.Shape.Length > 1 && !type.IsPlainFloat;
            tensors.Add(new PlannedTensor(info, new TensorDeclaration(name, type, info.Shape), shift)
            {
                Importance = isWeighed ? importanceOf!(name, info.Shape[^1]) : default,
            });
        }

        return tensors;
    }

    // The other half of a multimodal model, which llama.cpp keeps in a file of its own.
    private static bool IsVision(string name)
    {
        foreach (string part in (ReadOnlySpan<string>)["vision_tower.", "multi_modal_projector."])
        {
            if (name.StartsWith(part, StringComparison.Ordinal) || name.StartsWith("model." + part, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static GgufMetadata Describe(HuggingFaceFolder folder, Gemma3Config config, long parameters, bool withTokenizer)
    {
        GgufMetadata metadata = new GgufMetadata().Add("general.architecture", "gemma3").Add("general.type", "model");
        GeneralMetadata.Add(metadata, folder, parameters);
        config.AddTo(metadata, folder.ConfigPath);
        if (!withTokenizer)
        {
            return metadata;
        }

        if (!folder.HasTokenizer)
        {
            throw new CheckpointException(folder.Path, "has neither tokenizer.json nor tokenizer.model, which the GGUF file of a model needs");
        }

        GgufVocabulary.Read(folder.Path, config.VocabularySize).AddTo(metadata, config.EosTokenIds);
        AddTemplates(metadata, folder.Path);
        return metadata;
    }

    private static void AddTemplates(GgufMetadata metadata, string folder)
    {
        (ChatTemplateFiles.NamedTemplate? main, ChatTemplateFiles.NamedTemplate? tools) = ChatTemplateFiles.Find(folder);
        if (tools is not null)
        {
            metadata.Add($"tokenizer.chat_template.{ChatTemplateFiles.ToolUse}", tools.Source).Add("tokenizer.chat_templates", [ChatTemplateFiles.ToolUse]);
        }

        if (main is not null)
        {
            metadata.Add("tokenizer.chat_template", main.Source);
        }
    }

    // Everything that depends neither on the type of the weights nor on how the source was cut into files.
    private static GgufMetadata Carry(GgufFile gguf, bool withTokenizer)
    {
        var metadata = new GgufMetadata();
        foreach ((string key, GgufValue value) in gguf.Metadata)
        {
            bool isOfTypes = key is FileTypeKey or VersionKey or GgufWriter.AlignmentKey
                || key.StartsWith("quantize.", StringComparison.Ordinal) || key.StartsWith("split.", StringComparison.Ordinal);
            bool isOfTokenizer = key == VocabularySizeKey || key.StartsWith("tokenizer.", StringComparison.Ordinal);
            if (!isOfTypes && (withTokenizer || !isOfTokenizer))
            {
                metadata.Add(key, value);
            }
        }

        return metadata;
    }
}
