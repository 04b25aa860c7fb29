using System.Text.Json;
using Lapidary.Cli.Tests.Processes;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Compression;
using Shouldly;
using Xunit;

namespace Lapidary.Cli.Tests.Commands;

/// <summary>Importance matrices as users make them.</summary>
public sealed class ImatrixTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string model;
    private readonly string text;

    public ImatrixTests()
    {
        model = TinyChatModel.Write(folder["model"]);
        text = folder["text.txt"];
        File.WriteAllText(text, string.Concat(Enumerable.Range(0, 40).Select(i => $"the {i} nets on <bos> the shore ")) + "\n");
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AMatrixIsWritten()
    {
        ToolResult result = Run("m.gguf", "--ctx", "64", "-t", "1");
        result.ExitCode.ShouldBe(0, result.Error);
        result.Error.ShouldBeEmpty();
        result.Output.ShouldContain("chunks of 64 tokens");
        var matrix = ImportanceMatrix.Open(folder["m.gguf"]);
        matrix.Datasets.ShouldBe([text]);
        matrix.ChunkSize.ShouldBe(64);
        matrix.ImportanceOf("blk.0.ffn_down.weight", 160).ShouldAllBe(value => value > 0);
        matrix.ImportanceOf("token_embd.weight", 64).ShouldBeEmpty();

        // Threads and chunks of the prompt change no bit.
        Run("again.gguf", "--ctx", "64", "-t", "2", "--chunk", "7").ExitCode.ShouldBe(0);
        File.ReadAllBytes(folder["again.gguf"]).ShouldBe(File.ReadAllBytes(folder["m.gguf"]));

        ToolResult taken = Run("m.gguf", "--ctx", "64");
        taken.ExitCode.ShouldBe(2);
        taken.Error.ShouldContain("expected a new file (or --overwrite), found a file that is there already");
        JsonElement json = Run("m.gguf", "--ctx", "32", "--chunks", "2", "--overwrite", "--json").Json();
        json.GetProperty("chunks").GetInt32().ShouldBe(2);
        json.GetProperty("context").GetInt32().ShouldBe(32);
        json.GetProperty("tokens").GetInt64().ShouldBe(64);
        json.GetProperty("entries").GetInt32().ShouldBe(matrix.Entries.Count);
        json.GetProperty("bytes").GetInt64().ShouldBe(new FileInfo(folder["m.gguf"]).Length);
        ImportanceMatrix.Open(folder["m.gguf"]).Entries["blk.0.attn_q.weight"].Counts.ToArray().ShouldBe([64]);
    }

    [Fact]
    public void AWrongRequestIsOneSentence()
    {
        File.WriteAllText(folder["short.txt"], "a few words");
        (string[] Arguments, string Expected)[] wrong =
        [
            (["-o", folder["m.gguf"]], "--file"),
            (["-f", text], "--output"),
            (["-f", folder["short.txt"], "-o", folder["m.gguf"]], "at least 1024 tokens, two chunks of 512, found "),
            (["-f", folder["none.txt"], "-o", folder["m.gguf"]], "none.txt: expected a text in UTF-8, found no such file"),
            (["-f", text, "-o", folder["m.gguf"], "--ctx", "2"], "--ctx: expected"),
            (["-f", text, "-o", folder["m.gguf"], "--ctx", "100000"], "--ctx: expected at most"),
            (["-f", text, "-o", folder["m.gguf"], "--chunks", "0"], "--chunks: expected"),
            (["-f", text, "-o", text, "--overwrite"], "an output other than the input"),
            (["-f", text, "-o", Path.Combine(model, "model.safetensors"), "--overwrite", "--ctx", "64"], "an output other than the input"),
            (["-f", text, "-o", folder["no/m.gguf"]], "to exist, found no such folder"),
        ];
        foreach ((string[] arguments, string expected) in wrong)
        {
            ToolResult result = ToolProcess.Run(["imatrix", model, .. arguments]);
            result.ExitCode.ShouldBe(2, string.Join(' ', arguments) + result.Error);
            result.Error.ShouldContain(expected);
            result.Error.Trim().ShouldNotContain("\n");
            result.Output.ShouldBeEmpty();
        }

        Directory.GetFiles(folder.Path).Select(Path.GetFileName).ShouldBe(["text.txt", "short.txt"], ignoreOrder: true);
    }

    private ToolResult Run(string target, params string[] more) => ToolProcess.Run(["imatrix", model, "-f", text, "-o", folder[target], .. more]);
}
