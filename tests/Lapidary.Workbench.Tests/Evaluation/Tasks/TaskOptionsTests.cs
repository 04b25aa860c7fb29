using System.Text.Json.Nodes;
using Lapidary.Checkpoints;
using Lapidary.Workbench.Evaluation.Requests;
using Lapidary.Workbench.Evaluation.Running;
using Lapidary.Workbench.Evaluation.Tasks;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Evaluation.Tasks;

/// <summary>Limits, choices of documents, shots and arguments.</summary>
public class TaskOptionsTests
{
    private const string Echo = """
        task: echo
        dataset_path: x
        validation_split: test
        doc_to_text: "{{n}}?"
        doc_to_target: "{{n}}"
        """;

    private static readonly EvaluationTask EchoTask = OpenEcho();

    [Theory]
    [InlineData(0.25, 2)]
    [InlineData(0.26, 3)]
    [InlineData(0.0001, 1)]
    [InlineData(1.0, 1)]
    [InlineData(2.9, 2)]
    [InlineData(8.0, 8)]
    [InlineData(1e9, 8)]
    public void A_limit_takes_the_first_documents(double limit, int count)
    {
        TaskPlan plan = Plan(new TaskOptions { Limit = limit }, 8);

        plan.Documents.Select(document => document.Id).ShouldBe(Enumerable.Range(0, count));
        plan.OriginalCount.ShouldBe(8);
        plan.Notes.Any(note => note.Contains($"first {count} of 8", StringComparison.Ordinal)).ShouldBe(count < 8);
    }

    [Fact]
    public void A_random_limit_is_a_function_of_its_seed()
    {
        var options = new TaskOptions { Limit = 20, LimitMode = LimitMode.Random, LimitSeed = 3 };
        int[] drawn = [.. Plan(options, 100).Documents.Select(document => document.Id)];

        drawn.ShouldBe(drawn.Order().Distinct());
        drawn.Length.ShouldBe(20);
        Plan(options, 100).Documents.Select(document => document.Id).ShouldBe(drawn);
        Plan(options with { LimitSeed = 4 }, 100).Documents.Select(document => document.Id).ShouldNotBe(drawn);
        Plan(options, 100).Notes.ShouldHaveSingleItem().ShouldContain("random 20 of 100");

        // Every document can be drawn, and none is preferred: 1,000 draws of 20 of 100 give each 200 times, +/- 5 standard deviations.
        int[] counts = new int[100];
        for (ulong seed = 0; seed < 1000; seed++)
        {
            foreach (TaskDocument document in Plan(options with { LimitSeed = seed }, 100).Documents)
            {
                counts[document.Id]++;
            }
        }

        counts.ShouldAllBe(count => count > 137 && count < 263);
    }

    [Fact]
    public void Documents_can_be_chosen()
    {
        TaskPlan plan = Plan(new TaskOptions { Samples = [5, 2] }, 8);

        plan.Documents.Select(document => document.Id).ShouldBe([5, 2]);
        plan.Requests.Select(request => request.Document).ShouldBe([0, 1]);
        ((GenerationRequest)plan.Requests[0]).Context.ShouldBe("5?");
        plan.Notes.ShouldHaveSingleItem().ShouldBe("Only 2 of 8 documents, those that were named, were evaluated.");
    }

    [Fact]
    public void Options_that_make_no_sense_are_refused()
    {
        Throws(new TaskOptions { Limit = 0 }, "a limit is a share below 1 or a number from 1");
        Throws(new TaskOptions { Limit = -1 }, "a limit is a share");
        Throws(new TaskOptions { Limit = double.NaN }, "a limit is a share");
        Throws(new TaskOptions { Limit = double.PositiveInfinity }, "a limit is a share");
        Throws(new TaskOptions { Samples = [0], Limit = 1 }, "exclude each other");
        Throws(new TaskOptions { Samples = [0, 8] }, "documents 0 to 7, but 8");
        Throws(new TaskOptions { Samples = [-1] }, "documents 0 to 7, but -1");
        Throws(new TaskOptions { Samples = [3, 0, 3] }, "document 3 of the task echo was asked for twice");
        Throws(new TaskOptions { Samples = [] }, "no document of the task echo was asked for");
        Throws(new TaskOptions { FewShotCount = -1 }, "0 to 1024 shots");
        Throws(new TaskOptions { FewShotCount = 8 }, "needs 9 documents to take 8 shots from, but there are 8");
        Throws(new TaskOptions { GenerationArguments = new Dictionary<string, JsonNode?> { ["temprature"] = 1 } }, "the nearest known one is 'temperature'");
        Throws(new TaskOptions { GenerationArguments = new Dictionary<string, JsonNode?> { ["max_gen_toks"] = 0 } }, "a whole number from 1");

        static void Throws(TaskOptions options, string fragment) =>
            Should.Throw<ArgumentException>(() => Plan(options, 8)).Message.ShouldContain(fragment, Case.Insensitive);
    }

    [Fact]
    public void Arguments_of_generation_win_over_those_of_the_task()
    {
        var options = new TaskOptions
        {
            GenerationArguments = new Dictionary<string, JsonNode?> { ["max_new_tokens"] = 7, ["temperature"] = 0.5, ["until"] = new JsonArray("a", ""), ["top_k"] = 3 },
        };
        using TaskFolder folder = new TaskFolder().With("echo.yaml", Echo + "\ngeneration_kwargs: {max_gen_toks: 100, until: x}\n");
        TaskPlan plan = folder.Plan("echo", options, Documents(1));

        GenerationSettings settings = ((GenerationRequest)plan.Requests[0]).Settings;
        settings.MaxTokens.ShouldBe(7);
        settings.Sample.ShouldBeTrue();
        settings.Temperature.ShouldBe(0.5);
        settings.TopK.ShouldBe(3);
        settings.Until.ShouldBe(["a"]);
        plan.GenerationArguments.ToJsonString().ShouldBe("""{"until":["a",""],"max_new_tokens":7,"temperature":0.5,"top_k":3}""");
    }

    [Fact]
    public void The_order_of_the_arguments_of_generation_changes_no_request()
    {
        (string Key, JsonNode Value)[] arguments = [("do_sample", true), ("top_k", 5), ("max_new_tokens", 7), ("temperature", 0.75)];
        GenerationRequest first = Asked(arguments.Reverse());
        GenerationRequest last = Asked(arguments);
        (last.Settings.Sample, last.Settings.Temperature, last.Settings.TopK, last.Settings.MaxTokens).ShouldBe((true, 0.75, 5, 7));
        (last.Settings with { Until = first.Settings.Until }).ShouldBe(first.Settings);
        last.Settings.Until.ShouldBe(first.Settings.Until);

        // What is drawn and under which key it is kept follow from the settings alone.
        var keys = new RequestKeys("model", new EvaluationRunnerOptions(), 64);
        (keys.SeedOf(last), keys.Of(last)).ShouldBe((keys.SeedOf(first), keys.Of(first)));

        static GenerationRequest Asked(IEnumerable<(string Key, JsonNode Value)> given) => (GenerationRequest)Plan(new TaskOptions
        {
            GenerationArguments = given.ToDictionary(argument => argument.Key, argument => (JsonNode?)argument.Value.DeepClone()),
        }, 1).Requests[0];
    }

    [Theory]
    [InlineData("do_sample: false, temperature: 0.7", false)]
    [InlineData("do_sample: true", true)]
    [InlineData("do_sample: true, temperature: 0.0", false)]
    [InlineData("temperature: 0.7", true)]
    [InlineData("temperature: 0", false)]
    [InlineData("top_p: 0.9", false)]
    public void Tokens_are_drawn_only_where_it_is_asked_for(string arguments, bool expected)
    {
        using TaskFolder folder = new TaskFolder().With("echo.yaml", Echo + $"\ngeneration_kwargs: {{{arguments}}}\n");

        ((GenerationRequest)folder.Plan("echo", new TaskOptions(), Documents(1)).Requests[0]).Settings.Sample.ShouldBe(expected);
    }

    [Fact]
    public void A_task_without_shots_stays_without()
    {
        using TaskFolder folder = new TaskFolder().With("echo.yaml", Echo + "\nnum_fewshot: 0\n");
        TaskPlan plan = folder.Plan("echo", new TaskOptions { FewShotCount = 3 }, Documents(8));

        plan.FewShotCount.ShouldBe(0);
        plan.Notes.ShouldHaveSingleItem().ShouldContain("the 3 that were asked for were left out");
    }

    [Fact]
    public void A_document_is_no_shot_of_itself()
    {
        TaskPlan plan = Plan(new TaskOptions { FewShotCount = 7 }, 8);

        foreach (TaskDocument document in plan.Documents)
        {
            string[] parts = ((GenerationRequest)document.Requests[0]).Context.Split("\n\n");
            parts.Length.ShouldBe(8);
            parts.ShouldContain($"{document.Id}?");
            parts.ShouldNotContain($"{document.Id}? {document.Id}");
        }
    }

    [Fact]
    public void A_limit_leaves_the_shots_of_the_first_documents()
    {
        var options = new TaskOptions { FewShotCount = 2 };
        string[] all = [.. Plan(options, 50).Requests.Select(request => ((GenerationRequest)request).Context)];

        Plan(options with { Limit = 9 }, 50).Requests.Select(request => ((GenerationRequest)request).Context).ShouldBe(all[..9]);
        Plan(options with { FewShotSeed = 1 }, 50).Requests.Select(request => ((GenerationRequest)request).Context).ShouldNotBe(all);
    }

    [Fact]
    public void Rows_of_the_pool_can_be_named()
    {
        using TaskFolder folder = new TaskFolder().With(
            "echo.yaml", Echo + "\nfewshot_split: other\nfewshot_config: {sampler: first_n, fewshot_indices: [4, 2, 0], doc_to_text: 'Q{{n}}', fewshot_delimiter: ';', target_delimiter: '='}\n");

        ((GenerationRequest)folder.Plan("echo", new TaskOptions { FewShotCount = 2 }, Documents(8)).Requests[1]).Context.ShouldBe("Q4=4;Q2=2;1?");
    }

    [Fact]
    public void A_document_without_the_column_is_told_with_the_task()
    {
        using TaskFolder folder = new TaskFolder().With("echo.yaml", Echo);

        string message = Should.Throw<CheckpointException>(() => folder.Plan("echo", new TaskOptions(), new JsonObject { ["m"] = 1 })).Message;
        message.ShouldContain("echo.yaml: line 1: document 0 of the task echo: 'doc_to_text' (line 4): line 1, column");
        message.ShouldContain("'n' is undefined");
    }

    private static EvaluationTask OpenEcho()
    {
        using TaskFolder folder = new TaskFolder().With("echo.yaml", Echo);
        return folder.Task("echo");
    }

    private static TaskPlan Plan(TaskOptions options, int count)
    {
        JsonObject[] documents = Documents(count);
        return EchoTask.Plan(options, _ => documents);
    }

    private static JsonObject[] Documents(int count) => [.. Enumerable.Range(0, count).Select(i => new JsonObject { ["n"] = i })];
}
