using Lapidary.Inference;
using Lapidary.Networks;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Compression;
using Lapidary.Workbench.Evaluation.Texts;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Compression;

/// <summary>Scores of layers, neurons, heads and channels, against their definitions in plain loops, and their bits.</summary>
public sealed class StructuredImportanceTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("b")]
    public void Scores_are_those_of_their_definitions(string letter)
    {
        string path = Fixtures.PathOf($"g3-tiny-{letter}");
        StructuredImportance actual = StructuredModels.Importance(path, letter);
        TextChunks text = StructuredModels.Calibration(letter);
        using LanguageModel model = LanguageModel.Open(path, new InferenceOptions { Threads = 1 });
        Gemma3Config config = model.Config;
        List<Dictionary<ActivationName, float[]>> sequences = [.. Enumerable.Range(0, text.Count).Select(chunk => Observe(model, text.Sequence(chunk)))];

        // L2 norm over the sequences of the mean over the tokens of |x|.
        double Score(ActivationKind kind, int layer, int channel, int width) => Math.Sqrt(sequences.Sum(values =>
        {
            float[] x = values[new ActivationName(kind, layer)];
            double mean = Enumerable.Range(0, x.Length / width).Average(token => Math.Abs((double)x[(token * width) + channel]));
            return mean * mean;
        }));
        var channels = new double[config.HiddenSize];
        for (int layer = 0; layer < config.LayerCount; layer++)
        {
            for (int i = 0; i < config.IntermediateSize; i++)
            {
                actual.Neurons[layer][i].ShouldBe(Score(ActivationKind.FeedForwardGated, layer, i, config.IntermediateSize), 1e-12);
            }

            int d = config.HeadDimension, width = config.HeadCount * d;
            for (int head = 0; head < config.HeadCount; head++)
            {
                double squares = Enumerable.Range(head * d, d).Sum(i => Math.Pow(Score(ActivationKind.AttentionHeads, layer, i, width), 2));
                actual.Heads[layer][head].ShouldBe(Math.Sqrt(squares), 1e-12);
            }

            for (int i = 0; i < channels.Length; i++)
            {
                channels[i] += Score(ActivationKind.AttentionNorm, layer, i, channels.Length) + Score(ActivationKind.FeedForwardNorm, layer, i, channels.Length);
            }

            double[] cosines = [.. sequences.SelectMany(values => Cosines(values, layer, config.HiddenSize))];
            cosines.Length.ShouldBe(384);
            actual.Layers[layer].ShouldBe(1 - cosines.Average(), 1e-12);
        }

        StructuredModels.Distance(actual.Channels, channels).ShouldBeAtMost(1e-11);
    }

    [Fact]
    public void Threads_and_chunks_of_the_prompt_change_no_bit()
    {
        string path = Fixtures.PathOf("g3-tiny-a");
        StructuredImportance first = StructuredModels.Importance(path, "a", threads: 1);
        foreach ((int threads, int chunk) in new[] { (2, 64), (3, 5), (1, 17) })
        {
            StructuredImportance other = StructuredModels.Importance(path, "a", threads, chunk);
            other.Layers.ShouldBe(first.Layers);
            other.Channels.ShouldBe(first.Channels);
            other.Neurons.SelectMany(layer => layer).ShouldBe(first.Neurons.SelectMany(layer => layer));
            other.Heads.SelectMany(layer => layer).ShouldBe(first.Heads.SelectMany(layer => layer));
        }
    }

    [Fact]
    public void The_perplexity_of_a_layer_is_that_of_the_model_without_it()
    {
        using var folder = new TemporaryFolder();
        string path = Fixtures.PathOf("g3-tiny-a");
        TextChunks text = StructuredModels.Calibration("a");
        var options = new InferenceOptions { Threads = 2 };
        IReadOnlyList<double> scores = LayerPerplexity.Score(path, options, text, cancellation: TestContext.Current.CancellationToken);
        scores.Count.ShouldBe(7);
        foreach (int layer in new[] { 0, 5 })
        {
            string without = StructuredModels.Write(
                path, folder[$"{layer}"], StructuredPlan.Depth(StructuredModels.Config(path), [.. Enumerable.Range(0, 7).Where(i => i != layer)]));
            scores[layer].ShouldBe(Nll(without) - Nll(path));
        }

        double Nll(string model)
        {
            using LanguageModel opened = LanguageModel.Open(model, options);
            using var evaluator = new TextEvaluator(opened);
            return evaluator.Run(text, cancellation: TestContext.Current.CancellationToken).Perplexity.MeanNll.Value;
        }
    }

    [Fact]
    public void Wrong_requests_are_refused()
    {
        using LanguageModel model = LanguageModel.Open(Fixtures.PathOf("g3-tiny-b"), new InferenceOptions { Threads = 1 });
        Should.Throw<OperationCanceledException>(() =>
            StructuredImportance.Collect(model, StructuredModels.Calibration("b"), cancellation: new CancellationToken(true)));
        var tooLong = new TextChunks(new int[model.ContextLength + 1], model.ContextLength + 1, null);
        Should.Throw<ArgumentException>(() => StructuredImportance.Collect(model, tooLong)).Message.ShouldContain("longer than the context");
        foreach (int[] layers in new int[][] { [12], [-1], [.. Enumerable.Range(0, 12)] })
        {
            Should.Throw<ArgumentException>(() => LanguageModel.Open(Fixtures.PathOf("g3-tiny-b"), new InferenceOptions { LeftOutLayers = layers }))
                .Message.ShouldContain("cannot be left out of 12");
        }
    }

    private static Dictionary<ActivationName, float[]> Observe(LanguageModel model, int[] tokens)
    {
        var seen = new Dictionary<ActivationName, float[]>();
        using InferenceSession session = model.CreateSession(tokens.Length);
        session.Observer = (name, _, _, values) => seen.Add(name, values.ToArray());
        session.Prefill(tokens);
        return seen;
    }

    private static IEnumerable<double> Cosines(Dictionary<ActivationName, float[]> values, int layer, int width)
    {
        float[] x = values[new ActivationName(ActivationKind.Hidden, layer)], y = values[new ActivationName(ActivationKind.Hidden, layer + 1)];
        for (int start = 0; start < x.Length; start += width)
        {
            double[] a = [.. x.Skip(start).Take(width).Select(value => (double)value)], b = [.. y.Skip(start).Take(width).Select(value => (double)value)];
            yield return a.Zip(b, (u, v) => u * v).Sum() / Math.Sqrt(a.Sum(u => u * u) * b.Sum(v => v * v));
        }
    }
}
