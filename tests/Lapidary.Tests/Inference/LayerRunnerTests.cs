using System.Runtime.InteropServices;
using Lapidary.Inference;
using Lapidary.Networks;
using Lapidary.Numerics;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Inference;

/// <summary>Sequences that go through a model a layer at a time, against whole passes.</summary>
public sealed class LayerRunnerTests
{
    private static readonly int[][] Sequences =
    [
        [.. Enumerable.Range(0, 70).Select(i => 2 + (i * 37 % 300))], [7], [.. Enumerable.Range(0, 33).Select(i => 2 + (i * 11 % 300))],
    ];

    [Theory]
    [InlineData(1, 512)]
    [InlineData(3, 9)]
    public void Every_value_has_the_bits_of_a_whole_pass(int threads, int chunk)
    {
        using LanguageModel model = Open(threads, chunk);
        using LanguageModel reference = Open(1, 512);
        Dictionary<ActivationName, List<float>> whole = Whole(reference);
        using var runner = new LayerRunner(model, Sequences);
        for (int layer = 0; layer < model.Config.LayerCount; layer++)
        {
            var seen = new Dictionary<ActivationName, List<float>>();
            ActivationObserver observer = (name, _, _, values) => Add(seen, name, values);
            runner.Observe(layer, observer, TestContext.Current.CancellationToken);
            seen.Count.ShouldBeGreaterThan(7);
            foreach ((ActivationName name, List<float> values) in seen)
            {
                name.Layer.ShouldBe(layer);
                CollectionsMarshal.AsSpan(values).SequenceEqual(CollectionsMarshal.AsSpan(whole[name])).ShouldBeTrue(name.ToString());
            }

            runner.Advance(layer, _ => null, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public void Another_matrix_is_used_where_it_is_given()
    {
        using LanguageModel model = Open(1, 512);
        using Tensor zeros = Tensor.Allocate(ElementType.F32, model.Config.HiddenSize, model.Config.IntermediateSize);
        using var runner = new LayerRunner(model, Sequences);
        var asked = new List<string>();
        runner.Advance(0, name =>
        {
            asked.Add(name);
            return name == "model.layers.0.mlp.down_proj.weight" ? zeros : null;
        }, TestContext.Current.CancellationToken);
        asked.Distinct().Count().ShouldBe(7);

        // Without its feed-forward network layer 0 ends where attention did.
        var before = new List<float>();
        using var dense = new LayerRunner(model, Sequences);
        dense.Observe(0, (name, _, _, values) =>
        {
            if (name.Kind == ActivationKind.AfterAttention)
            {
                before.AddRange(values);
            }
        }, TestContext.Current.CancellationToken);
        var norm = new float[model.Config.HiddenSize];
        var after = new List<float>();
        runner.Observe(1, (name, _, _, values) =>
        {
            if (name.Kind == ActivationKind.AttentionNorm)
            {
                after.AddRange(values);
            }
        }, TestContext.Current.CancellationToken);
        Span<float> scale = model.Network.NormOf("model.layers.1.input_layernorm.weight").Values.AsFloats();
        for (int row = 0; row < before.Count / norm.Length; row++)
        {
            Span<float> stream = CollectionsMarshal.AsSpan(before).Slice(row * norm.Length, norm.Length);
            Numerics.Kernels.RmsNorm.Reference(stream, scale, norm, model.Config.RmsNormEpsilon);
            Closeness.LargestDifference(CollectionsMarshal.AsSpan(after).Slice(row * norm.Length, norm.Length), norm).ShouldBeAtMost(1e-5);
        }
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        using LanguageModel model = Open(1, 512);
        Should.Throw<ArgumentException>(() => new LayerRunner(model, []));
        Should.Throw<ArgumentException>(() => new LayerRunner(model, [[]]));
        Should.Throw<ArgumentException>(() => new LayerRunner(model, [[model.Config.VocabularySize]]));
        Should.Throw<ArgumentException>(() => new LayerRunner(model, [new int[model.ContextLength + 1]]));
        using var runner = new LayerRunner(model, [[2, 3]]);
        Should.Throw<ArgumentException>(() => runner.Observe(model.Config.LayerCount, (_, _, _, _) => { }));
        using Tensor small = Tensor.Allocate(ElementType.F32, 1, 1);
        Should.Throw<ArgumentException>(() => runner.Advance(0, _ => small)).Message.ShouldContain("its replacement [1, 1]");
        Should.Throw<OperationCanceledException>(() => runner.Advance(0, _ => null, new CancellationToken(true)));
    }

    private static LanguageModel Open(int threads, int chunk) =>
        LanguageModel.Open(Fixtures.PathOf("g3-tiny-b"), new InferenceOptions { Threads = threads, ChunkSize = chunk });

    private static Dictionary<ActivationName, List<float>> Whole(LanguageModel model)
    {
        var seen = new Dictionary<ActivationName, List<float>>();
        foreach (int[] sequence in Sequences)
        {
            using InferenceSession session = model.CreateSession(sequence.Length);
            session.Observer = (name, _, _, values) => Add(seen, name, values);
            session.Process(sequence);
        }

        return seen;
    }

    private static void Add(Dictionary<ActivationName, List<float>> seen, ActivationName name, ReadOnlySpan<float> values)
    {
        if (!seen.TryGetValue(name, out List<float>? list))
        {
            seen.Add(name, list = []);
        }

        list.AddRange(values);
    }
}
