using Lapidary.Cli.Tests.Processes;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Cli.Tests.Commands;

/// <summary>A broken model ends in one sentence that names the file, exit code 2, without much time or memory.</summary>
public sealed class BrokenModelTests
{
    private static readonly BrokenFile[] Files = [.. BrokenFiles.All];

    public static TheoryData<string> Names => [.. Files.Select(file => file.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void TheToolRefusesIt(string name)
    {
        int index = Array.FindIndex(Files, file => file.Name == name);
        using var folder = new TemporaryFolder();
        using var output = new TemporaryFolder();
        string model = Files[index].Make(folder.Path);

        // Every command that opens a model gets its share of the files.
        string[][] lines =
        [
            ["info", model],
            ["run", model, "--tokens", "1", "-t", "1"],
            ["logits", model, "--tokens", "1", "-t", "1", "-o", output["logits.safetensors"]],
            ["bench", model, "-p", "1", "-n", "0", "-r", "1", "-t", "1", "--json"],
        ];
        ToolResult result = ToolProcess.Run(lines[index % lines.Length]);

        result.ExitCode.ShouldBe(2, result.Error);
        result.Error.ShouldStartWith("error: " + folder.Path);
        if (Path.Exists(model))
        {
            // What is not there is already missed by the tool, which knows of other places to look.
            result.Error.ShouldContain(Files[index].Fragment);
        }

        result.Error.TrimEnd('\n').ShouldNotContain("\n");
        result.Output.ShouldBeEmpty();

        // Processor time, because a busy machine makes everything late.
        result.ProcessorTime.ShouldBeLessThan(TimeSpan.FromSeconds(2));
        result.PeakBytes.ShouldBeLessThan(200L << 20);
        Directory.EnumerateFileSystemEntries(output.Path).ShouldBeEmpty();
    }
}
