using System.Text.Json;
using System.Text.Json.Nodes;
using Lapidary.Checkpoints;
using Lapidary.Cli.Tests.Processes;
using Lapidary.Numerics;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Compression;
using Shouldly;
using Xunit;

namespace Lapidary.Cli.Tests.Commands;

/// <summary>Pruning in the course of <c>lapidary tune</c>, and what becomes of zeros in <c>tune</c> and <c>merge</c>.</summary>
public sealed class TunePruningTests : IDisposable
{
    private static readonly string Model = Fixtures.PathOf("g3-tiny-a");

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void TheSparsityFollowsTheScheduleAndIsThatOfTheWrittenModel()
    {
        ToolResult result = Prune("run", "--prune-to", "0.5", "--prune-from", "0.1", "--prune-start", "2", "--prune-end", "8", "--prune-every", "2");

        // 0.5 - 0.4 (1 - k/3)^3 after 2, 4, 6 and 8 steps; a line of the log is of the weights before its step.
        double[] wanted = [0, 0, 0.1, 0.1, 0.5 - (0.4 * 8 / 27), 0.5 - (0.4 * 8 / 27), 0.5 - (0.4 / 27), 0.5 - (0.4 / 27), 0.5, 0.5];
        double[] found = [.. File.ReadLines(Path.Combine(folder["run"], "metrics.jsonl"))
            .Select(line => JsonNode.Parse(line)!["sparsity"]!.GetValue<double>())];
        found.Length.ShouldBe(wanted.Length);
        foreach ((double right, double share) in wanted.Zip(found))
        {
            share.ShouldBe(right, 2e-4);
        }

        JsonElement sparsity = result.Json().GetProperty("sparsity");
        sparsity.GetProperty("linear_layers").GetProperty("sparsity").GetDouble().ShouldBe(0.5);
        (long linear, long linearZeros, long all, long zeros) = Count(folder["run"]);
        linearZeros.ShouldBe(linear / 2);
        sparsity.GetProperty("linear_layers").GetProperty("parameters").GetInt64().ShouldBe(linear);
        sparsity.GetProperty("linear_layers").GetProperty("zeros").GetInt64().ShouldBe(linearZeros);
        sparsity.GetProperty("model").GetProperty("parameters").GetInt64().ShouldBe(all);
        sparsity.GetProperty("model").GetProperty("zeros").GetInt64().ShouldBe(zeros);
        File.ReadAllText(Path.Combine(folder["run"], "loss.svg")).ShouldContain("sparsity");
    }

    [Fact]
    public void OtherThreadsGiveTheSameBits()
    {
        string[] line = ["--prune-to", "0.7", "--prune-scope", "global", "--prune-tensors", "proj", "--prune-every", "1"];
        Prune("a", [.. line, "--threads", "1"]);
        Prune("b", [.. line, "--threads", "5"]);
        File.ReadAllBytes(Path.Combine(folder["b"], "model.safetensors")).ShouldBe(File.ReadAllBytes(Path.Combine(folder["a"], "model.safetensors")));
    }

    [Fact]
    public void AStudentIsPrunedWhileItLearns()
    {
        ToolResult result = ToolProcess.Run(
            "distill", Model, "--teacher", Fixtures.PathOf("g3-tiny-teacher"), "--data", RandomRows(), "-o", folder["student"], "--steps", "4",
            "--batch-size", "4", "--prune-pattern", "1:4", "--prune-end", "2", "--prune-every", "1", "--json");

        result.ExitCode.ShouldBe(0, result.Error);
        (long linear, long zeros, _, _) = Count(folder["student"]);
        zeros.ShouldBe(linear / 4);
    }

    [Theory]
    [InlineData]
    [InlineData("--qat", "Q4_0")]
    [InlineData("--dtype", "bf16", "--optimizer", "adafactor", "--weight-decay", "0.1")]
    public void AGroupPatternOutlivesAnotherTraining(params string[] more)
    {
        Prune("pruned", "--prune-pattern", "2:4", "--prune-start", "1", "--prune-end", "1");
        ToolResult result = ToolProcess.Run(
            ["tune", folder["pruned"], "--data", RandomRows(), "-o", folder["again"], "--steps", "6", "--batch-size", "4", "--lr", "1e-3", .. more]);

        result.ExitCode.ShouldBe(0, result.Error);
        result.Error.ShouldContain("matrices are pruned, the first ");
        using Checkpoint before = Checkpoint.Open(folder["pruned"]);
        using Checkpoint after = Checkpoint.Open(folder["again"]);
        int moved = 0;
        foreach (string name in before.Tensors.Keys.Where(TensorSelection.IsDecoderLinear))
        {
            float[] old = Read(before.GetTensor(name)), now = Read(after.GetTensor(name));
            Enumerable.Range(0, old.Length).Where(i => old[i] == 0).ShouldAllBe(i => now[i] == 0, name);
            old.Chunk(4).ShouldAllBe(group => group.Count(value => value == 0) == 2, name);
            moved += old.Zip(now).Count(pair => pair.First != pair.Second);
        }

        moved.ShouldBeGreaterThan(1000);
    }

    [Theory]
    [InlineData]
    [InlineData("--dora")]
    public void AMergeIntoAPrunedBaseSaysThatZerosAreLostOrKeepsThem(params string[] more)
    {
        Prune("pruned", "--prune-to", "0.5", "--prune-start", "1", "--prune-end", "1");
        string adapter = folder["adapter"];
        ToolProcess.Run(
            ["tune", folder["pruned"], "--method", "lora", "--targets", "q_proj,down_proj", "--data", RandomRows(), "-o", adapter, "--steps", "4", "--lr", "1e-2", .. more])
            .ExitCode.ShouldBe(0);

        ToolResult dense = ToolProcess.Run("merge", folder["pruned"], "--adapter", adapter, "-o", folder["dense"], "--json");
        dense.ExitCode.ShouldBe(0, dense.Error);
        dense.Error.ShouldContain("lose their zeros, 50.00 % before and 0.00 % after the merge; --keep-zeros keeps them");
        JsonElement zeros = dense.Json().GetProperty("zeros");
        zeros.GetProperty("base_sparsity").GetDouble().ShouldBe(0.5);
        zeros.GetProperty("merged_sparsity").GetDouble().ShouldBeLessThan(0.001);

        ToolResult kept = ToolProcess.Run("merge", folder["pruned"], "--adapter", adapter, "-o", folder["kept"], "--keep-zeros", "--json");
        kept.ExitCode.ShouldBe(0, kept.Error);
        kept.Error.ShouldNotContain("warning");
        kept.Json().GetProperty("zeros").GetProperty("merged_sparsity").GetDouble().ShouldBe(0.5);

        using Checkpoint pruned = Checkpoint.Open(folder["pruned"]);
        using Checkpoint merged = Checkpoint.Open(folder["dense"]);
        using Checkpoint masked = Checkpoint.Open(folder["kept"]);
        foreach (string name in pruned.Tensors.Keys)
        {
            float[] old = Read(pruned.GetTensor(name)), full = Read(merged.GetTensor(name)), sparse = Read(masked.GetTensor(name));
            for (int i = 0; i < old.Length; i++)
            {
                sparse[i].ShouldBe(old[i] == 0 ? 0 : full[i]);
            }
        }
    }

    [Fact]
    public void AMergeIntoADenseBaseSaysNothingOfZeros()
    {
        ToolResult result = ToolProcess.Run(
            "merge", Model, "--adapter", Fixtures.PathOf("train-g3-tiny-a/lora_adapter"), "-o", folder["merged"], "--json");
        result.ExitCode.ShouldBe(0, result.Error);
        result.Error.ShouldNotContain("warning");
        result.Json().TryGetProperty("zeros", out _).ShouldBeFalse();
    }

    [Fact]
    public void TheZerosOfAQuantizedBaseAreNoPruning()
    {
        ToolProcess.Run("quantize", Model, "--type", "Q4_0", "--pure", "--no-tokenizer", "-o", folder["base.gguf"]).ExitCode.ShouldBe(0);
        ToolResult result = ToolProcess.Run(
            "merge", folder["base.gguf"], "--adapter", Fixtures.PathOf("train-g3-tiny-a/lora_adapter"), "-o", folder["merged"], "--json");
        result.ExitCode.ShouldBe(0, result.Error);
        result.Error.ShouldNotContain("warning");
        result.Json().TryGetProperty("zeros", out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("Pruning cannot end at step 40 of a run of 10 steps.", "--prune-to", "0.5", "--prune-end", "40")]
    [InlineData("Pruning that begins at step 9 cannot end at step 8.", "--prune-to", "0.5", "--prune-start", "9")]
    [InlineData("No matrix that is trained is among those to be pruned, nothing_like_it.", "--prune-to", "0.5", "--prune-tensors", "nothing_like_it")]
    [InlineData("which is not a multiple of the 7 of 3:7", "--prune-pattern", "3:7")]
    public void WhatDoesNotFitTheRunOrTheModelIsOneSentence(string fact, params string[] options)
    {
        ToolResult result = ToolProcess.Run(Line("run", options));

        result.ExitCode.ShouldBe(2, result.Error);
        result.Error.TrimEnd('\n').Split('\n')[^1].ShouldContain(fact);
        result.Error.ShouldNotContain("   at ");
        Directory.Exists(folder["run"]).ShouldBeFalse();
    }

    private static (long Linear, long LinearZeros, long All, long Zeros) Count(string model)
    {
        using Checkpoint checkpoint = Checkpoint.Open(model);
        long linear = 0, linearZeros = 0, all = 0, zeros = 0;
        foreach (string name in checkpoint.Tensors.Keys)
        {
            float[] values = Read(checkpoint.GetTensor(name));
            int found = values.Count(value => value == 0);
            all += values.Length;
            zeros += found;
            bool isLinear = name.Contains("_proj.", StringComparison.Ordinal);
            linear += isLinear ? values.Length : 0;
            linearZeros += isLinear ? found : 0;
        }

        return (linear, linearZeros, all, zeros);
    }

    private static float[] Read(Tensor tensor)
    {
        var values = new float[tensor.Length];
        for (int row = 0; row < tensor.Rows; row++)
        {
            tensor.DecodeRow(row, values.AsSpan(row * (int)tensor.RowLength, (int)tensor.RowLength));
        }

        return values;
    }

    private ToolResult Prune(string output, params string[] options)
    {
        ToolResult result = ToolProcess.Run(Line(output, options));
        result.ExitCode.ShouldBe(0, result.Error);
        return result;
    }

    private string[] Line(string output, string[] options) =>
    [
        "tune", Model, "--data", RandomRows(), "-o", folder[output], "--steps", "10", "--batch-size", "4", "--lr", "1e-3", "--json", .. options,
    ];

    private string RandomRows()
    {
        string file = folder["rows.jsonl"];
        if (!File.Exists(file))
        {
            var random = new Random(1);
            File.WriteAllLines(file, Enumerable.Range(0, 16).Select(_ =>
                $"{{\"input_ids\":[2,{string.Join(',', Enumerable.Range(0, random.Next(8, 30)).Select(_ => random.Next(3, 512)))}]}}"));
        }

        return file;
    }
}
