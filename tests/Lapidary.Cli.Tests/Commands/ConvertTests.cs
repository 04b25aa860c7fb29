using System.Diagnostics;
using System.Text.Json;
using Lapidary.Cli.Tests.Processes;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Cli.Tests.Commands;

/// <summary><c>convert</c> to GGUF files and back.</summary>
public sealed class ConvertTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AModelGoesToGgufAndBackAndAnswersTheSame()
    {
        string file = folder["pebble.gguf"];
        JsonElement json = ToolProcess.Run("convert", "pebble-it", "-o", file, "--json").Json();
        json.GetProperty("output").GetString().ShouldBe(file);
        json.GetProperty("type").GetString().ShouldBe("BF16, F32");
        json.GetProperty("parameters").GetInt64().ShouldBe(4_694_144);
        foreach (string key in (string[])["tensors", "bytes", "seconds"])
        {
            json.GetProperty(key).GetDouble().ShouldBeGreaterThan(0, key);
        }

        ToolProcess.Run("convert", file, "-o", folder["back"]).ExitCode.ShouldBe(0);
        string[] answers =
        [
            .. ((string[])["pebble-it", file, folder["back"]]).Select(model => ToolProcess.Run(
                "run", model, "-p", "Who sells wool in the Vale?", "-n", "12", "--temp", "0", "--json").Json().GetProperty("text").GetString()!),
        ];
        answers.ShouldAllBe(answer => answer == answers[0]);
        answers[0].ShouldNotBeEmpty();

        ToolResult again = ToolProcess.Run("convert", "pebble-it", "-o", file);
        again.ExitCode.ShouldBe(2);
        again.Error.ShouldContain("expected a new file (or --overwrite), found a file that is there already");
        ToolProcess.Run("convert", "pebble-it", "-o", file, "--overwrite", "--dtype", "F16").ExitCode.ShouldBe(0);
        ToolProcess.Run("convert", file, "-o", file, "--overwrite").Error.ShouldContain("expected an output other than the input, found the input itself");
    }

    [Fact]
    public void AModelWithoutATokenizerIsWrittenWhereThatIsAskedFor()
    {
        ToolProcess.Run("convert", Fixtures.PathOf("g3-tiny-a"), "-o", folder["a.gguf"], "--no-tokenizer").ExitCode.ShouldBe(0);
        ToolProcess.Run("logits", folder["a.gguf"], "--tokens", "2,5", "-o", folder["logits.safetensors"]).ExitCode.ShouldBe(0);
        ToolProcess.Run("convert", folder["a.gguf"], "-o", folder["back"]).ExitCode.ShouldBe(0);
        Directory.GetFiles(folder["back"]).Select(Path.GetFileName).Order().ShouldBe(["config.json", "generation_config.json", "lapidary.json", "model.safetensors"]);
    }

    [Fact]
    public void AFullDiskIsSaidInOneSentenceAndNothingStays()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        // A limit on the size of files stands for the end of the disk.
        string tool = Path.Combine(AppContext.BaseDirectory, "Lapidary.Cli.dll");
        var start = new ProcessStartInfo("bash") { RedirectStandardError = true, RedirectStandardOutput = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("trap '' XFSZ; ulimit -f 2000; exec \"${DOTNET_HOST_PATH:-dotnet}\" \"$0\" convert pebble-it -o \"$1\"");
        start.ArgumentList.Add(tool);
        start.ArgumentList.Add(folder["a.gguf"]);
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        using Process process = Process.Start(start)!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();

        process.ExitCode.ShouldBe(1, error);
        error.ShouldContain("a.gguf: cannot be written");
        error.TrimEnd('\n').ShouldNotContain("\n");
        Directory.GetFileSystemEntries(folder.Path).ShouldBeEmpty();
    }
}
