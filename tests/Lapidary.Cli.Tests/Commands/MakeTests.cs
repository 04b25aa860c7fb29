using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Lapidary.Cli.Tests.Processes;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Recipes;
using Shouldly;
using Xunit;

namespace Lapidary.Cli.Tests.Commands;

/// <summary>Recipes as users run them, on a tiny model.</summary>
public sealed class MakeTests : IDisposable
{
    private const string Text = """
        title: A tiny one
        variables:
          steps: 4
        steps:
          tuned:
            command: tune
            model: model
            data: rows.jsonl
            eval-data: rows.jsonl
            steps: ${steps}
            batch-size: 2
            lr: 1e-3
            save-every: 1
          small:
            command: quantize
            model: ${tuned}
            type: Q8_0
          asked-base:
            command: perplexity
            model: model
            file: text.txt
            ctx: 32
          asked:
            command: perplexity
            model: ${small}
            file: text.txt
            ctx: 32
          release:
            command: card
            model: ${tuned}
            add: ["${small}"]
            license: gemma
        """;

    private readonly TemporaryFolder folder = new();

    public MakeTests()
    {
        TinyChatModel.Write(folder["model"]);
        File.WriteAllText(folder["text.txt"], string.Concat(Enumerable.Range(0, 60).Select(i => $"the {i} nets on the shore ")));
        File.WriteAllLines(folder["rows.jsonl"], Enumerable.Range(0, 12).Select(i => new JsonObject { ["prompt"] = $"net {i}", ["completion"] = $"shore {i * 7}" }.ToJsonString()));
        File.WriteAllText(folder["recipe.yaml"], Text);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ARecipeIsRunAndUsedAgain()
    {
        ToolResult first = Make();
        first.ExitCode.ShouldBe(0, first.Error);
        string page = File.ReadAllText(folder["run/report.html"]);
        page.ShouldContain("A tiny one");
        foreach (string word in new[] { "<script", "src=", "@import", "url(" })
        {
            page.ShouldNotContain(word, Case.Insensitive, "the page needs no network");
        }

        string card = File.ReadAllText(folder["run/release/README.md"]);
        card.ShouldStartWith("---\nlicense: gemma\n");
        card.ShouldContain("base_model_relation: finetune");
        File.Exists(folder["run/release/small.gguf"]).ShouldBeTrue();
        File.ReadAllText(folder["run/release/Modelfile"]).ShouldStartWith("FROM ./small.gguf\n");

        JsonElement again = Make("--json").Json();
        again.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("action").GetString()).ShouldAllBe(action => action == "reuse");

        JsonElement changed = Make("--json", "--dry-run", "--set", "steps=5").Json();
        changed.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("action").GetString())
            .ShouldBe(["make", "make", "reuse", "make", "make"]);
    }

    [Fact]
    public void WhatSomebodyWroteIntoTheCardStays()
    {
        Make().ExitCode.ShouldBe(0);
        string path = folder["run/release/README.md"];
        File.WriteAllText(path, File.ReadAllText(path).Replace("<!-- lapidary:begin use", "What it is for: nets.\n\n<!-- lapidary:begin use", StringComparison.Ordinal));
        Make("--set", "steps=5").ExitCode.ShouldBe(0);
        string card = File.ReadAllText(path);
        card.ShouldContain("What it is for: nets.");
        card.ShouldContain("5 steps");
    }

    [Fact]
    public void ARunThatIsKilledEndsWithTheSameContents()
    {
        File.WriteAllText(folder["recipe.yaml"], Text.Replace("steps: 4", "steps: 24", StringComparison.Ordinal));
        JsonElement whole = Make("--json").Json();
        string[] line = ["make", folder["recipe.yaml"], "-o", folder["killed"], "--json"];
        foreach (int after in new[] { 2, 9 })
        {
            using Process process = ToolProcess.Start(line, new Dictionary<string, string>());
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            var watch = Stopwatch.StartNew();
            while (!process.HasExited && !Directory.Exists(folder[string.Create(CultureInfo.InvariantCulture, $"killed/tuned/checkpoint-{after}")]) && watch.Elapsed < TimeSpan.FromMinutes(1))
            {
                Thread.Sleep(2);
            }

            process.Kill();
            process.WaitForExit();
        }

        ToolResult last = ToolProcess.Run(line);
        last.ExitCode.ShouldBe(0, last.Error);
        last.Json().GetProperty("steps")[0].GetProperty("action").GetString().ShouldBe("resume");
        Hashes(last.Json(), "tuned", "small").ShouldBe(Hashes(whole, "tuned", "small"));
    }

    [Fact]
    public void WhatARecipeMadeIsMadeAgainFromItsLineage()
    {
        Make().ExitCode.ShouldBe(0);
        Lineage lineage = Lineage.Of(folder["run/small.gguf"])!;
        lineage.Command.ShouldBe("quantize");
        lineage.Inputs.Single().Lineage!.Command.ShouldBe("tune");
        lineage.Inputs.Single().Lineage!.Inputs.Select(input => input.Option).ShouldBe(["model", "data", "eval-data"]);
        Directory.Delete(folder["run/tuned"], recursive: true);

        ToolResult result = ToolProcess.Run("make", "--from-lineage", folder["run/small.gguf"], "-o", folder["again"], "--json");
        result.ExitCode.ShouldBe(0, result.Error);
        result.Json().GetProperty("identical").GetBoolean().ShouldBeTrue();
        result.Json().GetProperty("remade").GetArrayLength().ShouldBe(1);
        File.ReadAllBytes(folder["again/small.gguf"]).ShouldBe(File.ReadAllBytes(folder["run/small.gguf"]));

        File.AppendAllText(folder["rows.jsonl"], "{\"prompt\":\"x\",\"completion\":\"y\"}\n");
        ToolResult other = ToolProcess.Run("make", "--from-lineage", folder["run/small.gguf"], "-o", folder["other"]);
        other.ExitCode.ShouldBe(2);
        other.Error.ShouldContain("which has another content now");
    }

    [Fact]
    public void MistakesAreAllNamedBeforeAnythingRuns()
    {
        File.WriteAllText(folder["recipe.yaml"], """
            steps:
              a: { command: tune, model: model, data: rows.jsonl, lr: fast, step: 3 }
              b: { command: quantise, model: "${a}" }
              c: { command: quantize, model: nowhere, type: Q8_0 }
              d: { command: perplexity, model: "${e}", file: text.txt }
              e: { command: convert, model: "${d}" }
            """);
        ToolResult result = Make();
        result.ExitCode.ShouldBe(2);
        string path = folder["recipe.yaml"];
        result.Error.Split('\n').ShouldBe(
        [
            $"error: {path}: line 2: tune has no 'step'; the nearest known one is 'steps'",
            $"error: {path}: line 2: 'lr': expected a number above 0, found 'fast'",
            $"error: {path}: line 3: the step 'b' needs a command, found 'quantise'; the nearest known one is 'quantize'",
            $"error: {path}: line 4: 'model': nowhere: expected a folder, a .gguf file or a model in the Hugging Face cache {CacheFolder(result.Error)}, found none of them",
            $"error: {path}: line 5: the step 'd' needs 'e', which needs it in turn",
            $"error: {path}: line 6: the step 'e' needs 'd', which needs it in turn",
            string.Empty,
        ]);
        Directory.Exists(folder["run"]).ShouldBeFalse();
    }

    [Fact]
    public void AStepThatFailsSaysSoAndEndsTheRun()
    {
        File.WriteAllText(folder["text.txt"], "too short");
        ToolResult result = Make();
        result.ExitCode.ShouldBe(2);
        result.Error.ShouldContain("the step 'asked-base' failed; the steps before it are done and stay");
        File.Exists(folder["run/small.gguf"]).ShouldBeTrue();
    }

    [Fact]
    public void TheSchemaThatEditorsUseIsThatOfTheCommands()
    {
        ToolResult result = ToolProcess.Run("make", "--schema");
        result.ExitCode.ShouldBe(0, result.Error);
        JsonNode.DeepEquals(JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "recipes", "recipe.schema.json"))), JsonNode.Parse(result.Output))
            .ShouldBeTrue("recipes/recipe.schema.json is what 'lapidary make --schema' prints");
    }

    [Fact]
    public void EveryRecipeThatComesAlongIsValid()
    {
        string[] recipes = [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "recipes"), "*.yaml").Select(path => Path.GetFileNameWithoutExtension(path)!)];
        recipes.ShouldContain("first-cut");
        foreach (string recipe in recipes)
        {
            ToolResult result = ToolProcess.Run("make", recipe, "-o", folder["none"], "--dry-run");
            result.ExitCode.ShouldBe(0, recipe + result.Error);
        }

        Directory.Exists(folder["none"]).ShouldBeFalse();
    }

    [Fact]
    public void ThePictureOfTheStepsIsWellFormed()
    {
        Make().ExitCode.ShouldBe(0);
        string page = File.ReadAllText(folder["run/report.html"]);
        int begin = page.IndexOf("<svg", StringComparison.Ordinal), end = page.IndexOf("</svg>", StringComparison.Ordinal);
        var svg = XElement.Parse(page[begin..(end + 6)]);
        svg.Descendants().Count(element => element.Name.LocalName == "rect").ShouldBe(1 + 5);
    }

    private static string[] Hashes(JsonElement result, params string[] steps) =>
    [
        .. result.GetProperty("steps").EnumerateArray()
            .Where(step => steps.Contains(step.GetProperty("name").GetString()))
            .Select(step => step.GetProperty("sha256").GetString()!),
    ];

    private static string CacheFolder(string error)
    {
        const string Before = "Hugging Face cache ";
        int begin = error.IndexOf(Before, StringComparison.Ordinal) + Before.Length;
        return error[begin..error.IndexOf(", found none of them", begin, StringComparison.Ordinal)];
    }

    private ToolResult Make(params string[] more) => ToolProcess.Run(["make", folder["recipe.yaml"], "-o", folder["run"], .. more]);
}
