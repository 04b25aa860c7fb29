using System.Text.Json;
using System.Text.Json.Nodes;
using Lapidary.Numerics;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Evaluation.Comparison;
using Lapidary.Workbench.Evaluation.Energy;
using Lapidary.Workbench.Evaluation.Results;
using Lapidary.Workbench.Evaluation.Running;
using Lapidary.Workbench.Evaluation.Statistics;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Evaluation;

public sealed class ResultsWriterTests
{
    private static readonly JsonElement Expected = JsonDocument.Parse(File.ReadAllText(Fixtures.PathOf("evaluation/statistics.json"))).RootElement;

    [Fact]
    public void Documents_are_written_and_hashed_as_Python_does()
    {
        foreach (JsonElement row in Expected.GetProperty("python").EnumerateArray())
        {
            var document = (JsonObject)JsonNode.Parse(row.GetProperty("raw").GetString()!)!;
            PythonText.Indented(document).ShouldBe(row.GetProperty("indented").GetString());
            PythonText.Line(document).ShouldBe(row.GetProperty("line").GetString());
            PythonText.Str(document).ShouldBe(row.GetProperty("repr").GetString());
            ResultHash.OfDocument(document).ShouldBe(row.GetProperty("hash").GetString());
        }

        foreach (JsonElement row in Expected.GetProperty("floats").EnumerateArray())
        {
            PythonText.Float(row[0].GetDouble()).ShouldBe(row[1].GetString());
        }

        PythonText.Str(null).ShouldBe("None");
        PythonText.Str(JsonValue.Create(double.NaN)).ShouldBe("nan");
        PythonText.Line(new JsonArray(double.NaN, double.NegativeInfinity, 3.0, 3)).ShouldBe("[NaN, -Infinity, 3.0, 3]");
        PythonText.Str(new JsonArray("it's", "a \"b\"", true)).ShouldBe("[\"it's\", 'a \"b\"', True]");
        PythonText.Str(JsonNode.Parse("[-0, -0.0, 1e2]")).ShouldBe("[0, -0.0, 100.0]");
    }

    [Fact]
    public void The_keys_are_those_of_the_harness_in_their_order()
    {
        using var folder = new TemporaryFolder();
        IReadOnlyList<string> files = ResultsWriter.Write(SampleResults.Create(), folder.Path);
        files.Select(file => Path.GetRelativePath(folder.Path, file).Replace('\\', '/')).ShouldBe(
        [
            "google__gemma-3-270m/results_2026-01-02T03-04-05.678901.json",
            "google__gemma-3-270m/samples_hellaswag_2026-01-02T03-04-05.678901.jsonl",
            "google__gemma-3-270m/calibration_2026-01-02T03-04-05.678901.svg",
        ]);
        JsonElement json = JsonDocument.Parse(File.ReadAllText(files[0])).RootElement;
        Keys(json).ShouldBe(
            "results groups group_subtasks configs versions n-shot higher_is_better n-samples config git_hash date pretty_env_info "
            + "transformers_version lm_eval_version upper_git_hash tokenizer_pad_token tokenizer_eos_token tokenizer_bos_token eot_token_id "
            + "max_length task_hashes model_source model_name model_name_sanitized system_instruction system_instruction_sha "
            + "fewshot_as_multiturn chat_template chat_template_sha total_evaluation_time_seconds choices");
        Keys(json.GetProperty("config")).ShouldBe(
            "model model_args model_num_parameters model_dtype model_revision model_sha batch_size batch_sizes device use_cache limit "
            + "bootstrap_iters gen_kwargs random_seed numpy_seed torch_seed fewshot_seed");
        Keys(json.GetProperty("results").GetProperty("hellaswag")).ShouldBe("name alias sample_len acc,none acc_stderr,none acc_norm,none acc_norm_stderr,none");
        json.GetProperty("results").GetProperty("hellaswag").GetProperty("acc_norm_stderr,none").GetString().ShouldBe("N/A");
        json.GetProperty("config").GetProperty("limit").GetRawText().ShouldBe("2.0");
        json.GetProperty("tokenizer_bos_token").EnumerateArray().Select(item => item.GetString()).ShouldBe(["<bos>", "2"]);
        Keys(json.GetProperty("configs").GetProperty("hellaswag")).ShouldBe("task");
        File.ReadAllText(files[0]).ShouldStartWith("{\n  \"results\": {\n    \"hellaswag\": {\n      \"name\": \"hellaswag\",\n");

        string[] lines = File.ReadAllLines(files[1]);
        lines.Length.ShouldBe(2);
        JsonElement row = JsonDocument.Parse(lines[1]).RootElement;
        Keys(row).ShouldBe(
            "doc_id doc target arguments resps filtered_resps filter metrics doc_hash prompt_hash target_hash acc acc_norm");
        row.GetProperty("target").GetString().ShouldBe("1");
        row.GetProperty("resps").GetRawText().ShouldBe("""[[["-1.5", "False"]], [["-2.0", "True"]]]""");
        row.GetProperty("arguments").GetProperty("gen_args_1").GetProperty("arg_1").GetString().ShouldBe(" two");
        row.GetProperty("prompt_hash").GetString().ShouldBe(ResultHash.OfText("query 1"));
        json.GetProperty("task_hashes").GetProperty("hellaswag").GetString().ShouldBe(ResultHash.OfText(string.Concat(lines.Select(line =>
        {
            JsonElement sample = JsonDocument.Parse(line).RootElement;
            return sample.GetProperty("doc_hash").GetString() + sample.GetProperty("prompt_hash").GetString() + sample.GetProperty("target_hash").GetString();
        }))));
    }

    [Fact]
    public void What_is_written_is_read_again()
    {
        using var folder = new TemporaryFolder();
        ResultsWriter.Write(SampleResults.Create(), folder.Path);
        ScoredModel model = ModelReader.Read(folder.Path);
        model.Name.ShouldBe("google/gemma-3-270m");
        ScoredTask task = model.Tasks.ShouldHaveSingleItem();
        (task.Name, task.FewShot, task.Version, task.OriginalCount, task.EffectiveCount).ShouldBe(("hellaswag", 0, "1.0", 10042, 2));
        task.Metrics.Select(metric => (metric.Name, metric.Value, metric.StandardError, metric.Correct)).ShouldBe(
            [("acc", 0.5, 0.5, 1L), ("acc_norm", 1.0, null, 2L)]);
        ScoredItems items = task.Items.ShouldHaveSingleItem();
        items.Values["acc"].ShouldBe([1.0, 0.0]);
        items.Golds.ShouldBe(["0", "1"]);
        items.Choices.ShouldBe([2, 2]);
    }

    [Fact]
    public void What_an_accuracy_is_worth_follows_from_the_choices()
    {
        // Confidences by hand: 1 / (1 + exp(-0.5)) of both documents; the first is right, the second wrong; each choice is right once.
        ChoiceSummary summary = SampleResults.Create().Choices.ShouldHaveSingleItem();
        summary.Task.ShouldBe("hellaswag");
        summary.Chance.ShouldBe(0.5);
        summary.ChanceP.ShouldBe(1);
        summary.Constant.ShouldBe(new ConstantAnswer("A", 0.5));
        summary.Calibration.Count.ShouldBe(2);
        summary.Calibration.Accuracy.ShouldBe(0.5);
        summary.Calibration.Confidence.ShouldBe(1 / (1 + Math.Exp(-0.5)), 1e-15);
        summary.Calibration.ExpectedError.ShouldBe((1 / (1 + Math.Exp(-0.5))) - 0.5, 1e-15);
        ResultsWriter.Document(SampleResults.Create())["choices"]!["hellaswag"]!.AsObject().Select(member => member.Key).ShouldBe(
            ["n", "chance", "chance_p", "constant_answer", "constant_acc", "confidence", "expected_calibration_error", "bins"]);
    }

    [Fact]
    public void What_an_accuracy_is_worth_is_what_compare_finds_in_the_samples()
    {
        EvaluationResults results = SampleResults.Create() with { Run = SampleResults.Create().Run with { ModelName = "a" } };
        TaskResult[] tasks = [Task("first", 61, 3, 1), Task("second", 40, 2, 2)];
        using var folder = new TemporaryFolder();
        string[] models = ["a", "b"];
        foreach (string model in models)
        {
            ResultsWriter.Write(new EvaluationResults(results.Run with { ModelName = model }, tasks, []), folder[model]);
        }

        ComparisonResult compared = ModelComparison.Compare(
            [.. models.Select(model => folder[model])], new ComparisonOptions { Resamples = 100 }, TestContext.Current.CancellationToken);
        IReadOnlyList<ChoiceSummary> summaries = new EvaluationResults(results.Run, tasks, []).Choices;
        foreach (ChoiceSummary summary in summaries)
        {
            Calibration expected = compared.Calibrations.First(one => one.Task == summary.Task).Calibration;
            summary.Calibration.ExpectedError.ShouldBe(expected.ExpectedError, 1e-12);
            summary.Calibration.Bins.Select(bin => bin.Count).ShouldBe(expected.Bins.Select(bin => bin.Count));
            ComparisonRow row = compared.Rows.First(row => row.Name == summary.Task);
            summary.Chance.ShouldBe(row.Chance!.Value, 1e-15);
            summary.ChanceP.ShouldBe(row.Estimate.ChanceP!.Value, 1e-12);
            summary.Constant.ShouldBe(row.Constant);
        }

        Calibration together = Calibration.Together([.. summaries.Select(summary => summary.Calibration)]);
        Calibration all = compared.Calibrations.First(one => one.Task is null).Calibration;
        together.Count.ShouldBe(all.Count);
        together.ExpectedError.ShouldBe(all.ExpectedError, 1e-12);
        together.Accuracy.ShouldBe(all.Accuracy, 1e-12);

        static TaskResult Task(string name, int documents, int choices, ulong seed)
        {
            var random = new SplitMix64(seed);
            return new TaskResult(name)
            {
                OriginalCount = documents,
                EffectiveCount = documents,
                Metrics = [new MetricResult("acc", 0)],
                Samples = [.. Enumerable.Range(0, documents).Select(id =>
                {
                    double[] likelihoods = [.. Enumerable.Range(0, choices).Select(_ => -4 * random.NextDouble())];
                    int right = random.NextInt(choices);
                    return SampleResults.Create().Tasks[0].Samples!.First() with
                    {
                        DocumentId = id,
                        Target = right,
                        Responses = [.. likelihoods.Select(value => new JsonArray(new JsonArray(value, false)))],
                        FilteredResponses = [.. likelihoods.Select(value => new JsonArray(value, false))],
                        Metrics = [new("acc", Array.IndexOf(likelihoods, likelihoods.Max()) == right ? 1.0 : 0.0)],
                    };
                })],
            };
        }
    }

    [Fact]
    public void Tasks_without_choices_have_no_such_summary()
    {
        TaskResult task = SampleResults.Create().Tasks[0];
        Choices(task with { Samples = null }).ShouldBeEmpty();
        Choices(task with { Metrics = [new MetricResult("em", 1)] }).ShouldBeEmpty();
        Choices(task with { Samples = [.. task.Samples!.Select(row => row with { Responses = [new JsonArray("text")] })] }).ShouldBeEmpty();
        Choices(task with { Samples = [.. task.Samples!.Select(row => row with { Responses = [row.Responses[0]!.DeepClone()] })] }).ShouldBeEmpty();

        static IReadOnlyList<ChoiceSummary> Choices(TaskResult task) => new EvaluationResults(SampleResults.Create().Run, [task], []).Choices;
    }

    [Fact]
    public void Speed_and_energy_come_behind_the_keys_of_the_harness()
    {
        EvaluationResults results = SampleResults.Create();
        var work = new EvaluationWork(1200, TimeSpan.FromSeconds(2), 50, TimeSpan.FromSeconds(0.5));
        var performance = new RunPerformance(work, new EnergyReading(25, ["package-0"], null));
        JsonObject document = ResultsWriter.Document(results with { Run = results.Run with { Performance = performance } });
        document.Select(member => member.Key).TakeLast(3).ShouldBe(["total_evaluation_time_seconds", "performance", "choices"]);
        document["performance"]!.ToJsonString().ShouldBe(
            """{"prompt_tokens":1200,"prompt_seconds":2,"prompt_tokens_per_second":600,"generated_tokens":50,"generation_seconds":0.5,"generated_tokens_per_second":100,"energy_joules":25,"energy_joules_per_token":0.02,"energy_domains":["package-0"],"energy_unavailable":null}""");
        performance.ToString().ShouldBe("Speed: 1,200 tokens processed in 2.00 s (600/s), 50 tokens generated in 0.50 s (100/s); energy 25.0 J, 0.0200 J a token");
        var unknown = new RunPerformance(new EvaluationWork(0, TimeSpan.Zero, 0, TimeSpan.Zero), new EnergyReading(null, [], "no counters"));
        unknown.ToString().ShouldBe("Speed: 0 tokens processed, 0 tokens generated; energy not measured: no counters");
        unknown.JoulesPerToken.ShouldBeNull();
    }

    [Fact]
    public void Details_of_a_row_are_no_metrics()
    {
        SampleRow row = SampleResults.Create().Tasks[0].Samples!.First() with { Details = [new("marker", "1")] };
        JsonObject line = SampleLine.Create(row).Line;
        line["metrics"]!.ToJsonString().ShouldBe("[\"acc\",\"acc_norm\"]");
        line.Last().Key.ShouldBe("marker");
    }

    [Fact]
    public void A_path_that_ends_in_json_names_the_file()
    {
        using var folder = new TemporaryFolder();
        ResultsWriter.Write(SampleResults.Create(), folder["mine.json"])[0].ShouldBe(folder["mine_2026-01-02T03-04-05.678901.json"]);
        ModelReader.Read(folder["mine_2026-01-02T03-04-05.678901.json"]).Tasks[0].Items.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("google/gemma-3-270m", "google__gemma-3-270m")]
    [InlineData("a<>:b\"|?*[]c\\\\d", "a__b__c__d")]
    [InlineData("..", "__")]
    public void Names_become_folders(string name, string expected) => ResultsWriter.SanitizedName(name).ShouldBe(expected);

    [Fact]
    public void The_table_is_that_of_the_harness() => ResultsTable.Create(SampleResults.Create()).ShouldBe(
        """
        lapidary (google/gemma-3-270m), gen_kwargs: (None), limit: 2.0, num_fewshot: None, batch_size: 1
        |  Tasks  |Version|Filter|n-shot| Metric |   |Value |   |Stderr|
        |---------|------:|------|-----:|--------|---|-----:|---|-----:|
        |hellaswag|      1|none  |     0|acc     |↑  |0.5000|±  |0.5000|
        |         |       |none  |     0|acc_norm|↑  |1.0000|±  |   N/A|

        """.ReplaceLineEndings("\n"));

    // Python: ["%.4f" % x for x in (1/32, 3/32, 5/32, 7/32, 1/3)].
    [Fact]
    public void Numbers_in_the_middle_go_to_the_even_one_as_in_Python()
    {
        EvaluationResults results = SampleResults.Create();
        double[] shares = [1 / 32.0, 3 / 32.0, 5 / 32.0, 7 / 32.0, 1 / 3.0];
        results = results with { Tasks = [results.Tasks[0] with { Metrics = [.. shares.Select((share, i) => new MetricResult($"m{i}", share))] }] };
        ResultsTable.Create(results).Split('\n').Where(line => line.Contains("|m", StringComparison.Ordinal)).Select(line => line.Split('|')[7])
            .ShouldBe(["0.0312", "0.0938", "0.1562", "0.2188", "0.3333"]);
    }

    [Fact]
    public void Groups_come_first_with_what_is_in_them()
    {
        EvaluationResults results = SampleResults.Create();
        results = results with
        {
            Tasks = [results.Tasks[0] with { Name = "b_task", Metrics = results.Tasks[0].Metrics.Take(1).ToArray(), Samples = null }],
            Groups =
            [
                new GroupResult("inner", ["b_task"]) { Alias = "in", Metrics = [new MetricResult("acc", 0.5) { StandardError = 0.25 }], Version = 2 },
                new GroupResult("outer", ["inner", "unknown", "outer"]),
            ],
        };
        string[] names = [.. ResultsTable.Create(results).Split('\n').Where(line => line.StartsWith('|')).Select(line => line.Split('|')[1].TrimEnd())];
        names.ShouldBe(["  Tasks", "----------", "outer", " - in", "  - b_task", "Groups", "------", " - in"]);
    }

    private static string Keys(JsonElement json) => string.Join(' ', json.EnumerateObject().Select(member => member.Name));
}
