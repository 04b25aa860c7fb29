using System.Text;
using Lapidary.Checkpoints;
using Lapidary.Numerics;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Evaluation.Comparison;
using Lapidary.Workbench.Evaluation.Results;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Evaluation;

/// <summary>Files of lm-evaluation-harness, written by hand, and files that are none.</summary>
public sealed class ResultsReaderTests
{
    private const string Time = "2026-01-02T03-04-05.678901";

    private const string Results = """
        {"results": {"mmlu": {"alias": "mmlu", "acc,none": 0.5, "acc_stderr,none": 0.1},
                     "mmlu_a": {"alias": "a", "acc,none": 0.25, "acc_stderr,none": 0.25},
                     "mmlu_b": {"alias": "b", "acc,none": 0.75, "acc_stderr,none": 0.25},
                     "wikitext": {"alias": "wikitext", "word_perplexity,none": 12.5, "word_perplexity_stderr,none": "N/A", "x,none": NaN}},
         "groups": {"mmlu": {"alias": "mmlu", "acc,none": 0.5, "acc_stderr,none": 0.1}},
         "group_subtasks": {"mmlu": ["mmlu_b", "mmlu_a"], "wikitext": []},
         "versions": {"mmlu_a": 1.0}, "n-shot": {"mmlu_a": 5},
         "higher_is_better": {"mmlu_a": {"acc": true}, "wikitext": {"word_perplexity": false}},
         "n-samples": {"mmlu_a": {"original": 10, "effective": 4}, "mmlu_b": {"original": 4, "effective": 4}},
         "config": {"model": "hf", "model_args": "pretrained=x", "limit": 4.0, "model_dtype": "torch.bfloat16"},
         "model_name": "x", "chat_template": null, "fewshot_as_multiturn": false}
        """;

    private const string Samples = """
        {"doc_id": 0, "doc": {"q": "a", "source_id": "kind~1"}, "target": "1", "filtered_resps": [["-1.0", "False"], ["-2.0", "False"]], "filter": "none", "metrics": ["acc"], "doc_hash": "a", "prompt_hash": "p", "acc": 0.0}
        {"doc_id": 1, "doc": {"q": "b"}, "target": "0", "filtered_resps": [["-1.0", "False"], ["-2.0", "False"]], "filter": "none", "metrics": ["acc"], "doc_hash": "b", "prompt_hash": "q", "acc": 1.0}

        {"doc_id": 1, "doc": {"q": "b"}, "target": "0", "filter": "strict", "metrics": ["acc", "f1", "list", "word_perplexity"], "doc_hash": "b", "acc": true, "f1": NaN, "list": [1, 0], "word_perplexity": [-3.5, 2]}
        """;

    private const string Counts = """{"model": "m", "tasks": {"t": {"n": 4, "correct": 2, "chance": 0.25, "golds": {"A": 4}}}, "groups": {"g": ["t"]}}""";

    [Fact]
    public void A_results_file_with_its_samples_is_read()
    {
        using var folder = new TemporaryFolder();
        string inner = Directory.CreateDirectory(folder["x"]).FullName;
        File.WriteAllText(Path.Combine(inner, $"results_{Time}.json"), Results);
        File.WriteAllText(Path.Combine(inner, "results_2025-01-02T03-04-05.678901.json"), "{}");
        File.WriteAllText(Path.Combine(inner, $"samples_mmlu_a_{Time}.jsonl"), Samples);
        File.WriteAllText(Path.Combine(inner, "samples_mmlu_a_2025-01-02T03-04-05.678901.jsonl"), "{}");
        ScoredModel model = ModelReader.Read(folder.Path);
        model.Name.ShouldBe("x");
        model.Tasks.Select(task => task.Name).ShouldBe(["mmlu_a", "mmlu_b", "wikitext"]);
        model.Groups.Keys.ShouldBe(["mmlu"]);
        ScoredTask task = model.Tasks[0];
        (task.OriginalCount, task.EffectiveCount, task.FewShot, task.Version).ShouldBe((10L, 4L, 5L, "1.0"));
        (task.Metrics[0].Correct, task.Metrics[0].HigherIsBetter).ShouldBe((1L, true));
        model.Tasks[2].Metrics.Select(metric => (metric.Name, metric.Value, metric.StandardError, metric.HigherIsBetter))
            .ShouldBe([("word_perplexity", 12.5, null, false)]);
        model.Settings["limit"].ShouldBe("4");
        task.Items.Select(items => items.Filter).ShouldBe(["none", "strict"]);
        ScoredItems items = task.Items[0];
        items.Values["acc"].ShouldBe([0.0, 1.0]);
        items.Golds.ShouldBe(["1", "0"]);
        items.Sources.ShouldBe(["kind", null]);
        items.Confidences[0].ShouldBe(1 / (1 + Math.Exp(-1)), 1e-12);
        task.Items[1].Values.Keys.ShouldBe(["acc", "word_perplexity"]);
        task.Items[1].Weights["word_perplexity"].ShouldBe([2.0]);
    }

    [Fact]
    public void Of_several_evaluations_each_task_comes_from_the_newest_that_has_it()
    {
        using var folder = new TemporaryFolder();
        string inner = Directory.CreateDirectory(folder["x"]).FullName;
        Write("2026-01-01T00-00-00.000001", Results);
        File.WriteAllText(Path.Combine(inner, "samples_mmlu_a_2026-01-01T00-00-00.000001.jsonl"), Samples.ReplaceLineEndings("\n"));
        Write("2026-01-02T00-00-00.000001", Results.Replace("\"mmlu_b\": {\"alias\": \"b\", \"acc,none\": 0.75", "\"arc\": {\"alias\": \"b\", \"acc,none\": 0.1", StringComparison.Ordinal));
        Write("2026-01-03T00-00-00.000001", """{"results": {"wikitext": {"word_perplexity,none": 9}}, "config": {"limit": 10}, "model_name": "x"}""");
        Write("2025-01-01T00-00-00.000001", """{"results": {"piqa": {"acc,none": 0.5}}, "model_name": "y"}""");
        Write("2025-01-02T00-00-00.000001", "{}");

        ScoredModel model = ModelReader.Read(folder.Path);

        model.Tasks.Select(task => (task.Name, task.Metrics[0].Value)).ShouldBe([("wikitext", 9.0), ("mmlu_a", 0.25), ("arc", 0.1), ("mmlu_b", 0.75)]);
        model.Tasks[1].Items.ShouldBeEmpty("the newest results of a task count, with their samples");
        (model.Settings["limit"], model.Tasks[0].Settings, model.Tasks[1].Settings!["limit"]).ShouldBe(("10", null, "4"));
        model.Groups.Keys.ShouldBe(["mmlu"]);
        model.Warnings.ShouldBe(
        [
            $"{folder.Path}: each task is taken from the newest of 3 evaluations that has it: 1 from results_2026-01-03T00-00-00.000001.json, "
            + "2 from results_2026-01-02T00-00-00.000001.json, 1 from results_2026-01-01T00-00-00.000001.json",
            "results_2025-01-02T00-00-00.000001.json has neither \"results\" nor \"tasks\" where the results of an evaluation were expected, and is left out",
            "results_2025-01-01T00-00-00.000001.json is of another model, y, and left out",
        ]);

        void Write(string time, string content) => File.WriteAllText(Path.Combine(inner, $"results_{time}.json"), content);
    }

    [Fact]
    public void Settings_of_single_tasks_are_compared()
    {
        ScoredTask Task(string name, string limit) =>
            new(name) { Settings = new Dictionary<string, string> { ["limit"] = limit } };
        var first = new ScoredModel("a", "a") { Tasks = [Task("s", "1"), Task("t", "1")] };
        SettingWarnings.Of(first, new ScoredModel("b", "b") { Tasks = [Task("s", "1"), Task("t", "2")] }).ShouldBe(["a and b differ in limit: 1 and 2 in t"]);
        SettingWarnings.Of(first, new ScoredModel("b", "b") { Tasks = [Task("s", "2"), Task("t", "2")] }).ShouldBe(["a and b differ in limit: 1 and 2"]);
    }

    [Fact]
    public void Instructions_are_paired_within_their_documents()
    {
        // Document i has 1 + i % 3 instructions; the base follows the first of each, the model all of every other document.
        using var folder = new TemporaryFolder();
        bool[][] first = [.. Enumerable.Range(0, 30).Select(i => Enumerable.Range(0, 1 + (i % 3)).Select(j => j == 0).ToArray())];
        bool[][] second = [.. first.Select((parts, i) => parts.Select((right, _) => i % 2 == 0 ? true : right).ToArray())];
        string[] paths = [.. ((bool[][][])[first, second]).Select((rows, model) =>
        {
            string path = Path.Combine(Directory.CreateDirectory(folder[$"m{model}"]).FullName, "samples_ifeval.jsonl");
            File.WriteAllLines(path, rows.Select((row, i) =>
                $"{{\"doc_id\": {i}, \"target\": \"0\", \"filter\": \"none\", \"metrics\": [\"inst_level_strict_acc\", \"prompt_level_strict_acc\"], "
                + $"\"inst_level_strict_acc\": [{string.Join(", ", row.Select(right => right ? "true" : "false"))}], \"prompt_level_strict_acc\": {(row.All(right => right) ? "true" : "false")}}}"));
            return path;
        })];
        IReadOnlyList<ComparisonRow> rows = ModelComparison.Compare(paths, new ComparisonOptions { Resamples = 4000 }, TestContext.Current.CancellationToken).Rows;
        ComparisonRow row = rows.Single(row => row.Metric == "inst_level_strict_acc");

        // By hand: 60 instructions; the base follows 30, the model 15 more.
        (row.Count, row.IsShare, row.Paired!.Method).ShouldBe((30L, true, "paired permutation of documents"));
        row.BaseEstimate.Value.ShouldBe(0.5, 1e-12);
        row.Estimate.Value.ShouldBe(45.0 / 60, 1e-12);
        rows.ShouldAllBe(row => row.Constant == null);

        // The ten documents that differ all do so in one direction: 2 of 2^10 patterns are as extreme.
        row.Paired.P.ShouldBe(2.0 / 1024, 1e-12);

        // Documents are drawn: the error is that of a ratio over documents, and the interval has its width.
        double[] residuals = [.. first.Select((parts, i) => parts.Count(right => right) - (0.5 * parts.Length))];
        row.BaseEstimate.StandardError!.Value.ShouldBe(Math.Sqrt(residuals.Sum(residual => residual * residual) / 29 * 30) / 60, 1e-12);
        double[] differences = [.. first.Select((parts, i) => second[i].Count(right => right) - parts.Count(right => right) - (0.25 * parts.Length))];
        double error = Math.Sqrt(differences.Sum(residual => residual * residual) / 29 * 30) / 60;
        (row.Interval!.Value.High - row.Interval.Value.Low).ShouldBe(2 * 1.96 * error, 0.15 * error);
    }

    [Fact]
    public void Of_two_contexts_the_accuracy_tells_which_option_is_right()
    {
        using var folder = new TemporaryFolder();
        string[] paths = [.. ((int[])[0, 1]).Select(model =>
        {
            string path = Path.Combine(Directory.CreateDirectory(folder[$"m{model}"]).FullName, "samples_winogrande.jsonl");

            // The second option is right in 7 of 10; one model always takes the first, the other the second.
            File.WriteAllLines(path, Enumerable.Range(0, 10).Select(i =>
                $"{{\"doc_id\": {i}, \"target\": \"was late {i}.\", \"filtered_resps\": [[\"{-1 - model}\", \"False\"], [\"{-2 + model}\", \"False\"]], "
                + $"\"filter\": \"none\", \"metrics\": [\"acc\"], \"acc\": {((i < 7 ? 1 : 0) == model ? "1.0" : "0.0")}}}"));
            return path;
        })];
        ComparisonRow row = ModelComparison.Compare(paths, new ComparisonOptions { Resamples = 200 }, TestContext.Current.CancellationToken).Rows.ShouldHaveSingleItem();
        row.Constant!.Answer.ShouldBe("option 2");
        row.Constant.Share.ShouldBe(0.7, 1e-12);
        row.Chance.ShouldBe(0.5);
    }

    [Fact]
    public void Without_samples_counts_follow_from_the_results_and_the_rows_say_so()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder[$"results_{Time}.json"], Results);
        Directory.CreateDirectory(folder["y"]);
        string other = Path.Combine(folder["y"], $"results_{Time}.json");
        File.WriteAllText(other, Results.Replace("\"model_name\": \"x\"", "\"model_name\": \"y\"", StringComparison.Ordinal)
            .Replace("\"n-shot\": {\"mmlu_a\": 5}", "\"n-shot\": {\"mmlu_a\": 0}", StringComparison.Ordinal)
            .Replace("bfloat16", "float32", StringComparison.Ordinal).Replace("12.5", "10.5", StringComparison.Ordinal));
        ComparisonResult result = ModelComparison.Compare(
            [folder[$"results_{Time}.json"], other], new ComparisonOptions(), TestContext.Current.CancellationToken);
        result.Rows.Select(row => (row.Name, row.Kind)).ShouldBe(
        [
            ("mmlu_a", ComparisonRowKind.Task), ("mmlu_b", ComparisonRowKind.Task), ("wikitext", ComparisonRowKind.Task),
            ("mmlu", ComparisonRowKind.GroupMean), ("mmlu", ComparisonRowKind.MacroMean),
        ]);
        result.Rows.ShouldAllBe(row => row.Paired == null);
        result.Rows[0].Unpaired!.FisherP.ShouldBe(1);
        ComparisonRow perplexity = result.Rows[2];
        (perplexity.Verdict, perplexity.HigherIsBetter, perplexity.IsShare).ShouldBe((ComparisonVerdict.NotTested, false, false));
        ComparisonText.Verdict(perplexity).ShouldBe("not tested (no standard error)");
        ComparisonText.Difference(perplexity, perplexity.Difference).ShouldBe("\u22122.0000");
        result.Warnings.ShouldContain("x and y differ in type of the weights: torch.bfloat16 and torch.float32");
        result.Warnings.ShouldContain("x was shown 5 examples and y 0 in mmlu_a");
        result.Warnings.ShouldContain("the first documents of a split are a prefix and no random sample of it: mmlu_a (4 of 10)");
    }

    // The likelihoods of a file can be any numbers, and exp(100,000) is none.
    [Fact]
    public void Perplexities_beyond_all_numbers_are_refused()
    {
        using var folder = new TemporaryFolder();
        string[] paths = [.. ((int[])[-100_000, -200_000]).Select(likelihood =>
        {
            string path = Path.Combine(Directory.CreateDirectory(folder[$"m{-likelihood}"]).FullName, "samples_words.jsonl");
            File.WriteAllLines(path, Enumerable.Range(0, 3).Select(i => FormattableString.Invariant(
                $"{{\"doc_id\": {i}, \"filter\": \"none\", \"metrics\": [\"perplexity\"], \"perplexity\": {likelihood + i}}}")));
            return path;
        })];
        Should.Throw<CheckpointException>(() => ModelComparison.Compare(paths, new ComparisonOptions { Resamples = 100 }, TestContext.Current.CancellationToken))
            .Message.ShouldBe($"{paths[1]}: has a perplexity of words that, with that of {paths[0]}, is beyond the range of numbers where one to compare was expected");
    }

    [Fact]
    public void Perplexities_are_compared_on_the_scale_that_they_are_printed_in()
    {
        using var folder = new TemporaryFolder();
        string[] paths = [.. ((double[])[-3.0, -3.5]).Select((shift, model) =>
        {
            string path = Path.Combine(Directory.CreateDirectory(folder[$"m{model}"]).FullName, "samples_wikitext.jsonl");
            File.WriteAllLines(path, Enumerable.Range(0, 40).Select(i => FormattableString.Invariant(
                $"{{\"doc_id\": {i}, \"filter\": \"none\", \"metrics\": [\"word_perplexity\"], \"word_perplexity\": [{(shift * (i + 1)) - (i % 3 * 0.1)}, {i + 1}]}}")));
            return path;
        })];
        ComparisonRow row = ModelComparison.Compare(paths, new ComparisonOptions { Resamples = 500 }, TestContext.Current.CancellationToken).Rows.ShouldHaveSingleItem();
        double extra = Enumerable.Range(0, 40).Sum(i => i % 3 * 0.1) / (40 * 41 / 2);
        row.BaseEstimate.Value.ShouldBe(Math.Exp(3 + extra), 1e-9);
        row.Estimate.Value.ShouldBe(Math.Exp(3.5 + extra), 1e-9);
        row.Paired!.Method.ShouldBe("paired permutation");
        row.Verdict.ShouldBe(ComparisonVerdict.Degraded);
    }

    [Fact]
    public void Documents_that_stand_twice_in_a_split_are_paired_in_their_order()
    {
        ScoredItems items = Items([0, 1, 2], ["a", "b", "a"]);
        ItemPairing.Join("t", items, Items([2, 1, 0], ["a", "b", "a"]), "x", "y").ShouldBe([2, 1, 0]);
        ItemPairing.Join("t", items, Items([2, 1, 0], null), "x", "y").ShouldBe([2, 1, 0]);
        Should.Throw<CheckpointException>(() => ItemPairing.Join("t", items, Items([0, 1, 2], ["a", "b", "c"]), "x", "y"))
            .Message.ShouldBe("y: has 3 documents of t and not document 2 (hash a) that x has among its 3; only models with the same documents can be compared");
    }

    public static TheoryData<string, string, string> Broken => new()
    {
        { "results.json", "", "is not valid JSON" },
        { "results.json", "[1]", "holds something else where a JSON object was expected" },
        { "results.json", "{}", "has neither \"results\" nor \"tasks\"" },
        { "results.json", """{"results": 3}""", "has no object \"results\"" },
        { "results.json", "{\"results\": " + new string('[', 100_000), "is not valid JSON" },
        { "counts.json", """{"tasks": {"t": {"n": 0, "correct": 0}}}""", "has in \"t\" no n from 1 to 10000000" },
        { "counts.json", """{"tasks": {"t": {"n": 1e300, "correct": 0}}}""", "has in \"t\" no n from 1 to 10000000" },
        { "counts.json", """{"tasks": {"t": {"n": 4, "correct": 5}}}""", "no number of correct answers from 0 to its n of 4" },
        { "counts.json", """{"tasks": {"t": {"n": 4, "correct": 1.5}}}""", "no number of correct answers from 0 to its n of 4" },
        { "counts.json", """{"tasks": {"t": {"n": 4, "correct": 1, "golds": {"A": 3}}}}""", "has in \"t\" golds that are not the 4 right answers" },
        { "counts.json", """{"tasks": {"t": {"n": 4, "correct": 1}}, "groups": {"g": 3}}""", "has a group \"g\" that is no list of tasks" },
        { "samples_t.jsonl", "", "is empty where rows of samples were expected" },
        { "samples_t.jsonl", "{\"doc_id\": 1}\n{\"doc_id\": -1}\n", "line 2 has no doc_id" },
        { "samples_t.jsonl", "{\"doc_id\": 1}\nx\n", "line 2 is not valid JSON" },
        { "samples_t.jsonl", "{\"doc_id\": 1}\n\n\"\"\n", "line 3 holds something else" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void What_is_no_result_is_refused_in_a_sentence(string name, string content, string fragment)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder[name], content);
        string message = Should.Throw<CheckpointException>(() => ModelReader.Read(folder[name])).Message;
        message.ShouldStartWith(folder[name]);
        message.ShouldContain(fragment);
        message.ShouldNotContain('\n');
    }

    [Fact]
    public void Folders_without_results_or_with_too_many_are_refused()
    {
        using var folder = new TemporaryFolder();
        Should.Throw<CheckpointException>(() => ModelReader.Read(folder.Path)).Message.ShouldContain("has neither results_*.json nor samples_*.jsonl");
        foreach (string model in (string[])["a", "b"])
        {
            Directory.CreateDirectory(folder[model]);
            File.WriteAllText(Path.Combine(folder[model], $"results_{Time}.json"), Results);
        }

        Should.Throw<CheckpointException>(() => ModelReader.Read(folder.Path)).Message.ShouldContain("holds results of several models (a, b)");
        Should.Throw<CheckpointException>(() => ModelReader.Read(folder["none"])).Message.ShouldContain("does not exist");
    }

    [Fact]
    public void Mutated_files_are_read_or_refused()
    {
        var random = new SplitMix64(5);
        using var folder = new TemporaryFolder();
        (string Name, string Seed)[] seeds = [("r.json", Results), ("c.json", Counts), ("samples_t.jsonl", Samples)];
        int read = 0;
        for (int i = 0; i < 1500; i++)
        {
            (string name, string seed) = seeds[i % seeds.Length];
            byte[] bytes = Encoding.UTF8.GetBytes(seed);
            for (int change = random.NextInt(4); change >= 0; change--)
            {
                int at = random.NextInt(bytes.Length);
                switch (random.NextInt(4))
                {
                    case 0:
                        bytes[at] = (byte)random.NextInt(256);
                        break;
                    case 1:
                        bytes[at] = "{}[]\",:0-eN\n"u8[random.NextInt(12)];
                        break;
                    case 2:
                        bytes = [.. bytes[..at], .. bytes.AsSpan(random.NextInt(at + 1), Math.Min(9, bytes.Length - at)), .. bytes[at..]];
                        break;
                    default:
                        bytes = bytes[..Math.Max(1, at)];
                        break;
                }
            }

            File.WriteAllBytes(folder[name], bytes);
            try
            {
                ModelComparison.Compare(
                    [folder[name], folder[name]], new ComparisonOptions { Resamples = 100, Threads = 1 }, TestContext.Current.CancellationToken);
                read++;
            }
            catch (CheckpointException thrown)
            {
                thrown.Message.ShouldNotContain('\n');
            }
        }

        read.ShouldBePositive();
    }

    private static ScoredItems Items(long[] ids, string[]? hashes) => new("none")
    {
        DocumentIds = ids,
        DocumentHashes = hashes,
        PromptHashes = new string?[ids.Length],
        Golds = null,
        Choices = new int[ids.Length],
        Confidences = new double[ids.Length],
        Sources = new string?[ids.Length],
        Values = new Dictionary<string, double[]>(),
        Weights = new Dictionary<string, double[]>(),
    };
}
