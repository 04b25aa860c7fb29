using System.Diagnostics;
using System.Text.Json;
using Lapidary.Cli.Tests.Processes;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Cli.Tests.Commands;

/// <summary><c>quantize</c> as users call it.</summary>
public sealed class QuantizeTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AModelIsQuantizedAndAnswers()
    {
        string file = folder["pebble.gguf"];
        JsonElement json = ToolProcess.Run("quantize", "pebble-it", "-o", file, "--type", "q4_k_m", "--threads", "1", "--json").Json();
        json.GetProperty("output").GetString().ShouldBe(file);
        json.GetProperty("type").GetString().ShouldBe("Q4_K_M");
        json.GetProperty("tensors").GetInt32().ShouldBe(93);
        json.GetProperty("parameters").GetInt64().ShouldBe(4_694_144);
        json.GetProperty("file_bytes").GetInt64().ShouldBe(new FileInfo(file).Length);
        json.GetProperty("bytes").GetInt64().ShouldBeLessThan(new FileInfo(file).Length);
        json.GetProperty("bytes_before").GetInt64().ShouldBe(2 * 4_694_144);
        json.GetProperty("bits_per_weight").GetDouble().ShouldBe(8.0 * json.GetProperty("bytes").GetInt64() / 4_694_144, 1e-12);
        json.GetProperty("types").EnumerateArray().Select(type => type.GetProperty("type").GetString()).Order().ShouldBe(["F32", "Q4_K", "Q6_K"]);
        json.TryGetProperty("tensor_types", out _).ShouldBeFalse();

        JsonElement planned = ToolProcess.Run("quantize", "pebble-it", "--type", "Q4_K_M", "--types-only", "--json").Json();
        JsonElement info = ToolProcess.Run("info", file, "--json").Json();
        planned.GetProperty("types").GetRawText().ShouldBe(info.GetProperty("types").GetRawText());
        planned.GetProperty("tensor_types").GetArrayLength().ShouldBe(93);
        planned.GetProperty("bytes").GetInt64().ShouldBe(json.GetProperty("bytes").GetInt64());
        planned.TryGetProperty("output", out _).ShouldBeFalse();

        string text = ToolProcess.Run("run", file, "-p", "Who sells wool in the Vale?", "-n", "12", "--temp", "0", "--json")
            .Json().GetProperty("text").GetString()!;
        text.ShouldNotBeEmpty();

        ToolResult again = ToolProcess.Run("quantize", file, "-o", folder["again.gguf"], "--type", "Q4_0");
        again.ExitCode.ShouldBe(2);
        again.Error.ShouldContain("already where F32, F16 or BF16 was expected");
        again.Error.TrimEnd('\n').ShouldNotContain("\n");
        ToolProcess.Run("quantize", file, "-o", file, "--type", "Q4_0", "--overwrite").Error.ShouldContain("found the input itself");
        ToolProcess.Run("quantize", "pebble-it", "-o", file, "--type", "Q8_0", "--pure", "--overwrite").Output
            .ShouldContain("Q8_0 (pure), 93 tensors, 4,694,144 parameters, 9.0 MiB to 4.8 MiB, 8.5");
        Directory.GetFileSystemEntries(folder.Path).ShouldBe([file]);
    }

    [Fact]
    public void TypesArePrintedWithoutWriting()
    {
        ToolResult result = ToolProcess.Run(
            "quantize", "pebble-it", "-o", folder["a.gguf"], "--type", "Q3_K_M", "--tensor-type", @"blk\.[01]\.ffn_up=Q5_0", "--types-only");
        result.ExitCode.ShouldBe(0, result.Error);
        string[] lines = result.Output.Split('\n');
        lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries).ShouldBe(["tensor", "shape", "from", "to", "before", "after"]);
        lines.Single(line => line.StartsWith("blk.1.ffn_up.weight ", StringComparison.Ordinal)).ShouldContain(" Q5_0 ");
        lines.Single(line => line.StartsWith("blk.2.ffn_up.weight ", StringComparison.Ordinal)).ShouldContain(" Q3_K ");
        Directory.GetFileSystemEntries(folder.Path).ShouldBeEmpty();
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
        start.ArgumentList.Add("trap '' XFSZ; ulimit -f 1000; exec \"${DOTNET_HOST_PATH:-dotnet}\" \"$0\" quantize pebble-it --type Q4_0 -o \"$1\"");
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
