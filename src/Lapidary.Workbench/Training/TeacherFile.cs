using System.Globalization;
using System.Runtime.InteropServices;
using Lapidary.Checkpoints;
using Lapidary.Text.Data;

namespace Lapidary.Workbench.Training;

/// <summary>
/// What a teacher said of a data set, stored once so that students can learn from it without the teacher: for every target the k most
/// likely tokens and their log-probabilities at temperature 1. A safetensors file with <c>tokens</c> I32 [targets, k],
/// <c>log_probabilities</c> F32 [targets, k] and <c>starts</c> I64 [examples + 1], the first target of each example.
/// </summary>
public sealed class TeacherFile : IDisposable
{
    private readonly SafetensorsFile file;
    private readonly long[] starts;

    private TeacherFile(SafetensorsFile file, int topTokens, int vocabularySize, long[] starts)
    {
        this.file = file;
        this.starts = starts;
        TopTokens = topTokens;
        VocabularySize = vocabularySize;
    }

    /// <summary>The file.</summary>
    public string Path => file.Path;

    /// <summary>Tokens that are stored of each target.</summary>
    public int TopTokens { get; }

    /// <summary>Tokens of the teacher's vocabulary.</summary>
    public int VocabularySize { get; }

    /// <summary>Opens a file that was written for <paramref name="data"/>.</summary>
    /// <exception cref="CheckpointException">It is not such a file, or belongs to other data.</exception>
    public static TeacherFile Open(string path, TrainingData data)
    {
        SafetensorsFile file = SafetensorsFile.Open(path);
        try
        {
            int top = Number(file, "top_tokens");
            int vocabulary = Number(file, "vocabulary_size");
            if (!file.Metadata.TryGetValue("data_hash", out string? hash) || hash != data.Hash)
            {
                throw new CheckpointException(path, $"was written for other data: expected the hash {data.Hash}, found {hash ?? "none"}");
            }

            Expect(file, "starts", "I64", data.Count + 1);
            long[] starts = MemoryMarshal.Cast<byte, long>(file.GetBytes("starts", 0, (data.Count + 1) * sizeof(long))).ToArray();
            for (int i = 0; i < data.Count; i++)
            {
                if (starts[0] != 0 || starts[i + 1] < starts[i])
                {
                    throw new CheckpointException(path, "has a tensor starts whose numbers do not ascend from 0");
                }
            }

            Expect(file, "tokens", "I32", starts[^1], top);
            Expect(file, "log_probabilities", "F32", starts[^1], top);
            return new TeacherFile(file, top, vocabulary, starts);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Number of targets of an example.</summary>
    internal int Targets(int example) => (int)(starts[example + 1] - starts[example]);

    /// <summary>The tokens of an example's targets, [targets, k].</summary>
    internal ReadOnlySpan<int> Tokens(int example) =>
        MemoryMarshal.Cast<byte, int>(file.GetBytes("tokens", starts[example] * TopTokens * sizeof(int), Targets(example) * TopTokens * sizeof(int)));

    /// <summary>Their log-probabilities, [targets, k].</summary>
    internal ReadOnlySpan<float> LogProbabilities(int example) =>
        MemoryMarshal.Cast<byte, float>(
            file.GetBytes("log_probabilities", starts[example] * TopTokens * sizeof(float), Targets(example) * TopTokens * sizeof(float)));

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private static int Number(SafetensorsFile file, string key) =>
        file.Metadata.TryGetValue(key, out string? text)
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value > 0
            ? value
            : throw new CheckpointException(file.Path, $"is no file of a teacher: expected {key} in its metadata, found {text ?? "none"}");

    private static void Expect(SafetensorsFile file, string name, string type, params ReadOnlySpan<long> shape)
    {
        if (!file.Tensors.TryGetValue(name, out TensorInfo? info) || info.Type.Name != type || !info.Shape.AsSpan().SequenceEqual(shape))
        {
            throw new CheckpointException(file.Path, $"was expected to have a tensor {name}, {type} [{string.Join(", ", shape.ToArray())}]");
        }
    }
}
