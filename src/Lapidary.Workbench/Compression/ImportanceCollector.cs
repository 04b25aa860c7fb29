using Lapidary.Checkpoints;
using Lapidary.Inference;
using Lapidary.Networks;
using Lapidary.Workbench.Evaluation.Texts;

namespace Lapidary.Workbench.Compression;

/// <summary>
/// Computes importance matrices as llama.cpp's imatrix tool does (tools/imatrix): every chunk of a text goes through the model on its own, and
/// the inputs of the matrices of all layers are squared and summed over all tokens. Embedding and output matrix are left out.
/// </summary>
public static class ImportanceCollector
{
    /// <summary>Runs a text through a model, with the exact kernels. The result is the same to the bit for any threads and chunks of the prompt.</summary>
    /// <param name="model">The model.</param>
    /// <param name="chunks">The text; whole chunks are seen, nothing of them is scored.</param>
    /// <param name="datasets">What the text is called in the file.</param>
    /// <param name="progress">Told the share of the chunks that is done, from 0 to 1.</param>
    /// <param name="cancellation">Ends the work between two passes.</param>
    /// <exception cref="ArgumentException">A chunk is longer than the context of the model, or a token is not in its vocabulary.</exception>
    /// <exception cref="NonFiniteException">NaN or infinity appeared, or sums are larger than float32 can hold.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was triggered.</exception>
    public static ImportanceMatrix Collect(
        LanguageModel model,
        TextChunks chunks,
        IReadOnlyList<string> datasets,
        IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(chunks);
        ArgumentNullException.ThrowIfNull(datasets);
        InputSquares squares = Observe(model, chunks, progress, cancellation);
        var entries = new List<ImportanceEntry>();
        for (int layer = 0; layer < model.Config.LayerCount; layer++)
        {
            foreach ((string module, ActivationKind input) in InputSquares.Matrices)
            {
                string name = TensorNames.ToGguf($"model.layers.{layer}.{module}.weight")!;
                ReadOnlySpan<double> sums = squares.Of(layer, input, out long tokens);
                entries.Add(new ImportanceEntry(name, Round(model, name, sums), new[] { tokens }));
            }
        }

        return new ImportanceMatrix(entries, chunks.ContextLength, chunks.Count, datasets);
    }

    /// <summary>The sums themselves, in double precision.</summary>
    internal static InputSquares Observe(
        LanguageModel model, TextChunks chunks, IProgress<double>? progress, CancellationToken cancellation)
    {
        if (chunks.ContextLength > model.ContextLength)
        {
            throw new ArgumentException(
                $"Chunks of {chunks.ContextLength} tokens are longer than the context of the model, {model.ContextLength}.", nameof(chunks));
        }

        var squares = new InputSquares(model.Config);
        using InferenceSession session = model.CreateSession(chunks.ContextLength);
        session.Observer = squares.Observe;
        for (int chunk = 0; chunk < chunks.Count; chunk++)
        {
            progress?.Report((double)chunk / chunks.Count);
            session.Reset();
            session.Prefill(chunks.Sequence(chunk), cancellation);
        }

        progress?.Report(1);
        return squares;
    }

    private static float[] Round(LanguageModel model, string name, ReadOnlySpan<double> sums)
    {
        var rounded = new float[sums.Length];
        for (int i = 0; i < rounded.Length; i++)
        {
            rounded[i] = (float)sums[i];
            if (!float.IsFinite(rounded[i]))
            {
                throw new NonFiniteException(
                    $"{model.Checkpoint.Path}: the squared inputs of {name}, column {i}, sum to {sums[i]:g6}, which float32 cannot hold.");
            }
        }

        return rounded;
    }
}
