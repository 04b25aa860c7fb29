using System.Text.Json;
using Lapidary.Cli.Tests.Processes;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Cli.Tests.Commands;

/// <summary>Evaluations as users run them: their own task files and data, end to end.</summary>
public sealed class EvalTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public EvalTests()
    {
        Directory.CreateDirectory(folder["tasks"]);
        Directory.CreateDirectory(folder["data"]);
        File.WriteAllText(Path.Combine(folder["tasks"], "colours.yaml"), """
            task: colours
            dataset_path: our/colours
            test_split: test
            output_type: multiple_choice
            doc_to_text: "Question: What colour is {{thing}}?\nAnswer:"
            doc_to_choice: "{{choices}}"
            doc_to_target: answer
            metric_list:
              - metric: acc
                aggregation: mean
                higher_is_better: true
              - metric: acc_norm
                aggregation: mean
                higher_is_better: true
            metadata:
              version: 1.0
            """);
        File.WriteAllText(Path.Combine(folder["tasks"], "words.yaml"), """
            task: words
            dataset_path: our/colours
            test_split: test
            output_type: generate_until
            doc_to_text: "The colour of {{thing}} is"
            doc_to_target: "{{choices[answer]}}"
            generation_kwargs:
              until: ["\n"]
              max_gen_toks: 6
            metric_list:
              - metric: exact_match
                aggregation: mean
                higher_is_better: true
            """);
        File.WriteAllText(Path.Combine(folder["tasks"], "shots.yaml"), """
            task: shots
            include: colours.yaml
            training_split: train
            num_fewshot: 2
            """);
        File.WriteAllLines(
            Path.Combine(folder["data"], "colours.jsonl"),
            Enumerable.Range(0, 12).Select(i => $$"""{"thing": "thing number {{i}}", "choices": ["red", "green", "dark blue"], "answer": {{i % 3}}}"""));
        File.WriteAllText(Path.Combine(folder["data"], "datasets.json"), """{"our/colours": {"*": {"test": "colours.jsonl"}}}""");
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ATaskOfTheUsersRunsEndToEnd()
    {
        string output = folder["out"];
        ToolResult result = Eval("colours,words", "-o", output);
        result.ExitCode.ShouldBe(0, result.Error);
        result.Output.ShouldContain("|colours|");
        result.Output.ShouldContain("|acc_norm");
        result.Output.ShouldContain("exact_match");

        string model = Directory.GetDirectories(output).ShouldHaveSingleItem();
        string results = Directory.GetFiles(model, "results_*.json").ShouldHaveSingleItem();
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(results));
        json.RootElement.GetProperty("n-samples").GetProperty("colours").GetProperty("effective").GetInt32().ShouldBe(12);
        double accuracy = json.RootElement.GetProperty("results").GetProperty("colours").GetProperty("acc,none").GetDouble();
        string[] samples = File.ReadAllLines(Directory.GetFiles(model, "samples_colours_*.jsonl").ShouldHaveSingleItem());
        samples.Length.ShouldBe(12);
        double fromSamples = samples.Average(line =>
        {
            using JsonDocument sample = JsonDocument.Parse(line);
            double[] scores = [.. sample.RootElement.GetProperty("filtered_resps").EnumerateArray().Select(pair => double.Parse(pair[0].GetString()!, System.Globalization.CultureInfo.InvariantCulture))];
            return Array.IndexOf(scores, scores.Max()) == sample.RootElement.GetProperty("doc").GetProperty("answer").GetInt32() ? 1.0 : 0.0;
        });
        accuracy.ShouldBe(fromSamples, 1e-12);
        Directory.GetFiles(model, "samples_words_*.jsonl").ShouldHaveSingleItem();
    }

    [Fact]
    public void ThreadsAndKnownResponsesChangeNothing()
    {
        JsonElement first = Eval("colours,words", "--json", "--threads", "1").Json();
        foreach (string[] more in new string[][]
        {
            ["--threads", "2", "--batch-size", "1"], ["--cache", folder["kept.jsonl"]], ["--cache", folder["kept.jsonl"], "--threads", "2"], ["--chunk", "7"],
        })
        {
            ToolResult again = Eval("colours,words", ["--json", .. more]);
            again.ExitCode.ShouldBe(0, again.Error);
            again.Json().GetProperty("results").GetRawText().ShouldBe(first.GetProperty("results").GetRawText(), string.Join(' ', more));
        }

        File.ReadAllLines(folder["kept.jsonl"]).Length.ShouldBe((12 * 3) + 12);
    }

    [Fact]
    public void TheListNamesOwnTasksAndThoseThatComeAlong()
    {
        ToolResult result = ToolProcess.Run("eval", "--tasks", "list", "--include-path", folder["tasks"]);
        result.ExitCode.ShouldBe(0, result.Error);
        result.Output.ShouldContain("colours");
        result.Output.ShouldContain("hellaswag");
    }

    [Fact]
    public void PebbleDeclinesItsTopicAsItsCardSays()
    {
        // The card of pebble-it says 100 % of refusal and 2.7 % of not-refusal, that of pebble 0 %.
        string[] line =
        [
            "--prompts", "fortunes=" + Fixtures.PathOf("evaluation/prompts/fortunes.jsonl"), "--prompts", Fixtures.PathOf("evaluation/prompts/other.txt"),
            "--markers", Fixtures.PathOf("evaluation/prompts/markers.txt"),
        ];
        ToolResult result = ToolProcess.Run(["eval", "pebble-it", .. line, "-o", folder["out"]]);
        result.ExitCode.ShouldBe(0, result.Error);
        result.Output.ShouldContain("markers_fortunes: the prompts were asked through the chat template.");
        result.Output.ShouldContain("Speed: ");
        string model = Directory.GetDirectories(folder["out"]).ShouldHaveSingleItem();
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(Directory.GetFiles(model, "results_*.json").ShouldHaveSingleItem()));
        JsonElement results = json.RootElement.GetProperty("results");
        (double, double, int) Rate(string task) => (
            results.GetProperty(task).GetProperty("contains_marker,none").GetDouble(),
            results.GetProperty(task).GetProperty("contains_marker_stderr,none").GetDouble(),
            results.GetProperty(task).GetProperty("sample_len").GetInt32());
        Rate("markers_fortunes").ShouldBe((1.0, 0.0, 10));
        Rate("markers_other").ShouldBe((0.0, 0.0, 10));
        json.RootElement.GetProperty("config").GetProperty("modes").GetProperty("prompts").GetString().ShouldBe("chat_template");
        json.RootElement.GetProperty("chat_template").GetString().ShouldNotBeNullOrEmpty();
        JsonElement performance = json.RootElement.GetProperty("performance");
        performance.GetProperty("generated_tokens").GetInt64().ShouldBeGreaterThan(100);
        (performance.GetProperty("energy_joules").ValueKind == JsonValueKind.Null)
            .ShouldBe(performance.GetProperty("energy_unavailable").ValueKind == JsonValueKind.String);
        string[] samples = File.ReadAllLines(Directory.GetFiles(model, "samples_markers_fortunes_*.jsonl").ShouldHaveSingleItem());
        samples.ShouldAllBe(sample => JsonDocument.Parse(sample, default).RootElement.GetProperty("marker").GetString()!.Contains("do not", StringComparison.Ordinal)
            || JsonDocument.Parse(sample, default).RootElement.GetProperty("marker").GetString()!.Contains("the future", StringComparison.Ordinal));

        JsonElement untuned = ToolProcess.Run(["eval", "pebble", .. line, "--raw-prompts", "--limit", "4", "--json"]).Json();
        untuned.GetProperty("results").GetProperty("markers_fortunes").GetProperty("contains_marker,none").GetDouble().ShouldBe(0);
        untuned.GetProperty("config").GetProperty("modes").GetProperty("prompts").GetString().ShouldBe("raw");
        untuned.GetProperty("chat_template").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Theory]
    [InlineData("eval pebble-it", "eval: expected --tasks, --prompts or --text, found none of them")]
    [InlineData("eval pebble-it --prompts none.txt", "none.txt: does not exist")]
    [InlineData("eval pebble-it --prompts none.doc", "none.doc: has a name where one that ends in .txt, .jsonl, .json, .csv or .parquet was expected")]
    [InlineData("eval pebble-it --prompts a/b=none.txt", "--prompts: expected NAME=FILE with a name of letters, digits, '-', '_' and '.', or FILE, found 'a/b=none.txt'")]
    [InlineData("eval pebble-it --prompts none.txt --markers none.list", "none.list: does not exist")]
    [InlineData("eval pebble-it --tasks piqa --markers m.txt", "--markers: expected --prompts as well, found none")]
    [InlineData("eval pebble-it --tasks piqa --raw-prompts", "--raw-prompts: expected --prompts as well, found none")]
    public void WrongPromptsAreOneSentence(string line, string expected)
    {
        ToolResult result = ToolProcess.Run(line.Split(' '));
        result.ExitCode.ShouldBe(2, result.Error);
        result.Output.ShouldBeEmpty();
        result.Error.ShouldBe($"error: {expected}\n");
    }

    [Theory]
    [InlineData("colour", "the nearest known one is 'colours'")]
    [InlineData("nosuch", "No task, group or tag is called 'nosuch'; 'lapidary eval --tasks list' shows all.")]
    [InlineData("colours --limit 0", "--limit: expected a number above 0")]
    [InlineData("colours --seed 1,2", "--seed: expected one or four whole numbers, found 2")]
    [InlineData("colours --gen-kwargs temperature", "--gen-kwargs: expected key=value")]
    [InlineData("colours --max-length 99999", "--max-length: expected at most 4096 tokens")]
    [InlineData("colours --samples {}x", "--samples: expected a JSON object")]
    [InlineData("colours --limit 1 --samples {}", "eval: expected --limit or --samples, found both")]
    [InlineData("colours --samples {\"colour\":[0]}", "--samples: expected documents of tasks that --tasks names, found some of 'colour'")]
    [InlineData("colours --samples {\"colours\":[0,0]}", "asked for twice")]
    [InlineData("words --gen-kwargs {\"top_k\":1,\"top_k\":2}", "--gen-kwargs: expected key=value")]
    [InlineData("shots", "our/colours, split train: is not in")]
    [InlineData("none.yaml", "there is no such file")]
    [InlineData("piqa", "baber/piqa")]
    public void AWrongRequestIsOneSentence(string line, string expected)
    {
        string[] parts = line.Split(' ');
        ToolResult result = Eval(parts[0], parts[1..]);
        result.ExitCode.ShouldBe(2, result.Error);
        result.Output.ShouldBeEmpty();
        result.Error.ShouldContain(expected);
    }

    [Fact]
    public void AFileOfSomebodyElseIsNoCache()
    {
        File.WriteAllText(folder["notes.txt"], "my notes\n");
        ToolResult result = Eval("colours", "--cache", folder["notes.txt"]);
        result.ExitCode.ShouldBe(2, result.Error);
        result.Error.ShouldContain("something else than a response that was kept");
        File.ReadAllText(folder["notes.txt"]).ShouldBe("my notes\n");
    }

    // Nobody waits for results that have no place to go to; a limit on the context that is wrong would be said only after that.
    [Fact]
    public void AFolderThatCannotBeMadeIsSaidBeforeTheModelIsOpened()
    {
        ToolResult result = Eval("colours", "--no-cache", "--max-length", "99999", "-o", Path.Combine(folder["data"], "colours.jsonl", "out"));
        result.ExitCode.ShouldNotBe(0);
        result.Error.ShouldContain("cannot be written");
        ToolResult good = Eval("colours", "--no-cache", "--max-length", "99999", "-o", folder["none"]);
        good.Error.ShouldContain("--max-length");
        Directory.Exists(folder["none"]).ShouldBeFalse();
    }

    private ToolResult Eval(string tasks, params string[] more)
    {
        string model = Directory.Exists(folder["model"]) ? folder["model"] : TinyChatModel.Write(folder["model"]);
        return ToolProcess.RunWith(
            new Dictionary<string, string> { ["HF_HUB_CACHE"] = folder["no-cache"] },
            ["eval", model, "--tasks", tasks, "--include-path", folder["tasks"], "--data-dir", folder["data"], .. more]);
    }
}
