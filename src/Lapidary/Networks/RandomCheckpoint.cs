using Lapidary.Checkpoints;
using Lapidary.Numerics;
using Lapidary.Text;

namespace Lapidary.Networks;

/// <summary>
/// Writes checkpoints with random weights, for tests, benchmarks and training from nothing. Each weight is a function of the seed, the
/// tensor's name and its position, the same on every machine and for any number of threads.
/// </summary>
public static class RandomCheckpoint
{
    /// <summary>The spread of matrices: <c>initializer_range</c> of Gemma's configuration.</summary>
    public const float MatrixDeviation = 0.02f;

    /// <summary>
    /// The spread of norm weights around 0 (they scale by 1 + w): not zero as in a fresh transformers model, so that a norm that is left
    /// out or applied twice shows.
    /// </summary>
    public const float NormDeviation = 0.05f;

    /// <summary>Writes a Hugging Face folder with random weights.</summary>
    /// <param name="config">The sizes.</param>
    /// <param name="outputFolder">Where to write.</param>
    /// <param name="seed">Decides the weights.</param>
    /// <param name="type">F32, F16 or BF16.</param>
    /// <param name="tokenizerFolder">A folder whose tokenizer is copied, or null for none.</param>
    /// <param name="overwrite">Whether the output folder may hold files already.</param>
    /// <param name="progress">Told after each tensor.</param>
    /// <param name="cancellationToken">Stops the work; nothing is left behind then.</param>
    /// <exception cref="CheckpointException">
    /// The output cannot be written, or the tokenizer cannot be read or has more pieces than the network has rows.
    /// </exception>
    public static void Write(
        Gemma3Config config,
        string outputFolder,
        ulong seed,
        ElementType type,
        string? tokenizerFolder = null,
        bool overwrite = false,
        IProgress<ConversionProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        StoredType stored = StoredType.Of(type);
        if (!stored.IsPlainFloat)
        {
            throw new ArgumentOutOfRangeException(nameof(type), type, "Random weights are F32, F16 or BF16.");
        }

        List<string> tokenizer = tokenizerFolder is null ? [] : FindTokenizer(tokenizerFolder, config.VocabularySize);
        TensorDeclaration[] tensors = [.. config.ExpectedTensors().Select(t => new TensorDeclaration(t.Name, stored, t.Shape))];
        using var folder = new OutputFolder(outputFolder, overwrite);
        tokenizer.ForEach(folder.Copy);
        folder.Write("config.json", config.ToHuggingFace(type));
        folder.Write("generation_config.json", config.ToGenerationConfig());
        using var writer = new CheckpointWriter(folder, tensors);
        var report = new ProgressReport(progress, tensors.Length, tensors.Sum(tensor => tensor.ByteLength));
        foreach (TensorDeclaration tensor in tensors)
        {
            var stream = new GaussianStream(seed, tensor.Name);
            float deviation = tensor.Shape.Length == 1 ? NormDeviation : MatrixDeviation;
            long length = tensor.Shape.Aggregate(1L, (product, size) => product * size);
            TensorCopy.Write(length, type, writer, (start, values) => stream.Fill(start, values, deviation), cancellationToken);
            report.Done(tensor.Name, tensor.ByteLength);
        }

        writer.Complete();
        folder.Commit();
    }

    private static List<string> FindTokenizer(string folder, int rows)
    {
        Tokenizer tokenizer = Tokenizer.Open(folder);
        for (int id = rows; id < tokenizer.VocabularySize; id++)
        {
            // Text models leave out the rows of special pieces at the end, such as <image_soft_token> of Gemma 3; text never has them.
            if (!tokenizer.IsSpecial(id))
            {
                throw new CheckpointException(
                    tokenizer.Path, $"has the piece \"{tokenizer.PieceOf(id)}\" with the id {id} where the network has {rows} rows");
            }
        }

        return [.. HuggingFaceFolder.TokenizerFiles.Select(name => Path.Combine(folder, name)).Where(File.Exists)];
    }
}
