using Lapidary.Checkpoints;
using Lapidary.Checkpoints.Adapters;
using Lapidary.Numerics;

namespace Lapidary.Networks;

/// <summary>Turns adapters into something else: into weights, by merging them, or into the adapter file of llama.cpp.</summary>
public static class AdapterConverter
{
    /// <summary>
    /// Writes a Hugging Face folder whose weights have the adapters in them: W + u s B A, or for DoRA W + u (m (W + s B A) / ||W + s B A|| - W),
    /// with u the <see cref="AdapterReference.Scale"/>. Computed in float32 and rounded once; everything else is as in
    /// <see cref="CheckpointConverter.ToHuggingFace"/>, the tensors pass through one by one.
    /// </summary>
    /// <param name="model">The base.</param>
    /// <param name="adapters">LoRAs that were made for it.</param>
    /// <param name="outputFolder">Where to write; neither the model nor inside it.</param>
    /// <param name="type">F32, F16 or BF16, or null to keep each tensor's type (for GGUF: the type of the embedding, or BF16 if that is quantized).</param>
    /// <param name="overwrite">Whether the output folder may hold files already.</param>
    /// <param name="shardLimit">Bytes of data above which several files are written.</param>
    /// <param name="keepZeros">
    /// Whether weights that are zero in the base stay zero, so that a pruned model stays pruned. B A is dense, so the result then computes
    /// something else than the adapter beside the base.
    /// </param>
    /// <param name="progress">Told after each tensor.</param>
    /// <param name="cancellationToken">Stops the work; nothing is left behind then.</param>
    /// <returns>What became of the zeros of the matrices that were changed.</returns>
    /// <exception cref="CheckpointException">
    /// An adapter is not valid, does not fit or cannot be merged, a merged value is not finite or does not fit into the type, or the output
    /// cannot be written.
    /// </exception>
    public static MergedZeros Merge(
        Checkpoint model,
        IReadOnlyList<AdapterReference> adapters,
        string outputFolder,
        ElementType? type = null,
        bool overwrite = false,
        long shardLimit = CheckpointWriter.DefaultShardLimit,
        bool keepZeros = false,
        IProgress<ConversionProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(adapters);
        Gemma3Config config = Gemma3Config.From(model);
        config.Validate(model);
        using AppliedAdapters applied = AppliedAdapters.Open(model, adapters);
        applied.CheckMergeable(config.TiedEmbeddings);
        var zeros = new ZeroTally(keepZeros);
        applied.Zeros = zeros;
        CheckpointConverter.Convert(model, applied, outputFolder, type, overwrite, shardLimit, CheckpointConverter.HasSayableTokenizer(model), progress, cancellationToken);
        return zeros.Result;
    }

    /// <summary>
    /// Writes a LoRA as the GGUF file that llama.cpp takes beside a model (convert_lora_to_gguf.py). A tensor's scale is alpha / rank there,
    /// with one alpha for the file: alpha * sqrt(rank) for rsLoRA, and where the scales of an adapter differ otherwise, B is multiplied.
    /// </summary>
    /// <param name="adapter">A LoRA without magnitudes.</param>
    /// <param name="model">The model that it was made for.</param>
    /// <param name="path">The file.</param>
    /// <param name="type">F32, F16 or BF16.</param>
    /// <exception cref="CheckpointException">
    /// The adapter does not fit the model or has something that such a file cannot say, a value does not fit into the type, or the file
    /// cannot be written.
    /// </exception>
    public static void ToGguf(PeftAdapter adapter, Checkpoint model, string path, ElementType type = ElementType.F32)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        ArgumentNullException.ThrowIfNull(model);
        StoredType stored = StoredType.Of(type);
        if (!stored.IsPlainFloat)
        {
            throw new ArgumentOutOfRangeException(nameof(type), type, "Adapters are F32, F16 or BF16.");
        }

        Gemma3Config config = Gemma3Config.From(model);
        adapter.CheckAgainst(model);
        if (adapter.Lora is null)
        {
            throw new CheckpointException(adapter.Path, "is a tuned prompt, for which GGUF has no form");
        }

        double alpha = CommonAlpha(adapter.Pairs.Values);
        var declarations = new List<TensorDeclaration>();
        var sources = new List<(Tensor Tensor, float Factor)>();
        foreach (LoraPair pair in adapter.Pairs.Values)
        {
            string name = NameOf(adapter, pair, config.TiedEmbeddings);
            declarations.Add(new TensorDeclaration(name + ".lora_a", stored, pair.A.Shape));
            sources.Add((pair.A, 1));
            declarations.Add(new TensorDeclaration(name + ".lora_b", stored, pair.B.Shape));
            sources.Add((pair.B, (float)(pair.Scale * pair.Rank / alpha)));
        }

        GgufMetadata metadata = new GgufMetadata()
            .Add("general.architecture", model is GgufCheckpoint { Gguf.Architecture: { } architecture } ? architecture : "gemma3")
            .Add("general.type", "adapter")
            .Add("adapter.type", "lora")
            .Add("adapter.lora.alpha", (float)alpha);
        using var writer = new GgufWriter(path, metadata, declarations);
        foreach (((Tensor tensor, float factor), TensorDeclaration declaration) in sources.Zip(declarations))
        {
            Write(writer, tensor, factor, type, adapter.Path, declaration);
        }

        writer.Complete();
    }

    // The alpha that gives every tensor its scale without changing B, where there is one. Zero would mean "no scale" to llama.cpp.
    private static double CommonAlpha(IEnumerable<LoraPair> pairs)
    {
        double[] alphas = [.. pairs.Select(pair => (double)(float)(pair.Scale * pair.Rank)).Distinct()];
        return alphas is [not 0 and var one] && double.IsFinite(one) ? one : 1;
    }

    private static string NameOf(PeftAdapter adapter, LoraPair pair, bool tied)
    {
        if (pair.Magnitude is not null)
        {
            throw new CheckpointException(adapter.Path, "has magnitudes (DoRA), for which GGUF has no place; it can be merged");
        }

        if (pair.WeightName == TensorNames.Output && tied)
        {
            throw new CheckpointException(
                adapter.Path, $"has an update of {pair.WeightName}, which the model ties to its embedding; llama.cpp has no place for it");
        }

        return TensorNames.ToGguf(pair.WeightName)
            ?? throw new CheckpointException(adapter.Path, $"has an update of {pair.WeightName}, which has no name in GGUF");
    }

    private static void Write(
        GgufWriter writer, Tensor tensor, float factor, ElementType type, string path, TensorDeclaration declaration)
    {
        var values = new float[tensor.RowLength];
        var bytes = new byte[declaration.ByteLength / tensor.Rows];
        for (long row = 0; row < tensor.Rows; row++)
        {
            tensor.DecodeRow(row, values);
            if (factor != 1)
            {
                foreach (ref float value in values.AsSpan())
                {
                    value *= factor;
                }
            }

            if (FloatEncoder.LargestMagnitude(values) >= FloatEncoder.OverflowBits(type))
            {
                throw new CheckpointException(path, $"has a value for {declaration.Name} that is too large for {type}");
            }

            FloatEncoder.Encode(values, type, bytes);
            writer.Write(bytes);
        }
    }
}
