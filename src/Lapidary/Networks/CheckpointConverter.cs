using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lapidary.Checkpoints;
using Lapidary.Numerics;
using Lapidary.Text.Tokenizers;

namespace Lapidary.Networks;

/// <summary>Writes a checkpoint in another form. It stands with the networks because a GGUF file's configuration has to be understood.</summary>
public static partial class CheckpointConverter
{
    private static readonly string[] CarriedFiles = ["generation_config.json", "preprocessor_config.json", "processor_config.json"];

    /// <summary>
    /// Writes a Hugging Face folder. From a folder, names, tokenizer and configuration stay and only the type of floats changes; from a
    /// GGUF file of Gemma 3 quantized tensors are decoded, norms lose the 1 that GGUF adds, and its vocabulary becomes <c>tokenizer.json</c>.
    /// </summary>
    /// <param name="source">What to convert.</param>
    /// <param name="outputFolder">Where to write; neither the source nor inside it.</param>
    /// <param name="type">
    /// F32, F16 or BF16, or null to keep each tensor's type (for GGUF: the type of the embedding, or BF16 if that is quantized).
    /// </param>
    /// <param name="overwrite">Whether the output folder may hold files already.</param>
    /// <param name="shardLimit">Bytes of data above which several files are written.</param>
    /// <param name="withTokenizer">Whether the tokenizer is written, if the source has one.</param>
    /// <param name="progress">Told after each tensor.</param>
    /// <param name="cancellationToken">Stops the work; nothing is left behind then.</param>
    /// <exception cref="CheckpointException">
    /// The source is not valid, its tokenizer is of a kind that <c>tokenizer.json</c> cannot say, a value is not finite or does not fit into
    /// the type, or the output cannot be written.
    /// </exception>
    public static void ToHuggingFace(
        Checkpoint source,
        string outputFolder,
        ElementType? type = null,
        bool overwrite = false,
        long shardLimit = CheckpointWriter.DefaultShardLimit,
        bool withTokenizer = true,
        IProgress<ConversionProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        Convert(source, null, outputFolder, type, overwrite, shardLimit, withTokenizer, progress, cancellationToken);

    /// <summary>The same with adapters that become part of the weights.</summary>
    internal static void Convert(
        Checkpoint source,
        AppliedAdapters? adapters,
        string outputFolder,
        ElementType? type,
        bool overwrite,
        long shardLimit,
        bool withTokenizer,
        IProgress<ConversionProgress>? progress,
        CancellationToken cancellationToken)
    {
        if (type is ElementType asked && !StoredType.Of(asked).IsPlainFloat)
        {
            throw new ArgumentOutOfRangeException(nameof(type), type, "Hugging Face folders hold F32, F16 or BF16.");
        }

        RefuseInside(source.Path, outputFolder);
        using var output = new OutputFolder(outputFolder, overwrite);
        WriteInto(output, source, adapters, null, type, shardLimit, withTokenizer, progress, cancellationToken);
        output.Commit();
    }

    /// <summary>The same beside other files, with other numbers for some tensors: what training has changed.</summary>
    /// <param name="source">What is written where <paramref name="replacement"/> gives nothing.</param>
    /// <param name="output">Receives the files; its commit names them.</param>
    /// <param name="type">The type that is written.</param>
    /// <param name="replacement">
    /// Gives the tensor for a canonical name, stored as in <paramref name="source"/> (norms as w, or as 1 + w from a GGUF file), or null.
    /// </param>
    /// <param name="shardLimit">Bytes of data above which several files are written.</param>
    /// <param name="progress">Told after each tensor.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <inheritdoc cref="ToHuggingFace" path="/exception"/>
    public static void WriteHuggingFace(
        Checkpoint source,
        OutputFolder output,
        ElementType? type,
        Func<string, Tensor?>? replacement,
        long shardLimit = CheckpointWriter.DefaultShardLimit,
        IProgress<ConversionProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        WriteInto(output, source, null, replacement, type, shardLimit, HasSayableTokenizer(source), progress, cancellationToken);

    /// <summary>Whether the tokenizer of a model, if it has one, can be written: trained weights are worth writing without it, too.</summary>
    internal static bool HasSayableTokenizer(Checkpoint source)
    {
        try
        {
            _ = source is GgufCheckpoint { HasTokenizer: true } gguf ? GgufTokenizerFiles.Read(gguf.Gguf, length: 1) : null;
            return true;
        }
        catch (CheckpointException)
        {
            return false;
        }
    }

    private static void WriteInto(
        OutputFolder output,
        Checkpoint source,
        AppliedAdapters? adapters,
        Func<string, Tensor?>? replacement,
        ElementType? type,
        long shardLimit,
        bool withTokenizer,
        IProgress<ConversionProgress>? progress,
        CancellationToken cancellationToken)
    {
        Plan plan = source switch
        {
            HuggingFaceFolder folder => PlanFolder(folder, type, withTokenizer),
            GgufCheckpoint gguf => PlanGguf(gguf, type, withTokenizer),
            _ => throw new ArgumentException($"A checkpoint of format {source.Format} cannot be converted.", nameof(source)),
        };
        plan.WriteConfiguration(output);
        using var writer = new CheckpointWriter(output, plan.Tensors.Select(tensor => tensor.Target), shardLimit);
        PlannedTensor.WriteAll(plan.Tensors, source, adapters, replacement, writer, progress, cancellationToken);
        writer.Complete();
    }

    private static Plan PlanFolder(HuggingFaceFolder folder, ElementType? type, bool withTokenizer)
    {
        var tensors = new List<PlannedTensor>();
        foreach (TensorInfo info in folder.Tensors.Values)
        {
            if (type is not null && info.Type.Name.StartsWith('F') && !info.Type.IsPlainFloat)
            {
                throw new CheckpointException(info.File, $"tensor {info.StoredName} is stored as {info.Type}, which is not converted to {type}");
            }

            StoredType stored = type is ElementType target && info.Type.IsPlainFloat ? StoredType.Of(target) : info.Type;
            tensors.Add(new PlannedTensor(info, new TensorDeclaration(info.StoredName, stored, info.Shape), 0));
        }

        return new Plan(tensors, output =>
        {
            if (type is ElementType target)
            {
                output.Write("config.json", WithType(folder.Config, target));
            }
            else
            {
                output.Copy(folder.ConfigPath);
            }

            foreach (string file in (withTokenizer ? [.. HuggingFaceFolder.TokenizerFiles, .. CarriedFiles] : CarriedFiles).Select(folder.PathOf).Where(File.Exists))
            {
                output.Copy(file);
            }
        });
    }

    private static Plan PlanGguf(GgufCheckpoint gguf, ElementType? type, bool withTokenizer)
    {
        Gemma3Config config = Gemma3Config.From(gguf);
        config.Validate(gguf);
        TokenizerFiles? tokenizer = withTokenizer && gguf.HasTokenizer ? GgufTokenizerFiles.Read(gguf.Gguf, config.ContextLength) : null;
        ElementType target = type ?? TypeOfEmbedding(gguf);
        var expected = config.ExpectedTensors().Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
        var tensors = new List<PlannedTensor>();
        foreach (TensorInfo info in gguf.Tensors.Values)
        {
            if (!expected.Contains(info.Name))
            {
                throw new CheckpointException(info.File, $"tensor {info.StoredName} has no place in a Hugging Face folder of Gemma 3");
            }

            float shift = gguf.NormsIncludeOne && TensorNames.IsNorm(info.Name) ? -1 : 0;
            tensors.Add(new PlannedTensor(info, new TensorDeclaration(info.Name, StoredType.Of(target), info.Shape), shift));
        }

        return new Plan(tensors, output =>
        {
            output.Write("config.json", config.ToHuggingFace(target));
            output.Write("generation_config.json", WithSampling(config.ToGenerationConfig(), gguf.Gguf));
            tokenizer?.Save(output);
        });
    }

    // What the file recommends wins over what Google recommends for Gemma 3.
    private static JsonObject WithSampling(JsonObject generation, GgufFile gguf)
    {
        foreach ((string key, string name) in ((string, string)[])
            [("temp", "temperature"), ("top_k", "top_k"), ("top_p", "top_p"), ("min_p", "min_p"), ("penalty_repeat", "repetition_penalty")])
        {
            if (gguf.Metadata.TryGetValue("general.sampling." + key, out GgufValue? value) && double.IsFinite(value.ToDouble()))
            {
                // 0.95 as a float, written as a double, would be 0.949999988079071.
                generation[name] = value.IsInteger && name != "temperature"
                    ? value.ToInt64()
                    : double.Parse(((float)value.ToDouble()).ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
            }
        }

        // To transformers a temperature of 0 is an error; this is how it says the same.
        if (generation.TryGetPropertyValue("temperature", out JsonNode? temperature) && temperature!.GetValue<double>() == 0)
        {
            generation.Remove("temperature");
            generation["do_sample"] = false;
        }

        return generation;
    }

    // transformers up to version 4 says torch_dtype, version 5 says dtype; the parts of a multimodal model may say it again.
    private static JsonObject WithType(JsonElement config, ElementType type)
    {
        JsonObject copy = JsonObject.Create(config)!;
        string name = Gemma3Config.TorchName(type);
        if (!copy.ContainsKey("dtype"))
        {
            copy["torch_dtype"] = name;
        }

        foreach (JsonObject part in copy.Select(field => field.Value).OfType<JsonObject>().Append(copy))
        {
            foreach (string key in (ReadOnlySpan<string>)["dtype", "torch_dtype"])
            {
                if (part.ContainsKey(key))
                {
                    part[key] = name;
                }
            }
        }

        return copy;
    }

    /// <summary>Throws where a folder must not be written: files that are being read must not be replaced, nor may a checkpoint grow inside another.</summary>
    /// <param name="source">What is read.</param>
    /// <param name="outputFolder">Where is to be written.</param>
    /// <exception cref="CheckpointException">The folder is the source, or lies inside it.</exception>
    public static void CheckOutput(Checkpoint source, string outputFolder)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentException.ThrowIfNullOrEmpty(outputFolder);
        RefuseInside(source.Path, outputFolder);
    }

    private static void RefuseInside(string source, string output)
    {
        string from = Resolve(source);
        string to = Resolve(output);
        if (to == from || to.StartsWith(from + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new CheckpointException(output, $"lies in the checkpoint that is converted, {source}; another folder was expected");
        }
    }

    private static string Resolve(string path)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (Path.GetDirectoryName(full) is not string parent)
        {
            return full;
        }

        string resolved = Path.Combine(Resolve(parent), Path.GetFileName(full));
        try
        {
            return new DirectoryInfo(resolved).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? resolved;
        }
        catch (IOException)
        {
            return resolved;
        }
    }

    private sealed record Plan(List<PlannedTensor> Tensors, Action<OutputFolder> WriteConfiguration);
}
