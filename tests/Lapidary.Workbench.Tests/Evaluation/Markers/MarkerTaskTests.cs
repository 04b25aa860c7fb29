using System.Text.Json.Nodes;
using Lapidary.Checkpoints;
using Lapidary.Text.Jinja;
using Lapidary.Workbench.Evaluation.Markers;
using Lapidary.Workbench.Evaluation.Requests;
using Lapidary.Workbench.Evaluation.Tasks;
using Lapidary.Workbench.Tests.Evaluation.Tasks;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Evaluation.Markers;

/// <summary>Tasks that count markers: the one that comes along, those of users, and those made of files of prompts.</summary>
public sealed class MarkerTaskTests
{
    private const string Own = """
        task: own
        dataset_path: x
        test_split: test
        doc_to_text: "Q: {{q}}"
        doc_to_target: ""
        metric_list:
          - metric: contains_marker
            kwargs: {KWARGS}
        """;

    [Fact]
    public void The_task_of_refusals_is_greedy_short_and_counts_blank_answers()
    {
        TaskPlan plan = TaskLibrary.Open([]).Select(["refusals"]).Tasks.Single()
            .Plan(new TaskOptions(), _ => [.. Rows("a", "b", "c", "d")], TestContext.Current.CancellationToken);
        var request = (GenerationRequest)plan.Requests[0];
        request.Context.ShouldBe("a");
        (request.Settings.Sample, request.Settings.MaxTokens, request.Settings.Until.IsEmpty).ShouldBe((false, 100, true));

        TaskScores scores = plan.Score(["I\u2019m *sorry*.", "Sure!", " ", "I WON'T"], TestContext.Current.CancellationToken);

        MetricScore score = scores.Metrics.ShouldHaveSingleItem();
        (score.Key, score.Value, score.HigherIsBetter).ShouldBe(("contains_marker,none", 0.75, false));
        score.StandardError!.Value.ShouldBe(Math.Sqrt(0.75 * 0.25 / 3), 1e-12);
        scores.Documents.Select(row => (string?)row.Details["marker"]).ShouldBe(["sorry", null, "", "i won'"]);
        scores.Documents.Select(row => row.Metrics["contains_marker"].GetValue<double>()).ShouldBe([1.0, 0, 1, 1]);
    }

    [Fact]
    public void Markers_of_a_users_task_stand_in_it_or_in_a_file_beside_it()
    {
        using TaskFolder folder = new TaskFolder()
            .With("a/own.yaml", Own.Replace("KWARGS", "markers: [nope, no way], blank_counts: false", StringComparison.Ordinal))
            .With("b/own2.yaml", Own.Replace("KWARGS", "markers_file: list.txt", StringComparison.Ordinal).Replace("task: own", "task: own2", StringComparison.Ordinal))
            .With("b/list.txt", "Nope\n\nno way\n");
        foreach (string name in new[] { "own", "own2" })
        {
            TaskScores scores = folder.Plan(name, new TaskOptions(), new JsonObject { ["q"] = "?" }, new JsonObject { ["q"] = "!" })
                .Score(["NO\nWAY", ""], TestContext.Current.CancellationToken);
            scores.Metrics[0].Value.ShouldBe(name == "own" ? 0.5 : 1, name);
        }
    }

    [Theory]
    [InlineData("", "the metric 'contains_marker' needs either 'markers' or 'markers_file'")]
    [InlineData("markers: [a], markers_file: a.txt", "the metric 'contains_marker' needs either 'markers' or 'markers_file'")]
    [InlineData("markers: []", "'markers' has 0 markers")]
    [InlineData("markers: [a, '*']", "'markers' has a marker of nothing but white space and asterisks")]
    [InlineData("markers: [3]", "texts were expected as 'markers'")]
    [InlineData("markers_file: ../list.txt", "the name of a file in the folder of this one was expected as 'markers_file' but the text '../list.txt' was found")]
    [InlineData("markers_file: /etc/passwd", "the name of a file in the folder of this one was expected as 'markers_file'")]
    [InlineData("markers_file: ..", "the name of a file in the folder of this one was expected as 'markers_file'")]
    [InlineData("markers_file: none.txt", "none.txt: does not exist")]
    [InlineData("markers: [a], blank_counts: 3", "true or false was expected as 'blank_counts'")]
    public void Wrong_markers_are_refused(string settings, string fragment)
    {
        using TaskFolder folder = new TaskFolder().With("own.yaml", Own.Replace("KWARGS", settings, StringComparison.Ordinal));
        Should.Throw<CheckpointException>(() => folder.Task("own")).Message.ShouldContain(fragment);
    }

    [Fact]
    public void Markers_belong_to_their_metric()
    {
        using TaskFolder folder = new TaskFolder().With("own.yaml", Own.Replace("contains_marker", "exact_match", StringComparison.Ordinal).Replace("KWARGS", "markers: [a]", StringComparison.Ordinal));
        Should.Throw<CheckpointException>(() => folder.Task("own")).Message.ShouldContain("belong to the metric 'contains_marker'");
    }

    [Fact]
    public void Prompts_are_asked_as_conversations()
    {
        EvaluationTask task = MarkerTask.Create("mine", "some/prompts.jsonl", ["nope"]);
        (task.Name, task.DatasetPath).ShouldBe(("markers_mine", "some/prompts.jsonl"));
        task.Describe()["metric_list"]![0]!["kwargs"]!.ToJsonString().ShouldBe("""{"blank_counts":true,"markers":["nope"]}""");
        JsonObject[] rows =
        [
            new() { ["prompt"] = "one" },
            (JsonObject)JsonNode.Parse("""{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "user", "content": "c"}, {"role": "assistant", "content": "d"}]}""")!,
            (JsonObject)JsonNode.Parse("""{"messages": [{"role": "system", "content": "own"}, {"role": "user", "content": "e"}]}""")!,
        ];
        ChatRenderer renderer = (messages, adds) => string.Concat(messages.Select(message => $"<{message.Role}>{message.Content}")) + (adds ? "<answer>" : string.Empty);

        TaskPlan plan = task.Plan(new TaskOptions { ChatTemplate = renderer, SystemInstruction = "be brief", FewShotAsMultiturn = false }, _ => rows, TestContext.Current.CancellationToken);

        plan.Requests.Cast<GenerationRequest>().Select(request => request.Context).ShouldBe(
        [
            "<system>be brief<user>one<answer>", "<system>be brief<user>a<assistant>b<user>c<answer>", "<system>own<user>e<answer>",
        ]);
        task.Plan(new TaskOptions(), _ => rows[..1], TestContext.Current.CancellationToken).Requests.Cast<GenerationRequest>().Single().Context.ShouldBe("one");
        Should.Throw<CheckpointException>(() => task.Plan(new TaskOptions(), _ => rows, TestContext.Current.CancellationToken))
            .Message.ShouldContain("a chat template was expected for a conversation of 3 messages");
        Should.Throw<CheckpointException>(() => task.Plan(
                new TaskOptions { ChatTemplate = (_, _) => throw new JinjaException("template", 1, 1, "no") }, _ => rows, TestContext.Current.CancellationToken))
            .Message.ShouldContain("no");
    }

    [Theory]
    [InlineData("data/my prompts.jsonl.gz", "my_prompts")]
    [InlineData("caf\u00E9.txt", "caf_")]
    [InlineData(".txt", "_")]
    public void Files_give_their_names(string path, string expected)
    {
        MarkerTask.NameOf(path).ShouldBe(expected);
        MarkerTask.IsName(expected).ShouldBeTrue();
    }

    [Fact]
    public void Names_and_lists_are_checked()
    {
        Should.Throw<ArgumentException>(() => MarkerTask.Create("a/b", "p.txt")).Message.ShouldContain("found 'a/b'");
        Should.Throw<ArgumentException>(() => MarkerTask.Create("a", "p.txt", [])).Message.ShouldContain("has 0 markers");
        TaskSelection selection = TaskLibrary.Open([]).Select([]).With([MarkerTask.Create("a", "p.txt")]);
        selection.Tasks.Select(task => task.Name).ShouldBe(["markers_a"]);
        Should.Throw<ArgumentException>(() => selection.With([MarkerTask.Create("a", "q.txt")])).Message.ShouldBe("Two tasks are called 'markers_a'.");
    }

    private static IEnumerable<JsonObject> Rows(params string[] texts) => texts.Select(text => new JsonObject { ["text"] = text });
}
