using System.Text.Json;
using Lapidary.Checkpoints;
using Lapidary.Inference;
using Lapidary.Networks;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Compression;
using Lapidary.Workbench.Evaluation.Texts;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Compression;

/// <summary>Statistics of inputs, against those of an independent implementation in double precision, and their bits.</summary>
public sealed class ImportanceCollectorTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("b")]
    public void Sums_are_those_of_the_fixture(string letter)
    {
        using LanguageModel model = Open(letter);
        TextChunks text = Calibration(letter);
        InputSquares squares = ImportanceCollector.Observe(model, text, null, TestContext.Current.CancellationToken);
        ImportanceMatrix matrix = ImportanceCollector.Collect(model, text, ["text"], cancellation: TestContext.Current.CancellationToken);
        matrix.Entries.Count.ShouldBe(7 * model.Config.LayerCount);
        matrix.ChunkCount.ShouldBe(6);
        matrix.ChunkSize.ShouldBe(64);
        using SafetensorsFile expected = SafetensorsFile.Open(Path.Combine(Fixtures.PathOf($"prune-calibrated-g3-tiny-{letter}"), "stats.safetensors"));
        expected.Tensors.Count.ShouldBe(matrix.Entries.Count);
        for (int layer = 0; layer < model.Config.LayerCount; layer++)
        {
            foreach ((string module, ActivationKind input) in InputSquares.Matrices)
            {
                double[] sums = Doubles(expected, $"model.layers.{layer}.{module}.sum_sq");
                ReadOnlySpan<double> actual = squares.Of(layer, input, out long tokens);
                tokens.ShouldBe(384);
                actual.Length.ShouldBe(sums.Length);
                ImportanceEntry entry = matrix.Entries[TensorNames.ToGguf($"model.layers.{layer}.{module}.weight")!];
                entry.Counts.ToArray().ShouldBe([384]);
                float[] importance = entry.Importance();
                for (int i = 0; i < sums.Length; i++)
                {
                    // Float32 arithmetic of the network: 2.4e-6 according to the fixture.
                    (Math.Abs(actual[i] - sums[i]) / sums[i]).ShouldBeAtMost(1e-5, $"{module} of layer {layer}, column {i}");
                    entry.SquareSums.Span[i].ShouldBe((float)actual[i]);
                    importance[i].ShouldBe(entry.SquareSums.Span[i] / 384f);
                }
            }
        }
    }

    [Fact]
    public void Threads_and_chunks_of_the_prompt_change_no_bit()
    {
        TextChunks text = Calibration("a");
        ImportanceMatrix? first = null;
        foreach ((int threads, int chunk) in new[] { (1, 512), (2, 64), (3, 5), (1, 17) })
        {
            using LanguageModel model = Open("a", threads, chunk);
            ImportanceMatrix matrix = ImportanceCollector.Collect(model, text, [], cancellation: TestContext.Current.CancellationToken);
            first ??= matrix;
            foreach ((string name, ImportanceEntry entry) in matrix.Entries)
            {
                entry.SquareSums.Span.SequenceEqual(first.Entries[name].SquareSums.Span).ShouldBeTrue($"{name}, {threads} threads, chunks of {chunk}");
            }
        }
    }

    [Fact]
    public void Sums_are_exact_squares_in_the_order_of_the_tokens()
    {
        using LanguageModel model = Open("b", threads: 1);
        var squares = new InputSquares(model.Config);
        int width = model.Config.HiddenSize;
        var name = new ActivationName(ActivationKind.FeedForwardNorm, 1);
        float[] rows = [.. Enumerable.Range(0, 3 * width).Select(i => (i % 7) + (1f / (i + 3)))];
        squares.Observe(name, 0, width, rows.AsSpan(0, 2 * width));
        squares.Observe(new ActivationName(ActivationKind.Hidden, 1), 0, width, rows.AsSpan(0, width));
        squares.Observe(name, 2, width, rows.AsSpan(2 * width));
        ReadOnlySpan<double> sums = squares.Of(1, ActivationKind.FeedForwardNorm, out long tokens);
        tokens.ShouldBe(3);
        for (int i = 0; i < width; i++)
        {
            double a = rows[i], b = rows[width + i], c = rows[(2 * width) + i];
            sums[i].ShouldBe((a * a) + (b * b) + (c * c));
        }

        squares.Of(0, ActivationKind.FeedForwardNorm, out tokens).ToArray().ShouldAllBe(sum => sum == 0);
        tokens.ShouldBe(0);
    }

    [Fact]
    public void Every_chunk_is_a_text_of_its_own_that_begins_with_the_token_of_a_beginning()
    {
        using LanguageModel model = Open("b", threads: 1);
        int[] tokens = [.. Enumerable.Range(0, 64).Select(i => 10 + (i * 37 % 300))];
        ImportanceMatrix both = Collect(new TextChunks(tokens, 32, 2));
        tokens[0] = tokens[32] = 2;
        ImportanceMatrix first = Collect(new TextChunks(tokens.AsMemory(0, 32), 32, null)), second = Collect(new TextChunks(tokens.AsMemory(32), 32, null));
        foreach ((string name, ImportanceEntry entry) in both.Entries)
        {
            entry.Counts.ToArray().ShouldBe([64]);
            for (int i = 0; i < entry.Columns; i++)
            {
                double sum = (double)first.Entries[name].SquareSums.Span[i] + second.Entries[name].SquareSums.Span[i];
                (Math.Abs(entry.SquareSums.Span[i] - sum) / sum).ShouldBeAtMost(2e-7, name);
            }
        }

        ImportanceMatrix Collect(TextChunks text) => ImportanceCollector.Collect(model, text, []);
    }

    [Fact]
    public void Progress_is_told_and_wrong_requests_are_refused()
    {
        using LanguageModel model = Open("b", threads: 1);
        TextChunks text = Calibration("b");
        var told = new Shares();
        ImportanceCollector.Collect(model, text, [], told, TestContext.Current.CancellationToken);
        told.Seen.ShouldBe([.. Enumerable.Range(0, text.Count).Select(i => (double)i / text.Count), 1]);
        Should.Throw<OperationCanceledException>(() => ImportanceCollector.Collect(model, text, [], cancellation: new CancellationToken(true)));
        int[] outside = [.. Enumerable.Repeat(model.Config.VocabularySize, 8)];
        Should.Throw<ArgumentException>(() => ImportanceCollector.Collect(model, new TextChunks(outside, 8, null), []));
        var tooLong = new TextChunks(new int[model.ContextLength + 1], model.ContextLength + 1, null);
        Should.Throw<ArgumentException>(() => ImportanceCollector.Collect(model, tooLong, [])).Message.ShouldContain("longer than the context");
    }

    private static LanguageModel Open(string letter, int threads = 2, int chunk = 512) => LanguageModel.Open(
        Fixtures.PathOf($"g3-tiny-{letter}"), new InferenceOptions { Threads = threads, ChunkSize = chunk });

    private static TextChunks Calibration(string letter)
    {
        string path = Path.Combine(Fixtures.PathOf($"prune-calibrated-g3-tiny-{letter}"), "calibration.json");
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(path));
        int[] tokens = [.. json.RootElement.GetProperty("input_ids").EnumerateArray().SelectMany(row => row.EnumerateArray()).Select(id => id.GetInt32())];
        return new TextChunks(tokens, 64, beginToken: null);
    }

    // F64 is a type that is listed but not computed with.
    private static double[] Doubles(SafetensorsFile file, string name)
    {
        TensorInfo tensor = file.Tensors[name];
        tensor.Type.Name.ShouldBe("F64");
        byte[] bytes = File.ReadAllBytes(tensor.File);
        return [.. Enumerable.Range(0, (int)tensor.Length).Select(i => BitConverter.ToDouble(bytes, (int)tensor.Offset + (8 * i)))];
    }

    private sealed class Shares : IProgress<double>
    {
        public List<double> Seen { get; } = [];

        public void Report(double value) => Seen.Add(value);
    }
}
