using System.Text.Json;
using Lapidary.Inference;
using Lapidary.Networks;
using Lapidary.Checkpoints;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Inference;

/// <summary>
/// Logits, hidden states and greedy tokens against an independent implementation in double precision; each fixture's README says how it
/// was made and what tolerance an honest float32 implementation needs.
/// </summary>
public class FixtureTests
{
    public static TheoryData<string> Names => ["g3-tiny-a", "g3-tiny-a-bf16", "g3-tiny-b", "g3-tiny-b-bf16"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Logits_at_every_position_are_within_the_fixtures_tolerance(string name)
    {
        Fixture fixture = new(name);
        Compare(fixture, fixture.Tensor("logits.safetensors", "logits"), new InferenceOptions { Threads = 2 });
    }

    [Fact]
    public void The_embedding_scale_can_be_rounded_as_transformers_does_in_bfloat16()
    {
        Fixture fixture = new("g3-tiny-b-bf16");
        Compare(
            fixture,
            fixture.Tensor("logits.safetensors", "logits_bf16_scale"),
            new InferenceOptions { Threads = 2, RoundEmbeddingScale = true });
    }

    [Theory]
    [InlineData("g3-tiny-a")]
    [InlineData("g3-tiny-b")]
    public void Hidden_states_are_within_the_fixtures_tolerance(string name)
    {
        Fixture fixture = new(name);
        using LanguageModel model = LanguageModel.Open(fixture.Path, new InferenceOptions { Threads = 2 });
        using InferenceSession session = model.CreateSession(fixture.Tokens.Length);
        var seen = new Dictionary<string, float[]>();
        int width = 0;
        session.Observer = (activation, _, columns, values) =>
        {
            if (activation.Kind is ActivationKind.Hidden or ActivationKind.FinalNorm)
            {
                width = columns;
                seen.Add(activation.ToString(), values.ToArray());
            }
        };
        session.Process(fixture.Tokens);

        string[] names = ["final_norm", .. Enumerable.Range(0, model.Config.LayerCount + 1).Select(i => $"hidden.{i}")];
        foreach (string tensor in names)
        {
            // The fixture holds every second position.
            float[] expected = fixture.Tensor("hidden.safetensors", tensor);
            float worst = 0;
            for (int i = 0; i < expected.Length; i++)
            {
                worst = Math.Max(worst, Math.Abs(expected[i] - seen[tensor][(i / width * 2 * width) + (i % width)]));
            }

            worst.ShouldBeAtMost(fixture.HiddenTolerance, tensor);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Greedy_tokens_are_identical(string name)
    {
        Fixture fixture = new(name);
        foreach (bool exact in new[] { true, false })
        {
            using LanguageModel model = LanguageModel.Open(fixture.Path, new InferenceOptions { Threads = 2, Exact = exact });
            using InferenceSession session = model.CreateSession(fixture.GreedyPrompt.Length + fixture.Greedy.Length);
            var generated = new List<int> { ArgMax(session.Process(fixture.GreedyPrompt)) };
            while (generated.Count < fixture.Greedy.Length)
            {
                generated.Add(ArgMax(session.Decode(generated[^1])));
            }

            generated.ToArray().ShouldBe(fixture.Greedy);
        }
    }

    private static int ArgMax(ReadOnlySpan<float> logits) => System.Numerics.Tensors.TensorPrimitives.IndexOfMax(logits);

    private static void Compare(Fixture fixture, float[] expected, InferenceOptions options)
    {
        using LanguageModel model = LanguageModel.Open(fixture.Path, options);
        using InferenceSession session = model.CreateSession(fixture.Tokens.Length);
        var actual = new List<float>();
        session.ProcessAll(fixture.Tokens, (_, _, logits) => actual.AddRange(logits));
        actual.Count.ShouldBe(expected.Length);
        double worst = 0, squares = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double difference = Math.Abs(expected[i] - actual[i]);
            worst = Math.Max(worst, difference);
            squares += difference * difference;
        }

        worst.ShouldBeAtMost(fixture.LogitTolerance);
        Math.Sqrt(squares / expected.Length).ShouldBeAtMost(fixture.LogitRmsTolerance);
    }

    private sealed class Fixture
    {
        public Fixture(string name)
        {
            Path = System.IO.Path.Combine(AppContext.BaseDirectory, "Fixtures", name);
            Tokens = Ids("input.json", "input_ids");
            GreedyPrompt = Ids("greedy.json", "prompt");
            Greedy = Ids("greedy.json", "generated");
            using JsonDocument meta = Json("meta.json");
            LogitTolerance = meta.RootElement.GetProperty("tolerance_max_abs_logit").GetDouble();
            LogitRmsTolerance = meta.RootElement.GetProperty("tolerance_rms_logit").GetDouble();
            // As for the logits: five times what a float32 run of the reference was off by, at least 2e-4.
            HiddenTolerance = (float)Math.Max(2e-4, 5 * meta.RootElement.GetProperty("f32_run_vs_f64_max_abs_hidden").GetDouble());
        }

        public string Path { get; }

        public int[] Tokens { get; }

        public int[] GreedyPrompt { get; }

        public int[] Greedy { get; }

        public double LogitTolerance { get; }

        public double LogitRmsTolerance { get; }

        public float HiddenTolerance { get; }

        public float[] Tensor(string file, string name)
        {
            using SafetensorsFile tensors = SafetensorsFile.Open(System.IO.Path.Combine(Path, "expected", file));
            return tensors.GetTensor(name).AsFloats().ToArray();
        }

        private JsonDocument Json(string file) => JsonDocument.Parse(File.ReadAllBytes(System.IO.Path.Combine(Path, "expected", file)));

        private int[] Ids(string file, string property)
        {
            using JsonDocument document = Json(file);
            return [.. document.RootElement.GetProperty(property).EnumerateArray().Select(id => id.GetInt32())];
        }
    }
}
