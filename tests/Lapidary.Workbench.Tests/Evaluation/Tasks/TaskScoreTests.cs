using System.Text.Json.Nodes;
using Lapidary.Inference;
using Lapidary.Workbench.Evaluation.Requests;
using Lapidary.Workbench.Evaluation.Tasks;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Evaluation.Tasks;

/// <summary>From answers to metrics.</summary>
public class TaskScoreTests
{
    private const string Choice = """
        task: choices
        dataset_path: x
        test_split: test
        output_type: multiple_choice
        doc_to_text: question
        doc_to_choice: choices
        doc_to_target: gold
        metric_list:
          - metric: acc
          - metric: acc_norm
          - metric: acc_bytes
          - metric: acc_mutual_info
          - metric: exact_match
          - metric: brier_score
        """;

    [Fact]
    public void Metrics_of_multiple_choice_are_those_of_the_transcription()
    {
        JsonObject vectors = (JsonObject)TaskRows.Vectors["scores"]!;
        JsonObject[] documents = [.. ((JsonArray)vectors["documents"]!).Select(document => (JsonObject)document!)];
        using TaskFolder folder = new TaskFolder().With("choices.yaml", Choice);
        TaskPlan plan = folder.Plan("choices", new TaskOptions(), documents);

        plan.Requests.Count.ShouldBe(8 * documents.Length);
        ((LikelihoodRequest)plan.Requests[4]).Context.ShouldBeEmpty();
        ((LikelihoodRequest)plan.Requests[4]).Continuation.ShouldBe(documents[0]["choices"]![0]!.GetValue<string>());
        TaskScores scores = plan.Score([.. documents.SelectMany(Answers)], TestContext.Current.CancellationToken);

        foreach ((string name, JsonNode? expected) in (JsonObject)vectors["expected"]!)
        {
            MetricScore score = scores.Metrics.Single(metric => metric.Key == $"{name},none");
            score.Value.ShouldBe(expected![0]!.GetValue<double>(), 1e-12, name);
            if (expected[1] is { } error)
            {
                score.StandardError!.Value.ShouldBe(error.GetValue<double>(), 1e-12, name);
            }
            else
            {
                score.StandardError.ShouldBeNull();
            }
        }

        scores.Documents.Count.ShouldBe(documents.Length);
        scores.Documents[0].FilteredResponses[0]!.AsArray().Count.ShouldBe(2);
        scores.Documents[0].Metrics.Keys.ShouldBe(["acc", "acc_norm", "acc_bytes", "acc_mutual_info", "exact_match", "brier_score"]);
    }

    [Theory]
    [InlineData(double.NaN, "nan")]
    [InlineData(double.NegativeInfinity, "-inf")]
    public void A_likelihood_that_is_no_number_is_an_error_that_names_task_and_document(double likelihood, string written)
    {
        using TaskFolder folder = new TaskFolder().With("choices.yaml", Choice.Replace("  - metric: acc_mutual_info\n", string.Empty, StringComparison.Ordinal));
        JsonObject[] documents = [.. Enumerable.Range(0, 3).Select(_ => new JsonObject { ["question"] = "q", ["choices"] = new JsonArray("a", "b"), ["gold"] = 0 })];
        TaskPlan plan = folder.Plan("choices", new TaskOptions { Samples = [2, 1] }, documents);
        EvaluationResponse[] responses = [.. plan.Requests.Select((_, i) => EvaluationResponse.FromLikelihood(new LikelihoodResponse(i == 3 ? likelihood : -i, false)))];
        Should.Throw<NonFiniteException>(() => plan.Score(responses, TestContext.Current.CancellationToken)).Message
            .ShouldBe($"choices, document 1, request 1: a log-likelihood was expected, found {written}.");
    }

    [Fact]
    public void A_metric_that_is_no_number_is_an_error_that_names_the_task()
    {
        using TaskFolder folder = new TaskFolder().With(
            "words.yaml", "task: words\ndataset_path: x\ntest_split: test\noutput_type: loglikelihood\ndoc_to_text: q\ndoc_to_target: a\nmetric_list: [{metric: perplexity}]\n");
        TaskPlan plan = folder.Plan("words", new TaskOptions { BootstrapIterations = 0 }, new JsonObject { ["q"] = "q", ["a"] = "a" });
        Should.Throw<NonFiniteException>(() => plan.Score([EvaluationResponse.FromLikelihood(new LikelihoodResponse(-1e6, false))], TestContext.Current.CancellationToken))
            .Message.ShouldBe("words: the metric perplexity,none is inf over 1 documents, where a number was expected.");
    }

    [Fact]
    public void A_pattern_that_explodes_names_the_task()
    {
        const string Task = "task: words\ndataset_path: x\ntest_split: test\ndoc_to_text: q\ndoc_to_target: a\n";
        Fails("metric_list: [{metric: exact_match, regexes_to_ignore: ['(a*)*b']}]\n").ShouldContain("document 1 of the task words: the regular expression (a*)*b");
        Fails("filter_list: [{name: f, filter: [{function: regex, regex_pattern: '(a*)*b'}]}]\n").ShouldContain("the filter f of the task words: the regular expression (a*)*b");

        static string Fails(string more)
        {
            using TaskFolder folder = new TaskFolder().With("words.yaml", Task + more);
            JsonObject[] documents = [.. Enumerable.Range(0, 2).Select(_ => new JsonObject { ["q"] = "q", ["a"] = "a" })];
            TaskPlan plan = folder.Plan("words", new TaskOptions(), documents);
            return Should.Throw<TaskFileException>(() => plan.Score(["a", new string('a', 64)], TestContext.Current.CancellationToken)).Message;
        }
    }

    [Fact]
    public void Filters_give_what_Python_gives()
    {
        foreach (JsonNode? vector in (JsonArray)TaskRows.Vectors["filters"]!)
        {
            string[] answers = [.. vector!["answers"]!.AsArray().Select(answer => answer!.GetValue<string>())];
            TaskPlan one = TaskPromptTests.Plan(vector["task"]!.GetValue<string>(), 0);
            string filter = vector["filter"]!.GetValue<string>();
            for (int i = 0; i < answers.Length; i++)
            {
                TaskScores scores = one.Score([.. one.Requests.Select(_ => (EvaluationResponse)answers[i])], TestContext.Current.CancellationToken);
                DocumentScore row = scores.Documents.First(document => document.Filter == filter);
                row.FilteredResponses.ToJsonString().ShouldBe(new JsonArray(vector["filtered"]![i]!.DeepClone()).ToJsonString(), $"{one.Task.Name}, {filter}: {answers[i]}");
            }
        }
    }

    [Theory]
    [InlineData("gsm8k", "She makes 18.\n#### 18", 1, 1)]
    [InlineData("gsm8k", "She makes $18.00, or 18", 0, 1)]
    [InlineData("gsm8k", "#### 1,8", 1, 1)]
    [InlineData("gsm8k", "none", 0, 0)]
    [InlineData("gsm8k_cot", "So 9 * 2 = 18. The answer is 18.", 1, 1)]
    public void Final_numbers_are_compared(string task, string answer, double strict, double flexible)
    {
        TaskPlan plan = TaskPromptTests.Plan(task, 0);
        EvaluationResponse[] answers = [answer, .. plan.Requests.Skip(1).Select(_ => (EvaluationResponse)"0")];

        TaskScores scores = plan.Score(answers, TestContext.Current.CancellationToken);

        Value(scores, 0, "strict-match").ShouldBe(strict);
        Value(scores, 0, "flexible-extract").ShouldBe(flexible);
        scores.Metrics.Select(metric => metric.Key).ShouldBe(["exact_match,strict-match", "exact_match,flexible-extract"]);
    }

    [Theory]
    [InlineData(" City 0", 1)]
    [InlineData("town of 0S", 1)]
    [InlineData("City", 0)]
    public void Any_alias_counts(string answer, double expected)
    {
        TaskPlan plan = TaskPromptTests.Plan("triviaqa", 0);

        Value(plan.Score([answer, "x"], TestContext.Current.CancellationToken), 0, "remove_whitespace").ShouldBe(expected);
        plan.Documents[0].TargetText.ShouldBe("['City 0', \"Town of 0's\"]");
    }

    [Fact]
    public void Of_several_contexts_the_question_names_the_right_one()
    {
        TaskPlan plan = TaskPromptTests.Plan("winogrande", 0);
        EvaluationResponse[] answers = [.. plan.Requests.Select((request, i) => (EvaluationResponse)new LikelihoodResponse(i % 2 == 0 ? -2 : -1, false))];

        TaskScores scores = plan.Score(answers, TestContext.Current.CancellationToken);

        // The second option is right in the first row and the first one in the other.
        scores.Documents.Select(row => row.Metrics["acc"].GetValue<double>()).ShouldBe([1.0, 0.0]);
    }

    [Fact]
    public void The_last_word_is_scored_by_likelihood_and_greed()
    {
        TaskPlan plan = TaskPromptTests.Plan("lambada_openai", 0);

        TaskScores scores = plan.Score([new LikelihoodResponse(-1, true), new LikelihoodResponse(-3, false)], TestContext.Current.CancellationToken);

        scores.Metrics[0].Key.ShouldBe("perplexity,none");
        scores.Metrics[0].Value.ShouldBe(Math.Exp(2), 1e-12);
        scores.Metrics[0].HigherIsBetter.ShouldBe(false);
        scores.Metrics[0].StandardError.ShouldNotBeNull();
        scores.Metrics[1].Value.ShouldBe(0.5);
    }

    [Fact]
    public void A_page_is_scored_without_its_spaces_and_counted_with_them()
    {
        EvaluationTask task = TaskLibrary.Open([]).Select(["wikitext"]).Tasks[0];
        TaskPlan plan = task.Plan(new TaskOptions(), _ => [new JsonObject { ["page"] = "The cat , sat . \n" }], TestContext.Current.CancellationToken);

        ((RollingLikelihoodRequest)plan.Requests.ShouldHaveSingleItem()).Text.ShouldBe("The cat, sat.\n");
        TaskScores scores = plan.Score([-12.0], TestContext.Current.CancellationToken);

        // Six pieces between white space, the empty one at the end among them, and 17 bytes.
        scores.Metrics.Select(metric => metric.Key).ShouldBe(["word_perplexity,none", "byte_perplexity,none", "bits_per_byte,none"]);
        scores.Metrics[0].Value.ShouldBe(Math.Exp(2), 1e-12);
        scores.Metrics[1].Value.ShouldBe(Math.Exp(12.0 / 17), 1e-12);
        scores.Metrics[2].Value.ShouldBe(12.0 / 17 / Math.Log(2), 1e-12);
        scores.Metrics.ShouldAllBe(metric => metric.StandardError == null && metric.HigherIsBetter == false);
    }

    [Fact]
    public void Programs_are_not_run_unless_somebody_allows_it()
    {
        TaskPlan plan = TaskPromptTests.Plan("humaneval", 0);

        TaskScores scores = plan.Score(["    return 1\n"], TestContext.Current.CancellationToken);

        scores.Metrics.ShouldBeEmpty();
        scores.Documents[0].FilteredResponses[0]!.GetValue<string>().ShouldEndWith("\"\"\"\n    return 1\n");
        scores.Documents[0].Document.TargetText.ShouldBe("def check(f):\n    assert f() == 1\n\ncheck(one)");
        scores.Notes.ShouldHaveSingleItem().ShouldContain("not run");
    }

    [Fact]
    public void Votes_are_counted_and_the_first_of_equals_wins()
    {
        using TaskFolder folder = new TaskFolder().With("vote.yaml", """
            task: vote
            dataset_path: x
            test_split: test
            doc_to_text: question
            doc_to_target: answer
            repeats: 4
            generation_kwargs: {do_sample: true, temperature: 0.7}
            filter_list:
              - name: first
                filter: [{function: take_first}]
              - name: two
                filter: [{function: take_first_k, k: 2}, {function: uppercase}, {function: majority_vote}, {function: take_first}]
              - name: all
                filter: [{function: majority_vote}, {function: take_first}]
              - name: mapped
                filter: [{function: lowercase}, {function: map, mapping_dict: {b: y}, default_value: z}, {function: take_first}]
            metric_list:
              - metric: exact_match
                ignore_case: true
            """);
        TaskPlan plan = folder.Plan("vote", new TaskOptions(), new JsonObject { ["question"] = "?", ["answer"] = "B" });

        plan.Requests.Count.ShouldBe(4);
        GenerationSettings settings = ((GenerationRequest)plan.Requests[3]).Settings;
        settings.Sample.ShouldBeTrue();
        settings.Temperature.ShouldBe(0.7);
        settings.Until.ShouldBe(["\n\n"]);
        TaskScores scores = plan.Score(["b", "a", "a", "b"], TestContext.Current.CancellationToken);
        scores.Documents.Select(row => row.FilteredResponses[0]!.GetValue<string>()).ShouldBe(["b", "B", "b", "y"]);
        scores.Metrics.Select(metric => metric.Value).ShouldBe([1.0, 1.0, 1.0, 0.0]);
        scores.Metrics[0].StandardError.ShouldBeNull();
    }

    [Fact]
    public void A_choice_is_found_by_pattern_by_text_and_by_letter()
    {
        using TaskFolder folder = new TaskFolder().With("find.yaml", """
            task: find
            dataset_path: x
            test_split: test
            doc_to_text: question
            doc_to_target: answer
            filter_list:
              - name: found
                filter:
                  - function: multi_choice_regex
                    regex_pattern: '(\([A-Z]\))'
                    group_select: -1
                    ignore_case: true
                    ignore_punctuation: true
                  - function: take_first
            """);
        JsonObject document = new() { ["question"] = "?", ["answer"] = "(B)", ["choices"] = new JsonArray("The cat.", "A dog!") };
        TaskPlan plan = folder.Plan("find", new TaskOptions(), document);

        string[] found = [.. new[] { "(A) no, (B)", "it is a DOG", "So: A", "what?" }
            .Select(answer => plan.Score([answer], TestContext.Current.CancellationToken).Documents[0].FilteredResponses[0]!.GetValue<string>())];

        found.ShouldBe(["(B)", "(B)", "(A)", "[invalid]"]);
    }

    [Fact]
    public void Groups_weigh_by_size_and_pool_the_errors()
    {
        using TaskFolder folder = new TaskFolder()
            .With("choices.yaml", Choice.Replace("task: choices", "task_list: [{task: one}, {task: two}]", StringComparison.Ordinal))
            .With("both.yaml", """
                group: both
                group_alias: Both
                task: [one, {group: inner, task: [two]}]
                aggregate_metric_list:
                  - metric: acc
                  - metric: brier_score
                    weight_by_size: false
                metadata: {version: 2}
                """);
        TaskSelection selection = folder.Open().Select(["both"]);
        JsonObject[] documents = [.. ((JsonArray)TaskRows.Vectors["scores"]!["documents"]!).Select(document => (JsonObject)document!)];
        Dictionary<string, TaskScores> scores = selection.Tasks.ToDictionary(task => task.Name, task =>
        {
            JsonObject[] own = [.. documents.Take(task.Name == "one" ? 10 : 40)];
            return task.Plan(new TaskOptions(), _ => own).Score([.. own.SelectMany(Answers)]);
        });

        GroupScores group = selection.ScoreGroups(scores).ShouldHaveSingleItem();

        (MetricScore one, MetricScore two) = (scores["one"].Metrics[0], scores["two"].Metrics[0]);
        group.Group.Alias.ShouldBe("Both");
        group.SampleCount.ShouldBe(50);
        group.Metrics[0].Value.ShouldBe(((10 * one.Value) + (40 * two.Value)) / 50, 1e-12);
        double pooled = ((9 * 10 * Square(one)) + (39 * 40 * Square(two))) / 48 / 50;
        group.Metrics[0].StandardError!.Value.ShouldBe(Math.Sqrt(pooled), 1e-12);
        group.Metrics[1].Value.ShouldBe(scores.Values.Average(score => score.Metrics[5].Value), 1e-12);
        group.Metrics[1].StandardError.ShouldBeNull();

        static double Square(MetricScore score) => score.StandardError!.Value * score.StandardError.Value;
    }

    [Fact]
    public void Answers_that_do_not_fit_the_requests_are_refused()
    {
        TaskPlan plan = TaskPromptTests.Plan("gsm8k", 0);

        Should.Throw<ArgumentException>(() => plan.Score(["x"])).Message.ShouldContain("1 answers to 2 requests");
        Should.Throw<ArgumentException>(() => plan.Score([1.0, 2.0])).Message.ShouldContain("asked for texts");
    }

    private static double Value(TaskScores scores, int document, string filter) =>
        scores.Documents.Where(row => row.Filter == filter).ElementAt(document).Metrics["exact_match"].GetValue<double>();

    private static IEnumerable<EvaluationResponse> Answers(JsonObject document) =>
        document["lls"]!.AsArray().Select((value, i) => (EvaluationResponse)new LikelihoodResponse(value!.GetValue<double>(), document["greedy"]![i]!.GetValue<bool>()))
            .Concat(document["free"]!.AsArray().Select(value => (EvaluationResponse)new LikelihoodResponse(value!.GetValue<double>(), false)));
}
