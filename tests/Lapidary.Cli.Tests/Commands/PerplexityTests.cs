using System.Text.Json;
using System.Text.Json.Nodes;
using Lapidary.Cli.Tests.Processes;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Cli.Tests.Commands;

/// <summary>Perplexity and divergence as users measure them.</summary>
public sealed class PerplexityTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string model;
    private readonly string text;

    public PerplexityTests()
    {
        model = TinyChatModel.Write(folder["model"]);
        text = folder["text.txt"];
        File.WriteAllText(text, string.Concat(Enumerable.Range(0, 40).Select(i => $"the {i} nets on <bos> the shore ")) + "\n");
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ThePerplexityOfATextIsPrinted()
    {
        ToolResult result = Run("--ctx", "64");
        result.ExitCode.ShouldBe(0, result.Error);
        result.Error.ShouldBeEmpty();
        result.Output.ShouldContain("of 64 tokens");
        result.Output.ShouldContain("PPL");

        JsonElement first = Json("--ctx", "64", "--threads", "1");
        JsonElement again = Json("--ctx", "64", "--threads", "2", "--chunk", "7");
        int chunks = first.GetProperty("chunks").GetInt32();
        first.GetProperty("tokens_scored").GetInt32().ShouldBe(31 * chunks);
        first.GetProperty("chunk_scores").GetArrayLength().ShouldBe(chunks);
        double nll = first.GetProperty("mean_nll").GetProperty("value").GetDouble();
        first.GetProperty("perplexity").GetProperty("value").GetDouble().ShouldBe(Math.Exp(nll), 1e-9);
        nll.ShouldBeInRange(1, 12);
        foreach (string name in new[] { "perplexity", "mean_nll", "chunk_scores" })
        {
            again.GetProperty(name).GetRawText().ShouldBe(first.GetProperty(name).GetRawText());
        }
    }

    [Fact]
    public void RecordedLogitsAreABase()
    {
        ToolResult saved = Run("--ctx", "64", "--chunks", "3", "--save-logits", folder["base.kld"]);
        saved.ExitCode.ShouldBe(0, saved.Error);
        new FileInfo(folder["base.kld"]).Length.ShouldBe(20 + (3 * 64 * 4) + (3 * 31 * ((512 * 2) + 8)));

        // The text is not needed again; where it is given it has to be the same.
        JsonElement recorded = ToolProcess.Run("perplexity", model, "--kl-base", folder["base.kld"], "--json").Json();
        recorded.GetProperty("base").GetProperty("precision").GetString().ShouldBe("16 bits");
        JsonElement live = Json("--ctx", "64", "--chunks", "3", "--kl-base", model);
        live.GetProperty("base").GetProperty("precision").GetString().ShouldBe("exact");
        JsonElement divergence = live.GetProperty("divergence");
        divergence.GetProperty("kld").GetProperty("mean").GetDouble().ShouldBe(0);
        divergence.GetProperty("same_top").GetProperty("value").GetDouble().ShouldBe(1);
        Mean(recorded).ShouldBeInRange(-1e-4, 1e-4);
        recorded.GetProperty("perplexity").GetRawText().ShouldBe(live.GetProperty("perplexity").GetRawText());

        ToolResult table = Run("--kl-base", folder["base.kld"]);
        table.ExitCode.ShouldBe(0, table.Error);
        foreach (string line in new[] { "Mean PPL(Q)", "Cor(ln(PPL(Q)), ln(PPL(base)))", "99.9% KLD", "Median KLD", "RMS \u0394p", "Same top p", "recorded in 16 bits" })
        {
            table.Output.ShouldContain(line);
        }
    }

    [Fact]
    public void AWrongRequestIsOneSentence()
    {
        ToolProcess.Run("perplexity", model, "-f", text, "--ctx", "64", "--save-logits", folder["base.kld"]).ExitCode.ShouldBe(0);
        File.WriteAllText(folder["short.txt"], "a few words");
        TinyChatModel.Write(folder["swapped"]);
        string tokenizer = Path.Combine(folder["swapped"], "tokenizer.json");
        JsonNode json = JsonNode.Parse(File.ReadAllText(tokenizer))!;
        JsonObject pieces = json["model"]!["vocab"]!.AsObject();
        (pieces["3"], pieces["4"]) = (pieces["4"]!.DeepClone(), pieces["3"]!.DeepClone());
        File.WriteAllText(tokenizer, json.ToJsonString());
        File.WriteAllBytes(folder["cut.kld"], File.ReadAllBytes(folder["base.kld"])[..^9]);
        (string[] Arguments, string Expected)[] wrong =
        [
            ([], "perplexity: expected -f with a text, found none"),
            (["-f", folder["short.txt"], "--ctx", "64"], "at least 128 tokens, two chunks of 64, found "),
            (["-f", folder["none.txt"]], "none.txt: expected a text in UTF-8, found no such file"),
            (["-f", text, "--ctx", "2"], "--ctx: expected"),
            (["-f", text, "--ctx", "1000000"], "--ctx: expected at most"),
            (["-f", text, "--ctx", "64", "--kl-base", "pebble"], "--kl-base"),
            (["-f", text, "--ctx", "64", "--kl-base", folder["swapped"]], "one that makes other tokens of"),
            (["-f", text, "--ctx", "32", "--kl-base", folder["base.kld"]], "--ctx: expected 64, the chunks of"),
            (["-f", folder["short.txt"], "--kl-base", folder["base.kld"]], "expected the text whose tokens are in"),
            (["--kl-base", folder["cut.kld"]], "bytes where"),
            (["-f", text, "--kl-base", folder["none"]], "none"),
            (["-f", text, "--ctx", "64", "--save-logits", text], "an output other than the input"),
        ];
        foreach ((string[] arguments, string expected) in wrong)
        {
            ToolResult result = ToolProcess.Run(["perplexity", model, .. arguments]);
            result.ExitCode.ShouldBe(2, string.Join(' ', arguments) + result.Error);
            result.Error.ShouldContain(expected);
            result.Output.ShouldBeEmpty();
            result.Error.Trim().ShouldNotContain("\n");
        }
    }

    [Fact]
    public void EvaluationsMeasureTextsOfSeveralDomains()
    {
        // Another model of the same vocabulary.
        string other = TinyChatModel.Write(folder["other"]);
        byte[] weights = File.ReadAllBytes(Path.Combine(other, "model.safetensors"));
        weights.AsSpan(weights.Length / 2, 4096).Clear();
        File.WriteAllBytes(Path.Combine(other, "model.safetensors"), weights);
        File.WriteAllText(folder["numbers.txt"], string.Join(' ', Enumerable.Range(0, 400)));

        foreach (string name in new[] { "model", "other" })
        {
            ToolResult result = ToolProcess.Run(
                "eval", folder[name], "--text", text, "--text", $"digits={folder["numbers.txt"]}", "--text-ctx", "64", "--base", model, "--limit", "6",
                "-o", folder["out-" + name], "-t", "1");
            result.ExitCode.ShouldBe(0, result.Error);
            result.Output.ShouldContain("|text_text");
            result.Output.ShouldContain("|text_digits");
            result.Output.ShouldContain("kl_divergence");
        }

        string results = Directory.GetFiles(folder["out-other"], "results_*.json", SearchOption.AllDirectories).ShouldHaveSingleItem();
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(results));
        JsonElement scores = document.RootElement.GetProperty("results").GetProperty("text_digits");
        document.RootElement.GetProperty("n-samples").GetProperty("text_digits").GetProperty("effective").GetInt32().ShouldBe(6);
        string[] lines = File.ReadAllLines(
            Directory.GetFiles(folder["out-other"], "samples_text_digits_*.jsonl", SearchOption.AllDirectories).ShouldHaveSingleItem());
        lines.Length.ShouldBe(6);
        double[] divergences = [.. lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("kl_divergence").GetDouble())];
        double[] likelihoods = [.. lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("perplexity").GetDouble())];
        scores.GetProperty("kl_divergence,none").GetDouble().ShouldBe(divergences.Average(), 1e-9);
        divergences.Average().ShouldBeInRange(1e-9, 20);
        scores.GetProperty("perplexity,none").GetDouble().ShouldBe(Math.Exp(-likelihoods.Average()), 1e-6);
        double deviation = Math.Sqrt(divergences.Sum(value => Math.Pow(value - divergences.Average(), 2)) / 5);
        scores.GetProperty("kl_divergence_stderr,none").GetDouble().ShouldBe(deviation / Math.Sqrt(6), 1e-9);

        ToolResult alone = ToolProcess.Run("eval", model, "--text", text, "--text-ctx", "64", "--json", "-t", "1");
        alone.ExitCode.ShouldBe(0, alone.Error);
        alone.Json().GetProperty("results").GetProperty("text_text").TryGetProperty("kl_divergence,none", out _).ShouldBeFalse();

        // The same number as the command of its own.
        alone.Json().GetProperty("results").GetProperty("text_text").GetProperty("perplexity,none").GetDouble()
            .ShouldBe(Json("--ctx", "64").GetProperty("perplexity").GetProperty("value").GetDouble(), 1e-9);

        ToolResult compared = ToolProcess.Run("compare", folder["out-model"], folder["out-other"], "--json");
        compared.ExitCode.ShouldBe(0, compared.Error);
        compared.Output.ShouldContain("paired permutation");
        compared.Output.ShouldContain("text_digits");
    }

    [Theory]
    [InlineData("", "eval: expected --tasks, --prompts or --text, found none of them")]
    [InlineData("--text none.txt", "none.txt: expected a text in UTF-8, found no such file")]
    [InlineData("--text a/b=TEXT", "--text: expected FILE or NAME=FILE")]
    [InlineData("--text x=TEXT --text x=TEXT", "a name of its own for each text")]
    [InlineData("--text TEXT", "at least 1024 tokens, two chunks of 512")]
    [InlineData("--text TEXT --text-ctx 64 --base pebble", "--base")]
    [InlineData("--tasks arc_easy --base pebble", "--base: expected --text beside it")]
    public void AWrongTextIsOneSentence(string line, string expected)
    {
        File.WriteAllText(text, new string('a', 600));
        string[] arguments = line.Replace("TEXT", text, StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        ToolResult result = ToolProcess.Run(["eval", model, .. arguments]);
        result.ExitCode.ShouldBe(2, result.Error);
        result.Error.ShouldContain(expected);
    }

    private static double Mean(JsonElement result) => result.GetProperty("divergence").GetProperty("kld").GetProperty("mean").GetDouble();

    private ToolResult Run(params string[] more) => ToolProcess.Run(["perplexity", model, "-f", text, "-t", "1", .. more]);

    private JsonElement Json(params string[] more)
    {
        ToolResult result = ToolProcess.Run(["perplexity", model, "-f", text, "--json", .. more]);
        result.ExitCode.ShouldBe(0, result.Error);
        return result.Json();
    }
}
