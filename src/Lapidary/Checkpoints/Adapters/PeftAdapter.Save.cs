using Lapidary.Numerics;

namespace Lapidary.Checkpoints.Adapters;

/// <content>Writing.</content>
public sealed partial class PeftAdapter
{
    /// <summary>Writes a LoRA into a folder of its own.</summary>
    /// <param name="folder">Where to write.</param>
    /// <param name="config">What the pairs are; they must agree with it.</param>
    /// <param name="pairs">The updates.</param>
    /// <param name="overwrite">Whether the folder may hold files already.</param>
    /// <exception cref="ArgumentException">A pair's rank, scale or name is not what the configuration says.</exception>
    /// <exception cref="CheckpointException">The files cannot be written.</exception>
    public static void Save(string folder, LoraConfig config, IEnumerable<LoraPair> pairs, bool overwrite = false)
    {
        using var output = new OutputFolder(folder, overwrite);
        Save(output, config, pairs);
        output.Commit();
    }

    /// <summary>Writes a LoRA beside other files; they get their names in the folder's commit.</summary>
    /// <inheritdoc cref="Save(string, LoraConfig, IEnumerable{LoraPair}, bool)"/>
    public static void Save(OutputFolder folder, LoraConfig config, IEnumerable<LoraPair> pairs)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(config);
        var named = new List<(string Name, Tensor Tensor)>();
        foreach (LoraPair pair in pairs)
        {
            Check(config, pair);
            named.Add((PeftNames.A(pair.Module), pair.A));
            named.Add((PeftNames.B(pair.Module), pair.B));
            if (pair.Magnitude is not null)
            {
                named.Add((PeftNames.Magnitude(pair.Module), pair.Magnitude));
            }
        }

        folder.Write(ConfigFile, config.ToJson());
        WriteTensors(folder, named);
    }

    /// <summary>Writes a tuned prompt into a folder of its own.</summary>
    /// <param name="folder">Where to write.</param>
    /// <param name="config">What the vectors are.</param>
    /// <param name="embeddings">[virtual tokens, hidden], F32.</param>
    /// <param name="overwrite">Whether the folder may hold files already.</param>
    /// <exception cref="ArgumentException">The shape is not what the configuration says.</exception>
    /// <exception cref="CheckpointException">The files cannot be written.</exception>
    public static void Save(string folder, PromptTuningConfig config, Tensor embeddings, bool overwrite = false)
    {
        using var output = new OutputFolder(folder, overwrite);
        Save(output, config, embeddings);
        output.Commit();
    }

    /// <summary>Writes a tuned prompt beside other files; they get their names in the folder's commit.</summary>
    /// <inheritdoc cref="Save(string, PromptTuningConfig, Tensor, bool)"/>
    public static void Save(OutputFolder folder, PromptTuningConfig config, Tensor embeddings)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(embeddings);
        if (!embeddings.Shape.AsSpan().SequenceEqual([config.VirtualTokens, config.TokenDimension]))
        {
            throw new ArgumentException("The vectors have another shape than the configuration says.", nameof(embeddings));
        }

        folder.Write(ConfigFile, config.ToJson());
        WriteTensors(folder, [(PromptTensor, embeddings)]);
    }

    // A reader goes by the configuration, so what does not agree with it would come back as something else.
    private static void Check(LoraConfig config, LoraPair pair)
    {
        bool agrees = config.IsTarget(pair.Module)
            && TensorNames.FromHuggingFace(pair.Module + ".weight") == pair.WeightName
            && pair.A.Shape is [long rank, _] && pair.B.Shape is [long outputs, long same] && same == rank
            && config.RankOf(pair.Module) == rank
            && config.ScaleOf(pair.Module) == pair.Scale
            && config.UseDora == pair.Magnitude is not null
            && (pair.Magnitude is null || pair.Magnitude.Shape.AsSpan().SequenceEqual([outputs]));
        if (!agrees)
        {
            throw new ArgumentException($"The update of {pair.WeightName} is not what the configuration says.", nameof(pair));
        }
    }

    // In the order of their names, as the safetensors library writes tensors of one type.
    private static void WriteTensors(OutputFolder folder, List<(string Name, Tensor Tensor)> named)
    {
        named.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        TensorDeclaration[] declarations =
            [.. named.Select(entry => new TensorDeclaration(entry.Name, StoredType.Of(entry.Tensor.Type), entry.Tensor.Shape))];
        string path = System.IO.Path.Combine(folder.Path, WeightsFile);
        using var writer = new SafetensorsWriter(path, folder.Stage(WeightsFile), declarations, null);
        foreach ((_, Tensor tensor) in named)
        {
            writer.Write(tensor);
        }

        writer.Complete();
    }
}
