using System.Text.Json;
using Lapidary.Checkpoints;
using Lapidary.Checkpoints.Adapters;
using Lapidary.Inference;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Inference;

/// <summary>A model that is run with adapters, against an independent implementation in double precision.</summary>
public class AdapterTests
{
    private const double Tolerance = 2e-4;
    private static readonly string Base = Fixtures.PathOf("g3-tiny-a");
    private static readonly string Training = Fixtures.PathOf("train-g3-tiny-a");

    public static TheoryData<int, int, bool> Ways => new() { { 1, 512, true }, { 2, 512, false }, { 5, 7, true }, { 3, 1, false } };

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_lora_gives_the_fixtures_logits(int threads, int chunk, bool exact)
    {
        using LanguageModel model = Open(threads, chunk, exact, "lora_adapter");
        Compare(Logits(model), "lora_logits_row0.safetensors", "logits", 0);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_tuned_prompt_gives_the_fixtures_logits(int threads, int chunk, bool exact)
    {
        using LanguageModel model = Open(threads, chunk, exact, "prompt_adapter");
        model.VirtualTokens.ShouldBe(8);
        Compare(Logits(model), "prompt_tuning.safetensors", "logits_row0", 8);
    }

    [Fact]
    public void The_virtual_tokens_of_a_tuned_prompt_give_the_fixtures_logits()
    {
        using LanguageModel model = Open(2, 3, true, "prompt_adapter");
        using InferenceSession session = model.CreateSession(40);
        var rows = new List<float>();
        session.ProcessVirtual((first, _, values) =>
        {
            first.ShouldBe(rows.Count / model.Config.VocabularySize);
            rows.AddRange(values);
        });

        session.Position.ShouldBe(0);
        Closeness.LargestDifference(rows.ToArray(), Tensor("prompt_tuning.safetensors", "logits_row0").AsSpan(0, rows.Count))
            .ShouldBeAtMost(Tolerance);
        rows.Count.ShouldBe(8 * model.Config.VocabularySize);
    }

    private static LanguageModel Open(int threads, int chunk, bool exact, params string[] adapters) => LanguageModel.Open(
        Base,
        new InferenceOptions
        {
            Threads = threads,
            ChunkSize = chunk,
            Exact = exact,
            Adapters = [.. adapters.Select(name => new AdapterReference(Path.Combine(Training, name)))],
        });

    private static int[] Tokens()
    {
        using JsonDocument batch = JsonDocument.Parse(File.ReadAllText(Path.Combine(Training, "batch.json")));
        return [.. batch.RootElement.GetProperty("input_ids")[0].EnumerateArray().Select(id => id.GetInt32())];
    }

    private static float[] Logits(LanguageModel model)
    {
        int[] tokens = Tokens();
        using InferenceSession session = model.CreateSession(tokens.Length);
        var logits = new float[tokens.Length * model.Config.VocabularySize];
        session.ProcessAll(tokens, (first, _, values) => values.CopyTo(logits.AsSpan(first * model.Config.VocabularySize)));
        return logits;
    }

    private static void Compare(float[] actual, string file, string tensor, int skippedRows) =>
        Closeness.LargestDifference(actual, Tensor(file, tensor).AsSpan(skippedRows * 512)).ShouldBeAtMost(Tolerance);

    private static float[] Tensor(string file, string name)
    {
        using SafetensorsFile opened = SafetensorsFile.Open(Path.Combine(Training, file));
        return opened.GetTensor(name).AsFloats().ToArray();
    }
}
