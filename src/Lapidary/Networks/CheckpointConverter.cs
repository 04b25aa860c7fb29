using System.Text.Json;
using System.Text.Json.Nodes;
using Lapidary.Checkpoints;
using Lapidary.Numerics;

namespace Lapidary.Networks;

/// <summary>Writes a checkpoint in another form. It stands with the networks because a GGUF file's configuration has to be understood.</summary>
public static class CheckpointConverter
{
    private static readonly string[] CarriedFiles =
        [.. HuggingFaceFolder.TokenizerFiles, "generation_config.json", "preprocessor_config.json", "processor_config.json"];

    /// <summary>
    /// Writes a Hugging Face folder. From a folder, names, tokenizer and configuration stay and only the type of floats changes; from a
    /// GGUF file of Gemma 3 quantized tensors are decoded and norms lose the 1 that GGUF adds (the tokenizer stays behind).
    /// </summary>
    /// <param name="source">What to convert.</param>
    /// <param name="outputFolder">Where to write; neither the source nor inside it.</param>
    /// <param name="type">
    /// F32, F16 or BF16, or null to keep each tensor's type (for GGUF: the type of the embedding, or BF16 if that is quantized).
    /// </param>
    /// <param name="overwrite">Whether the output folder may hold files already.</param>
    /// <param name="shardLimit">Bytes of data above which several files are written.</param>
    /// <param name="progress">Told after each tensor.</param>
    /// <param name="cancellationToken">Stops the work; nothing is left behind then.</param>
    /// <exception cref="CheckpointException">
    /// The source is not valid, a value is not finite or does not fit into the type, or the output cannot be written.
    /// </exception>
    public static void ToHuggingFace(
        Checkpoint source,
        string outputFolder,
        ElementType? type = null,
        bool overwrite = false,
        long shardLimit = CheckpointWriter.DefaultShardLimit,
        IProgress<ConversionProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        Convert(source, null, outputFolder, type, overwrite, shardLimit, progress, cancellationToken);

    /// <summary>The same with adapters that become part of the weights.</summary>
    internal static void Convert(
        Checkpoint source,
        AppliedAdapters? adapters,
        string outputFolder,
        ElementType? type,
        bool overwrite,
        long shardLimit,
        IProgress<ConversionProgress>? progress,
        CancellationToken cancellationToken)
    {
        if (type is ElementType asked && !StoredType.Of(asked).IsPlainFloat)
        {
            throw new ArgumentOutOfRangeException(nameof(type), type, "Hugging Face folders hold F32, F16 or BF16.");
        }

        RefuseInside(source.Path, outputFolder);
        using var output = new OutputFolder(outputFolder, overwrite);
        WriteInto(output, source, adapters, null, type, shardLimit, progress, cancellationToken);
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
        WriteInto(output, source, null, replacement, type, shardLimit, progress, cancellationToken);

    private static void WriteInto(
        OutputFolder output,
        Checkpoint source,
        AppliedAdapters? adapters,
        Func<string, Tensor?>? replacement,
        ElementType? type,
        long shardLimit,
        IProgress<ConversionProgress>? progress,
        CancellationToken cancellationToken)
    {
        Plan plan = source switch
        {
            HuggingFaceFolder folder => PlanFolder(folder, type),
            GgufCheckpoint gguf => PlanGguf(gguf, type),
            _ => throw new ArgumentException($"A checkpoint of format {source.Format} cannot be converted.", nameof(source)),
        };
        plan.WriteConfiguration(output);
        using var writer = new CheckpointWriter(output, plan.Tensors.Select(tensor => tensor.Target), shardLimit);
        var report = new ProgressReport(progress, plan.Tensors.Count, plan.Tensors.Sum(tensor => tensor.Target.ByteLength));
        foreach (PlannedTensor tensor in plan.Tensors)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Write(source, tensor, adapters, replacement, writer, cancellationToken);
            report.Done(tensor.Target.Name, tensor.Target.ByteLength);
        }

        writer.Complete();
    }

    private static Plan PlanFolder(HuggingFaceFolder folder, ElementType? type)
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

            foreach (string file in CarriedFiles.Select(folder.PathOf).Where(File.Exists))
            {
                output.Copy(file);
            }
        });
    }

    private static Plan PlanGguf(GgufCheckpoint gguf, ElementType? type)
    {
        Gemma3Config config = Gemma3Config.From(gguf);
        config.Validate(gguf);
        StoredType embedding = gguf.Tensors["model.embed_tokens.weight"].Type;
        ElementType target = type ?? (embedding.IsPlainFloat ? embedding.ElementType!.Value : ElementType.BF16);
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
            output.Write("generation_config.json", config.ToGenerationConfig());
        });
    }

    private static void Write(
        Checkpoint source,
        PlannedTensor tensor,
        AppliedAdapters? adapters,
        Func<string, Tensor?>? replacement,
        CheckpointWriter writer,
        CancellationToken cancellationToken)
    {
        TensorInfo info = tensor.Source;
        if (tensor.Target.Type.IsPlainFloat)
        {
            Tensor numbers = replacement?.Invoke(info.Name) ?? source.GetTensor(info.Name);
            LowRankUpdate? update = adapters?.UpdateOf(info.Name, numbers);
            TensorCopy.Change? change = update is not null ? update.Apply : tensor.Shift != 0 ? Shift(tensor.Shift) : null;
            TensorCopy.Convert(
                numbers, info, change, tensor.Target.Type.ElementType!.Value, writer, cancellationToken);
            return;
        }

        if (adapters?.Change(info.Name) == true)
        {
            throw new CheckpointException(info.File, $"tensor {info.StoredName} is stored as {info.Type}, which an adapter cannot be merged into");
        }

        // Whole numbers and types that are not computed with pass through as they are.
        const int Piece = 1 << 26;
        for (long done = 0; done < info.ByteLength; done += Piece)
        {
            cancellationToken.ThrowIfCancellationRequested();
            writer.Write(source.FileOf(info).Slice(info.Offset + done, (int)Math.Min(Piece, info.ByteLength - done)));
        }
    }

    private static TensorCopy.Change Shift(float shift) => (_, values) =>
    {
        foreach (ref float value in values)
        {
            value += shift;
        }
    };

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

    // Files that are being read must not be replaced, nor may a checkpoint grow inside another.
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

    private sealed record PlannedTensor(TensorInfo Source, TensorDeclaration Target, float Shift);

    private sealed record Plan(List<PlannedTensor> Tensors, Action<OutputFolder> WriteConfiguration);
}
