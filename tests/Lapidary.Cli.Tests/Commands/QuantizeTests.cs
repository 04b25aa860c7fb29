using System.Diagnostics;
using System.Text.Json;
using Lapidary.Checkpoints;
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
        Directory.GetFileSystemEntries(folder.Path).ShouldBe([file, file + ".lapidary.json"], ignoreOrder: true);
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
    public void AnImportanceMatrixIsUsedAndNamed()
    {
        string text = WriteText(), matrix = folder["m.gguf"];
        ToolProcess.Run("imatrix", "pebble-it", "-f", text, "--ctx", "32", "-o", matrix, "-t", "1").ExitCode.ShouldBe(0);
        JsonElement json = ToolProcess.Run(
            "quantize", "pebble-it", "-o", folder["a.gguf"], "--type", "Q3_K_S", "--imatrix", matrix, "-t", "1", "--json").Json();
        json.GetProperty("imatrix").GetString().ShouldBe(matrix);
        json.GetProperty("imatrix_entries").GetInt32().ShouldBe(49);
        ToolProcess.Run("quantize", "pebble-it", "-o", folder["b.gguf"], "--type", "Q3_K_S", "-t", "1").ExitCode.ShouldBe(0);
        using (GgufFile with = GgufFile.Open(folder["a.gguf"]), without = GgufFile.Open(folder["b.gguf"]))
        {
            with.Metadata["quantize.imatrix.file"].ToText().ShouldBe("m.gguf");
            with.Metadata["quantize.imatrix.dataset"].ToText().ShouldBe("text.txt");
            with.Tensors.Values.Select(tensor => tensor.Type).ShouldBe(without.Tensors.Values.Select(tensor => tensor.Type));
        }

        File.ReadAllBytes(folder["a.gguf"]).AsSpan().SequenceEqual(File.ReadAllBytes(folder["b.gguf"])).ShouldBeFalse();
        ToolProcess.Run("quantize", "pebble-it", "-o", matrix, "--type", "Q3_K_S", "--imatrix", matrix, "--overwrite").Error
            .ShouldContain("expected an output other than the input, found the input itself");
        ToolResult other = ToolProcess.Run(
            "quantize", TinyChatModel.Write(folder["tiny"]), "-o", folder["c.gguf"], "--type", "Q4_0", "--imatrix", matrix);
        other.ExitCode.ShouldBe(2);
        other.Error.ShouldContain("it is the importance matrix of another model");
        File.Exists(folder["c.gguf"]).ShouldBeFalse();
    }

    [Fact]
    public void ACollectionIsWrittenAndKept()
    {
        string model = TinyChatModel.Write(folder["tiny"]), output = folder["all"], text = WriteText();
        string[] line = ["quantize", model, "--all", "-o", output, "-f", text, "--ctx", "32", "--chunks", "3", "--no-bench", "-t", "1", "--json"];
        JsonElement json = ToolProcess.Run(line).Json();
        JsonElement[] files = [.. json.GetProperty("files").EnumerateArray()];
        files.Length.ShouldBe(15);
        files[0].GetProperty("type").GetString().ShouldBe("F16");
        files[0].GetProperty("kl_divergence").GetDouble().ShouldBe(0, 1e-4);
        files[^1].GetProperty("kl_divergence").GetDouble().ShouldBeGreaterThan(files[1].GetProperty("kl_divergence").GetDouble());
        files[1].TryGetProperty("prompt_tokens_per_second", out _).ShouldBeFalse();
        Directory.GetFiles(output).Length.ShouldBe(15 + 15 + 3 + 1, "files, Modelfiles, table, chart and record, lineage");
        File.ReadAllText(Path.Combine(output, "Modelfile.Q4_K_M")).ShouldContain("FROM ./tiny-Q4_K_M.gguf\nTEMPLATE");
        File.ReadAllText(Path.Combine(output, "collection.md")).ShouldContain("`text.txt`, 3 chunks of 32 tokens");

        // Each is the file of a single call, and perplexity says the same of it.
        ToolProcess.Run("quantize", model, "-o", folder["q.gguf"], "--type", "Q5_K_S").ExitCode.ShouldBe(0);
        string one = Path.Combine(output, "tiny-Q5_K_S.gguf");
        File.ReadAllBytes(one).AsSpan().SequenceEqual(File.ReadAllBytes(folder["q.gguf"])).ShouldBeTrue();
        ToolProcess.Run("perplexity", one, "-f", text, "--ctx", "32", "--chunks", "3", "--json").Json().GetProperty("perplexity").GetProperty("value")
            .GetDouble().ShouldBe(files.Single(file => file.GetProperty("type").GetString() == "Q5_K_S").GetProperty("perplexity").GetDouble(), 1e-12);

        // A second run makes only what is missing or was changed.
        DateTime written = File.GetLastWriteTimeUtc(one);
        File.WriteAllText(Path.Combine(output, "tiny-Q2_K.gguf"), "damaged");
        File.Delete(Path.Combine(output, "tiny-Q4_0.gguf"));
        ToolProcess.Run(line).Output.ShouldBe(json.GetRawText() + "\n");
        File.GetLastWriteTimeUtc(one).ShouldBe(written);

        ToolResult other = ToolProcess.Run("quantize", "pebble", "--all", "-o", output, "--no-bench");
        other.ExitCode.ShouldBe(2);
        other.Error.ShouldContain("collection.json: is the record of another model, tiny");
    }

    [Fact]
    public void ASearchFindsTypesUnderABudget()
    {
        string model = TinyChatModel.Write(folder["tiny"]), text = WriteText();
        string[] line = ["quantize", model, "--search", "6", "-f", text, "--ctx", "16", "--chunks", "8", "-t", "1", "--json"];
        JsonElement json = ToolProcess.Run([.. line, "-o", folder["s.gguf"]]).Json();
        json.GetProperty("type").GetString().ShouldBe("search");
        json.GetProperty("bits_per_weight").GetDouble().ShouldBeLessThanOrEqualTo(6);
        JsonElement search = json.GetProperty("search");
        search.GetProperty("calibration").GetDouble().ShouldBeLessThanOrEqualTo(search.GetProperty("standard").GetProperty("calibration").GetDouble());
        using (GgufFile written = GgufFile.Open(folder["s.gguf"]))
        {
            written.Metadata["general.file_type"].ToInt64().ShouldBeGreaterThan(1);
        }

        JsonElement planned = ToolProcess.Run([.. line, "--types-only"]).Json();
        planned.GetProperty("search").GetRawText().ShouldBe(search.GetRawText());
        planned.GetProperty("types").GetRawText().ShouldBe(json.GetProperty("types").GetRawText());
        planned.GetProperty("tensor_types").EnumerateArray().Select(tensor => tensor.GetProperty("type").GetString()).ShouldContain("F32");
        Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe(["s.gguf", "s.gguf.lapidary.json", "text.txt", "tiny"]);

        ToolResult few = ToolProcess.Run("quantize", model, "--search", "6", "-f", text, "--ctx", "64", "--chunks", "3", "-o", folder["t.gguf"]);
        few.ExitCode.ShouldBe(2);
        few.Error.ShouldContain("expected at least 4 chunks of 64 tokens, of which a part is held out, found 3");
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

    private string WriteText()
    {
        File.WriteAllText(folder["text.txt"], string.Concat(Enumerable.Range(0, 60).Select(i => $"the {i} nets on the shore and {i * 7 % 13} in the hut ")));
        return folder["text.txt"];
    }
}
