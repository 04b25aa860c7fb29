using System.Text.Json;
using Lapidary.Checkpoints;
using Lapidary.Inference;
using Lapidary.Networks;
using Lapidary.Numerics;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Compression;
using Lapidary.Workbench.Evaluation.Texts;
using Xunit;

namespace Lapidary.Workbench.Tests.Compression;

/// <summary>Models that are pruned in tests, and what they compute.</summary>
internal static class StructuredModels
{
    /// <summary>Tokens to compare logits on, longer than the window.</summary>
    public static readonly int[] Prompt = [2, .. Enumerable.Range(0, 39).Select(i => 7 + (i * 53 % 290))];

    /// <summary>The calibration tokens of a fixture as six chunks.</summary>
    public static TextChunks Calibration(string letter)
    {
        string path = Path.Combine(Fixtures.PathOf($"prune-calibrated-g3-tiny-{letter}"), "calibration.json");
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(path));
        int[] tokens = [.. json.RootElement.GetProperty("input_ids").EnumerateArray().SelectMany(row => row.EnumerateArray()).Select(id => id.GetInt32())];
        return new TextChunks(tokens, 64, beginToken: null);
    }

    /// <summary>The scores of a model.</summary>
    public static StructuredImportance Importance(string path, string letter, int threads = 2, int chunk = 512)
    {
        using LanguageModel model = LanguageModel.Open(path, new InferenceOptions { Threads = threads, ChunkSize = chunk });
        return StructuredImportance.Collect(model, Calibration(letter), cancellation: TestContext.Current.CancellationToken);
    }

    /// <summary>Writes a pruned model.</summary>
    public static string Write(string source, string target, StructuredPlan plan)
    {
        using Checkpoint checkpoint = Checkpoint.Open(source);
        using var output = new OutputFolder(target, overwrite: false);
        plan.Write(checkpoint, output, cancellationToken: TestContext.Current.CancellationToken);
        output.Commit();
        return target;
    }

    /// <summary>The configuration of a model.</summary>
    public static Gemma3Config Config(string path)
    {
        using Checkpoint checkpoint = Checkpoint.Open(path);
        return Gemma3Config.From(checkpoint);
    }

    /// <summary>Logits of the prompt by the plain loops in double precision.</summary>
    public static double[] Reference(string path)
    {
        using Checkpoint checkpoint = Checkpoint.Open(path);
        return [.. new ReferenceGemma3(checkpoint).Logits(Prompt).SelectMany(row => row)];
    }

    /// <summary>Logits of the prompt by the engine.</summary>
    public static float[] Logits(string path, params int[] leftOut)
    {
        using LanguageModel model = LanguageModel.Open(path, new InferenceOptions { Threads = 2, LeftOutLayers = leftOut });
        using InferenceSession session = model.CreateSession(Prompt.Length);
        var all = new List<float>();
        session.ProcessAll(Prompt, (_, _, logits) => all.AddRange(logits));
        return [.. all];
    }

    /// <summary>Writes a model with zeros where <paramref name="dead"/> says so, of a row and a column.</summary>
    public static string WriteMasked(string source, string target, Func<string, Func<int, int, bool>?> dead)
    {
        using Checkpoint checkpoint = Checkpoint.Open(source);
        using var output = new OutputFolder(target, overwrite: false);
        var made = new List<Tensor>();
        CheckpointConverter.WriteHuggingFace(checkpoint, output, ElementType.F32, name =>
        {
            if (dead(name) is not { } isDead)
            {
                return null;
            }

            Tensor stored = checkpoint.GetTensor(name);
            var tensor = Tensor.Allocate(ElementType.F32, stored.Shape.AsSpan());
            made.Add(tensor);
            Span<float> values = tensor.AsFloats();
            for (int row = 0; row < stored.Rows; row++)
            {
                Span<float> columns = values.Slice(row * (int)stored.RowLength, (int)stored.RowLength);
                stored.DecodeRow(row, columns);
                for (int column = 0; column < columns.Length; column++)
                {
                    columns[column] = isDead(row, column) ? 0 : columns[column];
                }
            }

            return tensor;
        });
        output.Commit();
        made.ForEach(tensor => tensor.Dispose());
        return target;
    }

    /// <summary>The largest difference of two lists; NaN if there is one.</summary>
    public static double Distance(IReadOnlyList<double> x, IReadOnlyList<double> y) =>
        x.Count == y.Count ? x.Zip(y, (a, b) => Math.Abs(a - b)).Aggregate(0.0, Math.Max) : double.NaN;
}
