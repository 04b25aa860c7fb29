using Lapidary.Cli.Tests.Processes;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Cli.Tests.Commands;

/// <summary>Training with data and folders that are wrong: one sentence, and nothing is lost.</summary>
public sealed class TrainingFaultTests : IDisposable
{
    private static readonly string Model = Fixtures.PathOf("g3-tiny-a");

    private readonly TemporaryFolder folder = new();

    // As processes a sample of what the reader's own tests go through one by one: every fifth.
    public static TheoryData<string> SomeBrokenData => [.. BrokenData.All.Where((_, index) => index % 5 == 0).Select(file => file.Name)];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(SomeBrokenData))]
    public void DataThatCannotBeUsedEndInOneSentence(string name)
    {
        BrokenFile broken = BrokenData.All.Single(file => file.Name == name);
        string data = broken.Make(folder.Path);

        ToolResult result = ToolProcess.Run("tune", "pebble", "--data", data, "-o", folder["run"], "--steps", "1");

        result.ExitCode.ShouldBe(2, result.Error);
        result.Output.ShouldBeEmpty();
        result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Count(line => line.StartsWith("error: ", StringComparison.Ordinal)).ShouldBe(1, result.Error);
        result.Error.ShouldNotContain("   at ");
        Directory.Exists(folder["run"]).ShouldBeFalse();
    }

    [Fact]
    public void ADamagedCheckpointIsPassedOverAndTheOneBeforeIsUsed()
    {
        string rows = folder["rows.jsonl"], run = folder["run"];
        File.WriteAllLines(rows, Enumerable.Range(0, 12).Select(i => $"{{\"input_ids\":[2,{i + 10},{i + 20},{i + 30}]}}"));
        string[] line = ["tune", Model, "--data", rows, "-o", run, "--steps", "6", "--save-every", "2", "--batch-size", "2"];
        ToolProcess.Run(line).ExitCode.ShouldBe(0);
        byte[] whole = File.ReadAllBytes(Path.Combine(run, "model.safetensors"));
        string newest = Path.Combine(run, "checkpoint-4", "optimizer.safetensors");
        byte[] bytes = File.ReadAllBytes(newest);
        bytes[^5] ^= 1;
        File.WriteAllBytes(newest, bytes);

        ToolResult result = ToolProcess.Run([.. line, "--resume"]);

        result.ExitCode.ShouldBe(0, result.Error);
        result.Error.ShouldContain("checkpoint-4");
        result.Error.ShouldContain("goes on from step 2 of 6");
        File.ReadAllBytes(Path.Combine(run, "model.safetensors")).ShouldBe(whole);
    }

    [Fact]
    public void AFolderThatHoldsFilesIsNotWrittenInto()
    {
        string rows = folder["rows.jsonl"];
        File.WriteAllText(rows, "{\"input_ids\":[2,3,4]}\n");
        Directory.CreateDirectory(folder["run"]);
        File.WriteAllText(Path.Combine(folder["run"], "mine.txt"), "x");

        ToolResult result = ToolProcess.Run("tune", Model, "--data", rows, "-o", folder["run"]);

        result.ExitCode.ShouldBe(2);
        result.Error.ShouldContain("expected an empty folder or none (or --overwrite), found a folder with files in it");
    }
}
