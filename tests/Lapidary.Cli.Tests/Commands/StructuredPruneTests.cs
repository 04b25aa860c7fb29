using System.Text.Json;
using Lapidary.Checkpoints;
using Lapidary.Cli.Tests.Processes;
using Lapidary.Networks;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Cli.Tests.Commands;

/// <summary>Structured pruning as users do it.</summary>
public sealed class StructuredPruneTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string model;
    private readonly string text;

    public StructuredPruneTests()
    {
        model = TinyChatModel.Write(folder["model"]);
        text = folder["text.txt"];
        File.WriteAllText(text, string.Concat(Enumerable.Range(0, 40).Select(i => $"the {i} nets on <bos> the shore ")) + "\n");
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AShallowerModelIsWritten()
    {
        ToolResult result = Run("out", "--method", "depth", "--layers", "4", "-f", text, "--ctx", "64", "-t", "1");
        result.ExitCode.ShouldBe(0, result.Error);
        result.Error.ShouldBeEmpty();
        result.Output.ShouldContain("left out");
        string[] files = [.. Directory.GetFiles(folder["out"]).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];
        files.ShouldBe(["chat_template.jinja", "config.json", "lapidary.json", "model.safetensors", "pruning.json", "pruning.svg", "tokenizer.json", "tokenizer_config.json"]);
        File.ReadAllText(folder["out/pruning.svg"]).ShouldContain("4 of 7 layers stay");

        // Threads change no bit, and --json says what happened.
        JsonElement json = Run("again", "--method", "depth", "--layers", "4", "-f", text, "--ctx", "64", "-t", "2", "--json").Json();
        File.ReadAllBytes(folder["again/model.safetensors"]).ShouldBe(File.ReadAllBytes(folder["out/model.safetensors"]));
        File.ReadAllBytes(folder["again/pruning.json"]).ShouldBe(File.ReadAllBytes(folder["out/pruning.json"]));
        json.GetProperty("method").GetString().ShouldBe("depth");
        json.GetProperty("depth_score").GetString().ShouldBe("cosine");
        JsonElement[] layers = [.. json.GetProperty("layers").EnumerateArray()];
        int[] kept = [.. layers.Where(layer => layer.GetProperty("kept").GetBoolean()).Select(layer => layer.GetProperty("layer").GetInt32())];
        kept.ShouldBe([.. Enumerable.Range(0, 7).OrderByDescending(i => layers[i].GetProperty("score").GetDouble()).Take(4).Order()]);
        using Checkpoint written = Checkpoint.Open(folder["out"]), source = Checkpoint.Open(model);
        Gemma3Config config = Gemma3Config.From(written);
        config.ShouldBe(Gemma3Config.From(source).WithLayers(kept));
        json.GetProperty("parameters").GetProperty("total").GetInt64().ShouldBe(config.ParameterCount);
        json.GetProperty("parameters_before").GetProperty("embedding").GetInt64().ShouldBe(512 * 64);
        json.GetProperty("bytes").GetInt64().ShouldBe(written.TensorBytes);
        using JsonDocument record = JsonDocument.Parse(File.ReadAllBytes(folder["out/pruning.json"]));
        record.RootElement.GetProperty("kept_layers").EnumerateArray().Select(layer => layer.GetInt32()).ShouldBe(kept);
    }

    [Fact]
    public void LayersAreLeftOutByNumberAndScoredByPerplexity()
    {
        // No text is needed, and no scores come of it.
        JsonElement dropped = Run("named", "--method", "depth", "--drop", "5,1", "--json").Json();
        dropped.TryGetProperty("text", out _).ShouldBeFalse();
        dropped.GetProperty("layers")[5].GetProperty("kept").GetBoolean().ShouldBeFalse();
        dropped.GetProperty("layers")[5].TryGetProperty("score", out _).ShouldBeFalse();
        dropped.GetProperty("notes").EnumerateArray().Select(note => note.GetString()!).ShouldContain("no layer with full attention is left: each sees 16 tokens");
        File.Exists(folder["named/pruning.svg"]).ShouldBeFalse();

        JsonElement scored = Run("scored", "--method", "depth", "--layers", "6", "--depth-score", "perplexity", "-f", text, "--ctx", "64", "--chunks", "2", "--json").Json();
        scored.GetProperty("depth_score").GetString().ShouldBe("perplexity");
        scored.GetProperty("chunks").GetInt32().ShouldBe(2);
        double[] scores = [.. scored.GetProperty("layers").EnumerateArray().Select(layer => layer.GetProperty("score").GetDouble())];
        int worst = Array.FindIndex([.. scored.GetProperty("layers").EnumerateArray()], layer => !layer.GetProperty("kept").GetBoolean());
        scores[worst].ShouldBe(scores.Min());

        // Whether layers are every sixth is said where it matters; a chart of other scores does not stay.
        File.Exists(folder["scored/pruning.svg"]).ShouldBeTrue();
        JsonElement moved = Run("scored", "--method", "depth", "--drop", "2", "--overwrite", "--json").Json();
        File.Exists(folder["scored/pruning.svg"]).ShouldBeFalse();
        moved.GetProperty("notes")[0].GetString()!.ShouldContain("not every sixth any more");
    }

    [Fact]
    public void ANarrowerModelIsWrittenAndRuns()
    {
        string[] line = ["--method", "width", "--ffn", "96", "--heads", "2", "--kv-heads", "1", "--hidden", "48", "-f", text, "--ctx", "64"];
        ToolResult result = Run("out", line);
        result.ExitCode.ShouldBe(0, result.Error);
        result.Output.ShouldContain("neurons kept");
        result.Output.ShouldContain("of their scores kept");
        File.ReadAllText(folder["out/pruning.svg"]).ShouldContain("Importance that stays in each layer");
        JsonElement json = Run("again", [.. line, "--json"]).Json();
        json.GetProperty("sizes").GetProperty("hidden").GetInt32().ShouldBe(48);
        json.GetProperty("sizes").GetProperty("heads").GetInt32().ShouldBe(2);
        json.GetProperty("layers")[0].GetProperty("neuron_share").GetDouble().ShouldBeInRange(0.6, 1);
        ToolResult run = ToolProcess.Run("run", folder["out"], "-p", "the shore", "-n", "4", "--raw");
        run.ExitCode.ShouldBe(0, run.Error);

        // What was pruned can learn from what it was cut from.
        File.WriteAllText(folder["data.jsonl"], """{"text":"the nets on the shore"}""" + "\n" + """{"text":"on the shore the nets"}""" + "\n");
        ToolResult learned = ToolProcess.Run(
            "distill", folder["out"], "--teacher", model, "--data", folder["data.jsonl"], "-o", folder["learned"], "--steps", "3", "--batch-size", "2", "--lr", "1e-3");
        learned.ExitCode.ShouldBe(0, learned.Error);
        using Checkpoint checkpoint = Checkpoint.Open(folder["learned"]);
        Gemma3Config.From(checkpoint).HiddenSize.ShouldBe(48);
    }

    [Fact]
    public void AWrongRequestIsOneSentence()
    {
        File.WriteAllText(folder["short.txt"], "a few words");
        string quantized = folder["quantized.gguf"];
        ToolProcess.Run("quantize", model, "-o", quantized, "--type", "Q8_0", "--no-tokenizer").ExitCode.ShouldBe(0);
        string[] depth = ["--method", "depth"], width = ["--method", "width", "-f", text, "--ctx", "64"];
        (string Model, string[] Arguments, string Expected)[] wrong =
        [
            (model, [], "--method"),
            (model, [.. depth, "-f", text], "expected --layers or --drop, found neither"),
            (model, [.. depth, "--layers", "3"], "expected -f with a calibration text, found none"),
            (model, [.. depth, "--layers", "0", "-f", text], "--layers: expected a whole number from 1 to 1024, found '0'"),
            (model, [.. depth, "--layers", "7", "-f", text], "--layers: expected fewer than the 7 layers of"),
            (model, [.. depth, "--drop", "3,7"], "--drop: expected layers from 0 to 6 of"),
            (model, [.. depth, "--drop", "3,3"], "--drop: expected each layer once, found 3,3"),
            (model, [.. depth, "--drop", "0,1,2,3,4,5,6"], "--drop: expected a layer that is left of the 7"),
            (model, [.. depth, "--drop", "1", "--ffn", "9"], "--method depth: expected no --ffn, found one"),
            (model, [.. depth, "--layers", "3", "-f", folder["short.txt"]], "at least 1024 tokens, two chunks of 512, found "),
            (model, [.. width], "expected --ffn, --heads, --kv-heads or --hidden, found none of them"),
            (model, [.. width, "--ffn", "161"], "--ffn: expected at most 160, the present size in"),
            (model, [.. width, "--heads", "3"], "--heads: expected a multiple of the 2 heads of keys and values, at most 2 for each"),
            (model, [.. width, "--ffn", "160"], "expected a size below that of"),
            (quantized, [.. depth, "--drop", "3"], "prune first, then quantize"),
        ];
        foreach ((string name, string[] arguments, string expected) in wrong)
        {
            ToolResult result = ToolProcess.Run(["prune", name, "-o", folder["out"], .. arguments]);
            result.ExitCode.ShouldBe(2, string.Join(' ', arguments) + result.Error);
            result.Error.ShouldContain(expected);
            result.Error.Trim().ShouldNotContain("\n");
            result.Output.ShouldBeEmpty();
            Directory.Exists(folder["out"]).ShouldBeFalse();
        }

        ToolProcess.Run("prune", model, "-o", model, "--method", "depth", "--drop", "3", "--overwrite").Error.ShouldContain("an output other than the input");
        Directory.CreateDirectory(folder["full"]);
        File.WriteAllText(folder["full/x"], "x");
        ToolResult taken = Run("full", "--method", "depth", "--drop", "3");
        taken.ExitCode.ShouldBe(2);
        taken.Error.ShouldContain("expected an empty folder or none (or --overwrite), found a folder with files in it");
    }

    [Fact]
    public void WeightsThatAreNoNumbersAreAFailureAndLeaveNothing()
    {
        string path = Path.Combine(model, "model.safetensors");
        byte[] weights = File.ReadAllBytes(path);
        BitConverter.GetBytes(float.NaN).CopyTo(weights, weights.Length - 400);
        File.WriteAllBytes(path, weights);
        ToolResult scored = Run("out", "--method", "depth", "--layers", "3", "-f", text, "--ctx", "64");
        scored.ExitCode.ShouldBe(1);
        scored.Error.ShouldContain("holds NaN");
        ToolResult written = Run("out", "--method", "depth", "--drop", "3");
        written.ExitCode.ShouldBe(2);
        written.Error.ShouldContain("holds a value that is not finite");
        Directory.Exists(folder["out"]).ShouldBeFalse();
    }

    private ToolResult Run(string target, params string[] more) => ToolProcess.Run(["prune", model, "-o", folder[target], .. more]);
}
