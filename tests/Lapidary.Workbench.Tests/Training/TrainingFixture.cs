using System.Text.Json.Nodes;
using Lapidary.Checkpoints;
using Lapidary.Networks;
using Lapidary.Numerics;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;
using Lapidary.Tests.Common;
using Lapidary.Text.Data;
using Lapidary.Workbench.Training;
using Lapidary.Workbench.Training.Tape;
using Shouldly;

namespace Lapidary.Workbench.Tests.Training;

/// <summary>The fixture train-g3-tiny-a on a tape: its batch, its expected gradients, and the model that is trained.</summary>
internal sealed unsafe class TrainingFixture : IDisposable
{
    private readonly Checkpoint checkpoint;
    private readonly WorkerPool pool;

    public TrainingFixture(int threads = 2, bool checkpointing = false, long logitsTileBytes = 256L << 20)
    {
        checkpoint = Checkpoint.Open(Fixtures.PathOf("g3-tiny-a"));
        Gemma3Config config = Gemma3Config.From(checkpoint);
        config.Validate(checkpoint);
        Model = new TrainedModel(checkpoint, config);
        pool = new WorkerPool(threads);
        Executor = new TapeExecutor(Model, pool, checkpointing, logitsTileBytes);
    }

    public TrainedModel Model { get; }

    public TapeExecutor Executor { get; }

    public WorkerPool Pool => pool;

    public JsonNode Results { get; } = JsonNode.Parse(File.ReadAllText(PathOf("results.json")))!;

    public static string PathOf(string name) => Path.Combine(Fixtures.PathOf("train-g3-tiny-a"), name);

    /// <summary>The two rows of the fixture, without their padding.</summary>
    public static (int[] Ids, int[] Labels)[] Rows()
    {
        JsonNode batch = JsonNode.Parse(File.ReadAllText(PathOf("batch.json")))!;
        return [.. Enumerable.Range(0, 2).Select(row =>
        {
            int length = batch["attention_mask"]![row]!.AsArray().Sum(mask => mask!.GetValue<int>());
            return (Numbers(batch["input_ids"]![row]!, length), Numbers(batch["labels"]![row]!, length));
        })];
    }

    /// <summary>Rows of the fixture as one batch, one document after the other.</summary>
    public static TapeBatch Batch(params ReadOnlySpan<(int[] Ids, int[] Labels)> rows)
    {
        List<int> tokens = [], targets = [], positions = [], starts = [0];
        foreach ((int[] ids, int[] labels) in rows)
        {
            tokens.AddRange(ids);
            targets.AddRange(labels.Skip(1).Append(TrainingData.IgnoredLabel));
            positions.AddRange(Enumerable.Range(0, ids.Length));
            starts.Add(tokens.Count);
        }

        return new TapeBatch([.. tokens], [.. targets], [.. positions], [.. starts]);
    }

    /// <summary>Trains every tensor of the network.</summary>
    public void TrainAll()
    {
        foreach (string name in Model.Network.TensorNames)
        {
            Model.Train(new Parameter(name, Copy(checkpoint.GetTensor(name))));
        }
    }

    /// <summary>Trains an adapter.</summary>
    public void Attach(TrainingOptions options)
    {
        TunedParameters tuned = options.Method == TrainingMethod.Lora
            ? new LoraParameters(options, "g3-tiny-a", pool)
            : new PromptParameters(options, tokenizer: null, "g3-tiny-a");
        tuned.AttachTo(Model);
        Model.Refresh();
    }

    /// <summary>Sets all gradients to zero.</summary>
    public void ClearGradients()
    {
        foreach (Parameter parameter in Model.Parameters)
        {
            parameter.Gradient.AsFloats().Clear();
        }
    }

    /// <summary>A share of all values is close to those of a file, and none is further away than a bound.</summary>
    public void ValuesShouldBe(string file, double share, double close, double atMost)
    {
        using SafetensorsFile expected = SafetensorsFile.Open(PathOf(file));
        long near = 0, count = 0;
        foreach (Parameter parameter in Model.Parameters)
        {
            Span<float> actual = parameter.Value.AsFloats();
            Span<float> right = expected.GetTensor(parameter.Name).AsFloats();
            Closeness.LargestDifference(actual, right).ShouldBeAtMost(atMost, parameter.Name);
            for (int i = 0; i < right.Length; i++)
            {
                near += MathF.Abs(actual[i] - right[i]) <= close ? 1 : 0;
            }

            count += right.Length;
        }

        (1 - (near / (double)count)).ShouldBeAtMost(1 - share);
    }

    /// <summary>Runs micro-batches with the cross-entropy and gives the mean loss over all targets.</summary>
    public double CrossEntropy(double filter, params TapeBatch[] batches)
    {
        int targets = batches.Sum(batch => batch.TargetCount);
        double sum = 0;
        var loss = new CrossEntropyLoss();
        foreach (TapeBatch batch in batches)
        {
            TapeBatch tape = batch.WithSoftPrompt((int)(Model.SoftPrompt?.Value.Rows ?? 0));
            loss.Begin(tape.WantedTargets, 1f / targets);
            Executor.Train(tape, loss, filter, dropoutSeed: null);
            foreach (double row in loss.Losses)
            {
                sum += row;
            }
        }

        return sum / targets;
    }

    public static Tensor Copy(Tensor source)
    {
        Tensor copy = Tensor.Allocate(ElementType.F32, source.Shape.AsSpan());
        for (long row = 0; row < source.Rows; row++)
        {
            source.DecodeRow(row, new Span<float>(copy.RowPointer(row), (int)source.RowLength));
        }

        return copy;
    }

    /// <summary>Every gradient within <paramref name="tolerance"/> of its tensor's largest entry.</summary>
    public void GradientsShouldBe(string file, double tolerance = 1e-4, Func<string, string>? nameInFile = null)
    {
        using SafetensorsFile expected = SafetensorsFile.Open(PathOf(file));
        Model.Parameters.ShouldNotBeEmpty();
        foreach (Parameter parameter in Model.Parameters)
        {
            ReadOnlySpan<float> right = expected.GetTensor(nameInFile?.Invoke(parameter.Name) ?? parameter.Name).AsFloats();
            float largest = 0;
            foreach (float value in right)
            {
                largest = MathF.Max(largest, MathF.Abs(value));
            }

            (Closeness.LargestDifference(parameter.Gradient.AsFloats(), right) / largest).ShouldBeAtMost(tolerance, parameter.Name);
        }
    }

    public float[][] Gradients() => [.. Model.Parameters.Select(parameter => parameter.Gradient.AsFloats().ToArray())];

    public void Dispose()
    {
        Executor.Dispose();
        Model.Dispose();
        pool.Dispose();
        checkpoint.Dispose();
    }

    private static int[] Numbers(JsonNode array, int length) => [.. array.AsArray().Take(length).Select(id => id!.GetValue<int>())];
}
