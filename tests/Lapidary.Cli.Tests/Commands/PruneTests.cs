using System.Diagnostics;
using System.Text.Json;
using System.Xml.Linq;
using Lapidary.Cli.Tests.Processes;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Cli.Tests.Commands;

/// <summary>Pruned models as users make them.</summary>
public sealed class PruneTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string model;
    private readonly string text;

    public PruneTests()
    {
        model = TinyChatModel.Write(folder["model"]);
        text = folder["text.txt"];
        File.WriteAllText(text, string.Concat(Enumerable.Range(0, 40).Select(i => $"the {i} nets on <bos> the shore ")) + "\n");
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AModelIsPrunedWithoutAText()
    {
        ToolResult result = Run("out", "--method", "magnitude", "--sparsity", "0.5");
        result.ExitCode.ShouldBe(0, result.Error);
        result.Error.ShouldBeEmpty();
        result.Output.ShouldContain("linear layers  193,536  387,072   50.00 %");
        result.Output.ShouldContain("whole model    193,536  422,144   45.85 %");
        NamesIn(folder["out"]).ShouldBe([.. NamesIn(model), "lapidary.json", "sparsity.json", "sparsity.md", "sparsity.svg"], ignoreOrder: true);
        new FileInfo(folder["out/model.safetensors"]).Length.ShouldBe(new FileInfo(folder["model/model.safetensors"]).Length);
        XDocument.Load(folder["out/sparsity.svg"]).Root!.Name.LocalName.ShouldBe("svg");

        // It is an ordinary model, and one can look at what is 0 in it.
        ToolProcess.Run("run", folder["out"], "--tokens", "2,10,20", "-n", "2", "--temp", "0").ExitCode.ShouldBe(0);
        JsonElement seen = ToolProcess.Run("prune", folder["out"], "--report", "--json").Json();
        seen.GetProperty("linear_layers").GetProperty("zeros").GetInt64().ShouldBe(193_536);
        seen.GetProperty("model").GetProperty("parameters").GetInt64().ShouldBe(422_144);
        seen.GetProperty("layers").GetArrayLength().ShouldBe(7);
        seen.TryGetProperty("output", out _).ShouldBeFalse();
        ToolProcess.Run("prune", model, "--report").Output.ShouldContain("linear layers      0  387,072    0.00 %");
    }

    [Fact]
    public void AModelIsPrunedByItsInputs()
    {
        foreach (string[] how in (string[][])
        [
            ["--method", "wanda", "--sparsity", "0.5"],
            ["--method", "sparsegpt", "--pattern", "2:4", "--damping", "0.02", "--block-size", "32"],
            ["--method", "sparsegpt", "--sparsity", "0.25", "--allocation", "owl", "--owl-m", "3", "--owl-lambda", "0.05"],
            ["--method", "magnitude", "--sparsity", "0.5", "--allocation", "owl", "--scope", "layer"],
        ])
        {
            ToolResult result = Run("out", [.. how, "-f", text, "--ctx", "64", "--overwrite", "--json"]);
            result.ExitCode.ShouldBe(0, result.Error);
            JsonElement json = result.Json();
            json.GetProperty("method").GetString().ShouldBe(how[1]);
            json.GetProperty("context").GetInt32().ShouldBe(64);
            double target = json.GetProperty("target_sparsity").GetDouble();
            json.GetProperty("linear_layers").GetProperty("sparsity").GetDouble().ShouldBe(target, 0.02);
            json.GetProperty("tensors").GetArrayLength().ShouldBe(7 * 13 + 2);
            using JsonDocument written = JsonDocument.Parse(File.ReadAllBytes(folder["out/sparsity.json"]));
            written.RootElement.GetProperty("linear_layers").GetProperty("zeros").GetInt64()
                .ShouldBe(json.GetProperty("linear_layers").GetProperty("zeros").GetInt64());
            written.RootElement.GetProperty("calibration").GetProperty("chunks").GetInt32().ShouldBe(json.GetProperty("chunks").GetInt32());
        }

        Directory.GetFiles(folder["out"], ".*").ShouldBeEmpty();
    }

    [Fact]
    public void ThreadsChangeNoBit()
    {
        foreach (string threads in new[] { "1", "3" })
        {
            Run(threads, "--method", "sparsegpt", "--sparsity", "0.5", "-f", text, "--ctx", "64", "-t", threads).ExitCode.ShouldBe(0);
        }

        File.ReadAllBytes(folder["3/model.safetensors"]).ShouldBe(File.ReadAllBytes(folder["1/model.safetensors"]));
    }

    [Fact]
    public void AFullDiskIsSaidInOneSentenceAndNothingStays()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        // A limit on the size of files stands for the end of the disk; the matrices alone are 1.5 MB.
        string tool = Path.Combine(AppContext.BaseDirectory, "Lapidary.Cli.dll");
        foreach (string how in new[] { "--method magnitude", "--method wanda -f \"$2\" --ctx 64" })
        {
            var start = new ProcessStartInfo("bash") { RedirectStandardError = true, RedirectStandardOutput = true };
            start.ArgumentList.Add("-c");
            start.ArgumentList.Add($"trap '' XFSZ; ulimit -f 500; exec \"${{DOTNET_HOST_PATH:-dotnet}}\" \"$0\" prune \"$3\" -o \"$1\" --sparsity 0.5 {how}");
            foreach (string argument in new[] { tool, folder["full"], text, model })
            {
                start.ArgumentList.Add(argument);
            }

            start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
            using Process process = Process.Start(start)!;
            string error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            process.ExitCode.ShouldBe(1, error);
            error.ShouldContain("cannot be written");
            error.TrimEnd('\n').ShouldNotContain("\n");
            Directory.Exists(folder["full"]).ShouldBeFalse();
        }
    }

    private static IEnumerable<string> NamesIn(string path) => Directory.GetFiles(path).Select(file => Path.GetFileName(file));

    private ToolResult Run(string target, params string[] more) => ToolProcess.Run(["prune", model, "-o", folder[target], .. more]);
}
