using System.Runtime.InteropServices;
using System.Text.Json;
using Lapidary.Checkpoints;
using Lapidary.Inference;
using Lapidary.Networks;
using Lapidary.Numerics;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Compression;
using Lapidary.Workbench.Evaluation.Texts;
using Shouldly;

namespace Lapidary.Workbench.Tests.Compression.Pruning;

/// <summary>One of the fixtures of calibrated pruning; its README says what is in it and how near an honest float32 run comes.</summary>
internal sealed class PruningFixture(string letter)
{
    public string ModelPath { get; } = Fixtures.PathOf($"g3-tiny-{letter}");

    public string Path { get; } = Fixtures.PathOf($"prune-calibrated-g3-tiny-{letter}");

    /// <summary>The runs whose masks the fixture has: what they are called there, their bit, and how they are made here.</summary>
    public static IReadOnlyDictionary<string, (int Bit, PruningOptions Options)> Runs { get; } = new Dictionary<string, (int Bit, PruningOptions Options)>
    {
        ["wanda_50"] = (1, new PruningOptions(PruningMethod.Wanda)),
        ["sparsegpt_50"] = (2, new PruningOptions(PruningMethod.SparseGpt)),
        ["magnitude_2_4"] = (4, new PruningOptions(PruningMethod.Magnitude) { Pattern = new SparsityPattern(2, 4) }),
        ["wanda_2_4"] = (8, new PruningOptions(PruningMethod.Wanda) { Pattern = new SparsityPattern(2, 4) }),
        ["owl_wanda_50"] = (16, new PruningOptions(PruningMethod.Wanda) { Owl = new OwlSettings(3, 0.08) }),
    };

    public LanguageModel Open(int threads = 2, int chunk = 512) =>
        LanguageModel.Open(ModelPath, new InferenceOptions { Threads = threads, ChunkSize = chunk });

    public SafetensorsFile File(string name) => SafetensorsFile.Open(System.IO.Path.Combine(Path, name));

    public JsonElement Json(string name) => JsonDocument.Parse(System.IO.File.ReadAllBytes(System.IO.Path.Combine(Path, name))).RootElement;

    public TextChunks Calibration() => new(
        Json("calibration.json").GetProperty("input_ids").EnumerateArray().SelectMany(row => row.EnumerateArray()).Select(id => id.GetInt32()).ToArray(),
        64,
        beginToken: null);

    public int[] HeldOut() => [.. Json("calibration.json").GetProperty("heldout_ids").EnumerateArray().Select(id => id.GetInt32())];

    /// <summary>Types that are listed but not computed with: U8 and F64.</summary>
    public static T[] Read<T>(SafetensorsFile file, string name)
        where T : unmanaged
    {
        TensorInfo tensor = file.Tensors[name];
        using FileStream stream = System.IO.File.OpenRead(tensor.File);
        stream.Position = tensor.Offset;
        var values = new T[tensor.Length];
        stream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    public static float[] Decode(Tensor tensor)
    {
        var values = new float[tensor.Length];
        for (int i = 0; i < tensor.Rows; i++)
        {
            tensor.DecodeRow(i, values.AsSpan(i * (int)tensor.RowLength));
        }

        return values;
    }

    /// <summary>Fails unless the weights that are not 0 are those whose bit is set.</summary>
    public static void CompareMask(float[] weights, byte[] masks, int bit, string name)
    {
        weights.Length.ShouldBe(masks.Length);
        int different = Enumerable.Range(0, masks.Length).Count(i => (weights[i] != 0) != ((masks[i] & bit) != 0));
        different.ShouldBe(0, $"{different} of {masks.Length} entries of {name} differ");
    }

    /// <summary>Fails unless a checkpoint has the masks of a run, its weights outside of them the bits of the model, its logits and its cross-entropy.</summary>
    public void Compare(string folder, string run, bool keepsWeights)
    {
        using SafetensorsFile masks = File("masks.safetensors");
        using LanguageModel pruned = LanguageModel.Open(folder, new InferenceOptions { Threads = 2 });
        using Checkpoint dense = Checkpoint.Open(ModelPath);
        foreach (string name in dense.Tensors.Keys)
        {
            float[] weights = Decode(pruned.Checkpoint.GetTensor(name)), before = Decode(dense.GetTensor(name));
            bool isLinear = TensorSelection.IsDecoderLinear(name);
            if (isLinear && Runs.TryGetValue(run, out (int Bit, PruningOptions Options) known))
            {
                CompareMask(weights, Read<byte>(masks, name), known.Bit, name);
            }

            if (!isLinear || keepsWeights)
            {
                // A GGUF file holds 1 + w of a norm, from which w does not come back to the bit.
                double tolerance = TensorNames.IsNorm(name) ? 1e-6 : 0;
                for (int i = 0; i < weights.Length; i++)
                {
                    (Math.Abs(weights[i] - before[i]) <= tolerance || (isLinear && weights[i] == 0)).ShouldBeTrue(name);
                }
            }
        }

        CompareLogits(pruned, run);
        CompareCrossEntropy(pruned, run);
    }

    private void CompareLogits(LanguageModel pruned, string run)
    {
        using SafetensorsFile file = File("logits.safetensors");
        float[] expected = Decode(file.GetTensor("logits." + run));
        string input = System.IO.Path.Combine(ModelPath, "expected", "input.json");
        using JsonDocument json = JsonDocument.Parse(System.IO.File.ReadAllBytes(input));
        int[] tokens = [.. json.RootElement.GetProperty("input_ids").EnumerateArray().Select(id => id.GetInt32())];
        CompareLogits(pruned, tokens, expected, 5e-4, run);
    }

    public static void CompareLogits(LanguageModel model, int[] tokens, float[] expected, double tolerance, string run)
    {
        int vocabulary = model.Config.VocabularySize;
        expected.Length.ShouldBe((tokens.Length + 7) / 8 * vocabulary);
        using InferenceSession session = model.CreateSession(tokens.Length);
        session.ProcessAll(tokens, (first, count, logits) =>
        {
            for (int i = 0; i < count; i++)
            {
                if ((first + i) % 8 == 0)
                {
                    ReadOnlySpan<float> row = expected.AsSpan((first + i) / 8 * vocabulary, vocabulary);
                    Closeness.LargestDifference(logits.Slice(i * vocabulary, vocabulary), row).ShouldBeAtMost(tolerance, $"{run}, position {first + i}");
                }
            }
        });
    }

    private void CompareCrossEntropy(LanguageModel model, string run)
    {
        int[] tokens = HeldOut();
        int vocabulary = model.Config.VocabularySize;
        double sum = 0;
        using InferenceSession session = model.CreateSession(tokens.Length);
        session.ProcessAll(tokens, (first, count, logits) =>
        {
            for (int i = 0; i < count && first + i + 1 < tokens.Length; i++)
            {
                double[] row = [.. logits.Slice(i * vocabulary, vocabulary).ToArray().Select(logit => (double)logit)];
                double largest = row.Max();
                sum += largest + Math.Log(row.Sum(logit => Math.Exp(logit - largest))) - row[tokens[first + i + 1]];
            }
        });
        double expected = Json("results.json").GetProperty("heldout_mean_ce").GetProperty(run).GetDouble();
        Math.Abs((sum / (tokens.Length - 1)) - expected).ShouldBeAtMost(1e-4, run);
    }
}
