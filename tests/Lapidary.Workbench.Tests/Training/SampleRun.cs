using System.Text;
using System.Text.Json.Nodes;
using Lapidary.Numerics;
using Lapidary.Workbench.Training;
using Shouldly;

namespace Lapidary.Workbench.Tests.Training;

/// <summary>A run whose tensors are a function of its step, so that any checkpoint can be checked for being whole.</summary>
internal sealed class SampleRun : IDisposable
{
    private const string Weights = "model.safetensors";
    private const string Optimizer = "optimizer.safetensors";

    private readonly Tensor weight;
    private readonly Tensor norm;
    private readonly Tensor average;

    public SampleRun(int rows = 3)
    {
        weight = Tensor.Allocate(ElementType.F32, rows, 5);
        norm = Tensor.Allocate(ElementType.BF16, 7);
        average = Tensor.Allocate(ElementType.F32, rows, 5);
    }

    private IReadOnlyList<TensorFile> Files =>
    [
        new(Weights, [("norm.weight", norm), ("q_proj.weight", weight)]),
        new(Optimizer, [("q_proj.weight.exp_avg", average)], new Dictionary<string, string> { ["kind"] = "adamw" }),
    ];

    public static TrainingState State(long step) => new()
    {
        Step = step,
        Epoch = step / 10,
        Tokens = step * 512,
        Seconds = step * 0.25,
        BestValidationLoss = step == 0 ? double.PositiveInfinity : 2.5,
        BestStep = step == 0 ? null : step,
        Seed = ulong.MaxValue - 1,
        Options = new JsonObject { ["method"] = "lora", ["learning_rate"] = 2e-4, ["rank"] = 16, ["targets"] = new JsonArray("q_proj", "v_proj") },
        DataHash = "a0b1",
        BaseHash = "c2d3",
        ProgramVersion = "0.1.0",
        Extra = new JsonObject { ["smoothed_loss"] = 1.25 },
    };

    public string Save(CheckpointStore store, long step, bool isBest = false)
    {
        Fill(step);
        return store.Save(State(step), Files, [("config.json", Encoding.UTF8.GetBytes($"{{\"step\":{step}}}\n"))], isBest);
    }

    public void ShouldEqual(TrainingCheckpoint checkpoint)
    {
        long step = checkpoint.State.Step;
        Fill(step);
        Encoding.UTF8.GetString(checkpoint.ReadFile("config.json")).ShouldBe($"{{\"step\":{step}}}\n");
        using Tensor copy = Tensor.Allocate(ElementType.F32, weight.Shape.AsSpan());
        checkpoint.ReadInto(Weights, "q_proj.weight", copy);
        ShouldBeSame(copy, weight);
        checkpoint.ReadInto(Optimizer, [("q_proj.weight.exp_avg", copy)]);
        ShouldBeSame(copy, average);
        using Tensor half = Tensor.Allocate(ElementType.BF16, 7);
        checkpoint.ReadInto(Weights, "norm.weight", half);
        ShouldBeSame(half, norm);
    }

    public void Dispose()
    {
        weight.Dispose();
        norm.Dispose();
        average.Dispose();
    }

    private static unsafe void ShouldBeSame(Tensor actual, Tensor expected) =>
        new Span<byte>(actual.Data, (int)actual.ByteLength).SequenceEqual(new Span<byte>(expected.Data, (int)expected.ByteLength)).ShouldBeTrue();

    private unsafe void Fill(long step)
    {
        var random = new SplitMix64((ulong)step);
        foreach (Tensor tensor in (Tensor[])[weight, norm, average])
        {
            for (long i = 0; i < tensor.ByteLength; i++)
            {
                // Any bit pattern must survive, also those of NaN.
                tensor.Data[i] = (byte)random.NextBits();
            }
        }
    }
}
