using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lapidary.Cli.Tests.Processes;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Cli.Tests.Commands;

/// <summary><c>lapidary tune</c> and <c>distill</c> as processes.</summary>
public sealed class TuneTests : IDisposable
{
    private static readonly string Model = Fixtures.PathOf("g3-tiny-a");

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ThreeStepsOfAdamWGiveTheWeightsOfPyTorch()
    {
        string output = folder["tuned"];

        ToolResult result = ToolProcess.Run(
            "tune", Model, "--data", FixtureRows(), "-o", output, "--steps", "3", "--batch-size", "2", "--lr", "1e-3", "--schedule", "constant",
            "--warmup", "0", "--weight-decay", "0.01", "--clip", "0", "--dtype", "f32", "--no-shuffle", "--json");

        result.ExitCode.ShouldBe(0, result.Error);
        JsonElement summary = result.Json().GetProperty("summary");
        summary.GetProperty("steps").GetInt32().ShouldBe(3);
        summary.GetProperty("tokens").GetInt32().ShouldBe(3 * 71);
        CompareWithPyTorch(Path.Combine(output, "model.safetensors"));
        double[] losses = [.. File.ReadLines(Path.Combine(output, "metrics.jsonl"))
            .Select(line => JsonNode.Parse(line)!["loss"]!.GetValue<double>())];
        losses[0].ShouldBe(8.3770051171, 1e-5);
        losses[1].ShouldBe(5.7325087797, 5e-4);
        losses[2].ShouldBe(3.7905225840, 5e-4);
        File.ReadAllText(Path.Combine(output, "loss.svg")).ShouldContain("<svg");
    }

    [Theory]
    [InlineData("full")]
    [InlineData("lora", "--dropout", "0.1", "--dora")]
    [InlineData("lora", "--init-lora", "pissa", "--rslora")]
    [InlineData("prompt")]
    [InlineData("full", "--dtype", "bf16", "--optimizer", "adafactor", "--activation-checkpointing")]
    [InlineData("full", "--qat", "Q4_0")]
    [InlineData("full", "--prune-to", "0.6", "--prune-every", "3", "--weight-decay", "0.1")]
    [InlineData("full", "--prune-pattern", "2:4", "--prune-scope", "global", "--prune-every", "2", "--dtype", "bf16")]
    public void ARunThatIsKilledAtRandomMomentsEndsWithTheSameBits(string method, params string[] more)
    {
        string[] line = [
            "tune", Model, "--data", RandomRows(24), "--eval-data", RandomRows(6, seed: 9), "--method", method, .. more, "--steps", "24",
            "--batch-size", "4", "--lr", "1e-3", "--save-every", "1", "--eval-every", "8", "--seed", "3", "-o"];
        string whole = folder["whole"];
        ToolProcess.Run([.. line, whole]).ExitCode.ShouldBe(0);

        string killed = folder["killed"];
        var random = new Random(method.Length + more.Length);
        for (int kill = 0; kill < 2; kill++)
        {
            KillAfter(random.Next(1, 10), killed, [.. line, killed, "--resume"]);
        }

        ToolResult last = ToolProcess.Run([.. line, killed, "--resume"]);
        last.ExitCode.ShouldBe(0, last.Error);
        foreach (string file in Directory.EnumerateFiles(whole, "*.safetensors"))
        {
            Hash(Path.Combine(killed, Path.GetFileName(file))).ShouldBe(Hash(file), Path.GetFileName(file));
        }

        Losses(killed).ShouldBe(Losses(whole));
    }

    [Fact]
    public void ACompleteRunAgainWithOtherThreadsGivesTheSameBits()
    {
        string[] line = ["tune", Model, "--data", RandomRows(16), "--steps", "6", "--batch-size", "5", "--lr", "1e-3", "-o"];
        ToolProcess.Run([.. line, folder["a"], "--threads", "1"]).ExitCode.ShouldBe(0);
        ToolProcess.Run([.. line, folder["b"], "--threads", "5", "--activation-checkpointing"]).ExitCode.ShouldBe(0);

        Hash(Path.Combine(folder["b"], "model.safetensors")).ShouldBe(Hash(Path.Combine(folder["a"], "model.safetensors")));
    }

    [Fact]
    public void AStudentLearnsFromATeacher()
    {
        ToolResult result = ToolProcess.Run(
            "distill", Model, "--teacher", Fixtures.PathOf("g3-tiny-teacher"), "--data", FixtureRows(), "-o", folder["student"], "--steps", "2",
            "--batch-size", "2", "--temperature", "2", "--ce-weight", "0.5", "--lr", "1e-3", "--no-shuffle", "--json");

        result.ExitCode.ShouldBe(0, result.Error);
        Losses(folder["student"])[0].ShouldBe(6.2089613093, 1e-5);
    }

    [Fact]
    public void AStoredTeacherOfTheWholeVocabularyTeachesAsALiveOne()
    {
        string rows = RandomRows(9), teacher = Fixtures.PathOf("g3-tiny-teacher"), stored = folder["teacher.safetensors"];
        ToolProcess.Run("record-teacher", teacher, "--data", rows, "-o", stored, "--top-tokens", "512").ExitCode.ShouldBe(0);
        string[] line = ["distill", Model, "--data", rows, "--steps", "4", "--batch-size", "3", "--temperature", "2", "--lr", "1e-3", "-o"];

        ToolProcess.Run([.. line, folder["live"], "--teacher", teacher]).ExitCode.ShouldBe(0);
        ToolResult result = ToolProcess.Run([.. line, folder["stored"], "--teacher-logits", stored]);

        result.ExitCode.ShouldBe(0, result.Error);
        foreach ((double live, double fromFile) in Losses(folder["live"]).Zip(Losses(folder["stored"])))
        {
            fromFile.ShouldBe(live, 1e-5);
        }

        ToolResult other = ToolProcess.Run(
            "distill", Model, "--data", RandomRows(9, seed: 5), "--steps", "4", "-o", folder["other"], "--teacher-logits", stored);
        other.ExitCode.ShouldBe(2);
        other.Error.ShouldContain("was written for other data");
    }

    [Fact]
    public void ATeacherWithAnotherVocabularyIsRefused()
    {
        string other = folder["other"];
        JsonNode config = JsonNode.Parse(File.ReadAllText(Path.Combine(Model, "config.json")))!;
        config["vocab_size"] = 500;
        string file = folder["config.json"];
        File.WriteAllText(file, config.ToJsonString());
        ToolProcess.Run("init", "--config", file, "-o", other).ExitCode.ShouldBe(0);
        ToolResult result = ToolProcess.Run("distill", Model, "--teacher", other, "--data", FixtureRows(), "-o", folder["student"], "--steps", "1");

        result.ExitCode.ShouldBe(2);
        result.Error.ShouldContain("has a vocabulary of");
        Directory.Exists(folder["student"]).ShouldBeFalse();
    }

    [Fact]
    public void AResumeWithOtherOptionsIsRefused()
    {
        string[] line = ["tune", Model, "--data", RandomRows(8), "--steps", "4", "--save-every", "1", "-o", folder["run"]];
        ToolProcess.Run([.. line, "--lr", "1e-3"]).ExitCode.ShouldBe(0);
        ToolResult result = ToolProcess.Run([.. line, "--lr", "1e-4", "--resume"]);

        result.ExitCode.ShouldBe(2);
        result.Error.ShouldContain("learning_rate is 0.0001, and the run was begun with 0.001");
    }

    [Fact]
    public void ADryRunSaysWhatIsNeededAndWritesNothing()
    {
        ToolResult result = ToolProcess.Run("tune", Model, "--data", RandomRows(8), "--steps", "4", "-o", folder["run"], "--dry-run", "--json");

        result.ExitCode.ShouldBe(0, result.Error);
        JsonElement estimate = result.Json();
        estimate.GetProperty("steps").GetInt32().ShouldBe(4);
        estimate.GetProperty("trained_parameters").GetInt64().ShouldBe(PyTorchParameters());
        estimate.GetProperty("memory_bytes").GetInt64().ShouldBe(estimate.GetProperty("memory_parts").EnumerateObject().Sum(part => part.Value.GetInt64()));
        Directory.Exists(folder["run"]).ShouldBeFalse();
    }

    [Fact]
    public void AnOptionOfAnotherMethodIsAWrongRequest()
    {
        ToolResult result = ToolProcess.Run("tune", Model, "--data", RandomRows(2), "-o", folder["run"], "--rank", "4");

        result.ExitCode.ShouldBe(2);
        result.Error.ShouldBe("error: --rank: expected --method lora, found --method full\n");
    }

    [Fact]
    public void NotANumberStopsARunAndNamesWhatItCan()
    {
        ToolResult result = ToolProcess.Run(
            "tune", Model, "--data", RandomRows(8), "-o", folder["run"], "--steps", "40", "--lr", "1e6", "--clip", "0", "--optimizer", "sgd",
            "--save-every", "1");

        result.ExitCode.ShouldBe(1);
        result.Error.ShouldContain("training diverged at step");
        result.Error.ShouldContain("rows-");
        result.Error.ShouldNotContain("   at ");
        Directory.EnumerateDirectories(folder["run"], "checkpoint-*").ShouldNotBeEmpty();
    }

    private static string Hash(string file) => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)));

    private static double[] Losses(string run) => [.. File.ReadLines(Path.Combine(run, "metrics.jsonl"))
        .Select(line => JsonNode.Parse(line)!["loss"])
        .Where(loss => loss is not null)
        .Select(loss => loss!.GetValue<double>())];

    // The run is killed some steps further than it was, or at its end.
    private static void KillAfter(int more, string run, string[] line)
    {
        using Process process = ToolProcess.Start(line, new Dictionary<string, string>());
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        string metrics = Path.Combine(run, "metrics.jsonl");
        int Steps() => File.Exists(metrics) ? File.ReadAllText(metrics).Count('\n') : 0;
        int before = Steps();
        var watch = Stopwatch.StartNew();
        while (!process.HasExited && Steps() < before + more && watch.Elapsed < TimeSpan.FromMinutes(1))
        {
            Thread.Sleep(2);
        }

        process.Kill();
        process.WaitForExit();
    }

    private static void CompareWithPyTorch(string file)
    {
        using var actual = Lapidary.Checkpoints.SafetensorsFile.Open(file);
        using var expected = Lapidary.Checkpoints.SafetensorsFile.Open(Fixtures.PathOf("train-g3-tiny-a/adamw_step3_params.safetensors"));
        actual.Tensors.Keys.Order().ShouldBe(expected.Tensors.Keys.Order());
        long near = 0, count = 0;
        foreach (string name in expected.Tensors.Keys)
        {
            ReadOnlySpan<float> left = actual.GetTensor(name).AsFloats(), right = expected.GetTensor(name).AsFloats();
            Closeness.LargestDifference(left, right).ShouldBeAtMost(6e-3, name);
            for (int i = 0; i < left.Length; i++)
            {
                near += MathF.Abs(left[i] - right[i]) <= 1e-5f ? 1 : 0;
            }

            count += left.Length;
        }

        (1 - (near / (double)count)).ShouldBeAtMost(0.005);
    }

    private static long PyTorchParameters()
    {
        using var file = Lapidary.Checkpoints.SafetensorsFile.Open(Fixtures.PathOf("train-g3-tiny-a/adamw_step3_params.safetensors"));
        return file.Tensors.Values.Sum(tensor => tensor.Length);
    }

    private string FixtureRows()
    {
        JsonNode batch = JsonNode.Parse(File.ReadAllText(Fixtures.PathOf("train-g3-tiny-a/batch.json")))!;
        IEnumerable<string> lines = Enumerable.Range(0, 2).Select(row => new JsonObject
        {
            ["input_ids"] = batch["input_ids"]![row]!.DeepClone(),
            ["labels"] = batch["labels"]![row]!.DeepClone(),
            ["attention_mask"] = batch["attention_mask"]![row]!.DeepClone(),
        }.ToJsonString());
        string file = folder["fixture-rows.jsonl"];
        File.WriteAllLines(file, lines);
        return file;
    }

    private string RandomRows(int count, int seed = 1)
    {
        var random = new Random(seed);
        string file = folder[$"rows-{count}-{seed}.jsonl"];
        File.WriteAllLines(file, Enumerable.Range(0, count).Select(_ =>
            $"{{\"input_ids\":[2,{string.Join(',', Enumerable.Range(0, random.Next(8, 40)).Select(_ => random.Next(3, 512)))}]}}"));
        return file;
    }
}
