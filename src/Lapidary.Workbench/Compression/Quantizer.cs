using System.Collections.Immutable;
using Lapidary.Checkpoints;
using Lapidary.Networks;
using Lapidary.Numerics;
using Lapidary.Numerics.Formats;

namespace Lapidary.Workbench.Compression;

/// <summary>Plans the quantization of a model; the plan writes the file.</summary>
public static class Quantizer
{
    // Times the squares of weights and of the largest integers of a block, and summed over a block, it is still a number of 32 bits. Of inputs
    // of a real network the mean square is far smaller.
    private const float LargestImportance = 1e20f;

    /// <summary>Decides the type of every tensor and what the file says of itself. Reads headers and the tokenizer, no weights.</summary>
    /// <param name="source">A Gemma 3 folder or GGUF file.</param>
    /// <param name="options">How.</param>
    /// <exception cref="CheckpointException">
    /// The source is not a valid Gemma 3 model or is quantized already, its rows are no whole number of blocks of a type that was asked for,
    /// an override matches none of its matrices, or the importance matrix is that of another model.
    /// </exception>
    public static GgufPlan Plan(Checkpoint source, QuantizationOptions options)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(options);
        options.Importance?.CheckModel(source);
        NetworkShape network = NetworkShape.Of(Gemma3Config.From(source));
        GgufPlan plan = GgufPlan.Create(
            source,
            (name, shape) => StoredType.Of(TypeOf(source.Path, name, shape, network, options)),
            options.Mix.FileType,
            options.WithTokenizer,
            options.Importance is { } importance ? (name, columns) => Weights(importance, name, columns) : null);
        options.Importance?.Describe(plan.Metadata);
        foreach (TensorTypeOverride pattern in options.Overrides)
        {
            if (!plan.Tensors.Any(tensor => tensor.Target.Shape.Length > 1 && pattern.Matches(tensor.Target.Name)))
            {
                throw new CheckpointException(source.Path, $"has no matrix whose GGUF name matches {pattern.Pattern}");
            }
        }

        if (!options.AllowRequantize)
        {
            RefuseRequantized(plan);
        }

        return plan;
    }

    private static ElementType TypeOf(
        string path, string name, ImmutableArray<long> shape, NetworkShape network, QuantizationOptions options)
    {
        ElementType? asked = options.Types.TryGetValue(name, out ElementType chosen) ? chosen
            : options.Overrides.FirstOrDefault(pattern => pattern.Matches(name))?.Type
            ?? (options.Pure ? options.Mix.BaseType : null);
        if (asked is not ElementType type)
        {
            return options.Mix.TypeOf(name, shape[^1], network, options.Importance is not null);
        }

        return QuantizationMix.Fits(type, shape[^1])
            ? type
            : throw new CheckpointException(
                path,
                $"tensor {name} has rows of {shape[^1]} numbers, which are no whole number of {type} blocks of {WeightFormat.Of(type).BlockLength}");
    }

    private static float[] Weights(ImportanceMatrix importance, string name, long columns)
    {
        float[] weights = importance.ImportanceOf(name, columns);
        int column = Array.FindIndex(weights, weight => weight > LargestImportance);
        return column < 0
            ? weights
            : throw new CheckpointException(
                importance.Path, $"gives column {column} of {name} an importance of {weights[column]:R} where at most {LargestImportance:R} was expected");
    }

    private static void RefuseRequantized(GgufPlan plan)
    {
        PlannedTensor? quantized = plan.Tensors.FirstOrDefault(tensor => !tensor.Source.Type.IsPlainFloat && tensor.Source.Type != tensor.Target.Type);
        if (quantized is not null)
        {
            throw new CheckpointException(
                quantized.Source.File,
                $"tensor {quantized.Source.StoredName} is {quantized.Source.Type} already where F32, F16 or BF16 was expected; "
                + "quantizing again adds the errors of both (--allow-requantize allows it)");
        }
    }
}
