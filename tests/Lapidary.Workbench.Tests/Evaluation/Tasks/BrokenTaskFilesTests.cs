using System.Text;
using System.Text.Json.Nodes;
using Lapidary.Checkpoints;
using Lapidary.Workbench.Evaluation.Tasks;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Evaluation.Tasks;

/// <summary>Task files that must be refused, with one sentence that names file and line, and without taking the machine's time or memory.</summary>
public class BrokenTaskFilesTests
{
    private const string Good = "task: t\ndataset_path: x\ntest_split: test\ndoc_to_text: q\ndoc_to_target: a\n";
    private const string GoodChoice = Good + "output_type: multiple_choice\ndoc_to_choice: [a, b]\n";

    /// <summary>The files: what is wrong, its text, and what the error must say.</summary>
    public static TheoryData<string, string, string> Files => new()
    {
        { "empty", "", "line 1: the file is empty" },
        { "a list", "- a\n- b\n", "line 1: a mapping was expected but a list of 2 was found" },
        { "two documents", Good + "---\n" + Good, "a second document begins" },
        { "no YAML", "task: t\n  bad: [\n", "this is not YAML" },
        { "tabs", "task: t\na:\n\tb: 1\n", "this is not YAML" },
        { "a zero", "task: t\nname: a\0b\n", "line 2: the character U+0000 was found" },
        { "unknown key", Good + "doc_to_txt: q\n", "line 6: 'doc_to_txt' is no key of a task; the nearest known one is 'doc_to_text'" },
        { "unsupported key", Good + "doc_to_image: q\n", "line 6: 'doc_to_image' is not supported" },
        { "unknown function", Good + "process_docs: !function utils.proces_docs\n", "line 6: the function" },
        { "code as a function", Good + "process_docs: !function os.system('true')\n", "is not known here, and code of task files is never run" },
        { "text as a function", Good + "process_docs: utils.process_docs\n", "'!function' and a name was expected as 'process_docs'" },
        { "a tag of Python", Good + "num_fewshot: !!python/object/apply:os.system ['true']\n", "'!function' is the only tag of task files" },
        { "a number as a text", Good + "target_delimiter: 5\n", "line 6: a text was expected as 'target_delimiter' but the number 5 was found" },
        { "many shots", Good + "num_fewshot: 1000000\n", "a whole number from 0 to 1024 was expected as 'num_fewshot'" },
        { "many repeats", Good + "repeats: 1000000000\n", "a whole number from 1 to 1024 was expected as 'repeats'" },
        { "unknown type", Good + "output_type: multiple_choices\n", "the nearest known one is 'multiple_choice'" },
        { "unknown metric", GoodChoice + "metric_list: [{metric: accuracy}]\n", "'accuracy' is no metric that is known for this 'output_type'; known are acc, acc_bytes, acc_mutual_info, acc_norm, brier_score, bypass, exact_match, f1, mcc" },
        { "metric of another type", Good + "metric_list: [{metric: acc_norm}]\n", "'acc_norm' is no metric" },
        { "unknown aggregation", GoodChoice + "metric_list: [{metric: acc, aggregation: meen}]\n", "'meen' is no aggregation; the nearest known one is 'mean'" },
        { "equal metrics", GoodChoice + "metric_list: [{metric: acc}, {metric: acc}]\n", "two metrics are called 'acc'" },
        { "unknown filter", Good + "filter_list: [{name: f, filter: [{function: regexp}]}]\n", "'regexp' is no filter; the nearest known one is 'regex'" },
        { "unsupported filter", Good + "filter_list: [{name: f, filter: [{function: format_span}]}]\n", "the filter 'format_span' is not supported" },
        { "unknown key of a filter", Good + "filter_list: [{name: f, filter: [{function: regex, pattern: x}]}]\n", "'pattern' is no key of the filter 'regex'" },
        { "broken pattern", Good + "filter_list: [{name: f, filter: [{function: regex, regex_pattern: '(['}]}]\n", "the regular expression ([" },
        { "filter of likelihoods", GoodChoice + "filter_list: [{name: f, filter: [{function: lowercase}]}]\n", "neither repeated nor filtered" },
        { "broken template", Good.Replace("doc_to_text: q", "doc_to_text: '{{ q'", StringComparison.Ordinal), "line 4: the template of 'doc_to_text' cannot be parsed" },
        { "unknown filter of Jinja", Good.Replace("doc_to_text: q", "doc_to_text: '{{ q|system }}'", StringComparison.Ordinal), "line 4: the template of 'doc_to_text' cannot be parsed" },
        { "no data set", "task: t\ntest_split: test\ndoc_to_text: q\ndoc_to_target: a\n", "the task t has no 'dataset_path'" },
        { "no split", "task: t\ndataset_path: x\ntraining_split: a\ndoc_to_text: q\ndoc_to_target: a\n", "neither a 'test_split' nor a 'validation_split'" },
        { "no question", "task: t\ndataset_path: x\ntest_split: test\ndoc_to_target: a\n", "the task t has no 'doc_to_text'" },
        { "no target", "task: t\ndataset_path: x\ntest_split: test\ndoc_to_text: a\n", "the task t has no 'doc_to_target'" },
        { "no choices", Good + "output_type: multiple_choice\n", "a multiple choice and has no 'doc_to_choice'" },
        { "unknown argument", Good + "generation_kwargs: {max_gen_tok: 5}\n", "'max_gen_tok' is not known; the nearest known one is 'max_gen_toks'" },
        { "arguments of another type", GoodChoice + "generation_kwargs: {until: a}\n", "belongs to tasks that generate" },
        { "unknown sampler", Good + "fewshot_config: {sampler: first}\n", "'first' is no sampler; the nearest known one is 'first_n'" },
        { "include of itself", "include: broken.yaml\n" + Good, "includes itself by way of 'broken.yaml'" },
        { "include that is missing", "include: none.yaml\n" + Good, "line 1: the included file 'none.yaml' cannot be read" },
        { "include of a full path", "include: /etc/passwd\n" + Good, "relative to this one, was expected as 'include'" },
        { "include of a folder", "include: .\n" + Good, "cannot be read" },
        { "include of a number", "include: 5\n" + Good, "but the number 5 was found" },
        { "unknown alias", Good + "num_fewshot: *a\n", "names no anchor before it" },
        { "alias of itself", Good + "metadata: &a [*a]\n", "names no anchor before it" },
        { "keys that are lists", Good + "metadata: {[a]: b}\n", "a key that is a text was expected" },
        { "programs without saying so", Good + "metric_list: [{metric: !function humaneval/utils.pass_at_k}]\n", "is not known here" },
        { "merging what is no mapping", Good + "metadata: {<<: [a]}\n", "'<<' needs mappings" },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void Broken_files_are_refused(string what, string text, string fragment)
    {
        what.ShouldNotBeEmpty();
        Fails(text, fragment);
    }

    [Fact]
    public void Tasks_that_share_what_is_long_are_bounded_together()
    {
        string shared = string.Join(", ", Enumerable.Repeat("x", 500));
        string names = string.Concat(Enumerable.Range(0, 3000).Select(i => $"  - task: many_{i}\n"));
        using TaskFolder folder = new TaskFolder().With(
            "many.yaml", $"dataset_path: x\ntest_split: test\ndoc_to_text: q\ndoc_to_target: a\nmetadata: {{long: [{shared}]}}\ntask_list:\n{names}");
        TaskLibrary library = folder.Open();
        library.Select(["many_1*"]).Tasks.Count.ShouldBe(1111);
        Should.Throw<TaskFileException>(() => library.Select(["many_*"])).Message.ShouldContain("more than 1000000 nodes");
    }

    [Fact]
    public void Files_that_would_take_the_machine_are_refused()
    {
        // Nine levels of nine aliases each: a billion nodes, written out.
        var bomb = new StringBuilder(Good + "metadata:\n  a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 10; i++)
        {
            bomb.Append($"  a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 9))}]\n");
        }

        Fails(bomb.ToString(), "more than 200000 nodes, aliases written out");
        Fails(Good + "metadata: " + new string('[', 100_000), "nests more than 40 deep");
        Fails(Good + "metadata: " + string.Concat(Enumerable.Repeat("{a: ", 100_000)), "nests more than 40 deep");
        Fails(Good + string.Concat(Enumerable.Range(0, 60).Select(i => new string(' ', i) + "- \n")), "nests more than 40 deep|this is not YAML");
        Fails(Good + "metadata: [" + string.Concat(Enumerable.Repeat("a,", 300_000)) + "]", "more than 200000 nodes");
        Fails(Good + "description: '" + new string('x', 5_000_000) + "'\n", "bytes where at most 4194304 were expected");
        Fails(Good + "doc_to_choice: '" + new string('x', 600_000) + "'\n", "600000 characters where at most 524288");
        Fails(Good + new string('a', 2_000_000) + ": 1\n", "is no key of a task|this is not YAML");
        Fails(Good + "metadata: &" + new string('a', 2_000_000) + " 1\n", "|");
    }

    [Fact]
    public void Groups_that_contain_themselves_are_refused()
    {
        using TaskFolder folder = new TaskFolder()
            .With("a.yaml", "group: a\ntask: [b]\n")
            .With("b.yaml", "group: b\ntask: [a]\n")
            .With("c.yaml", "group: c\ntask: [unknown_task]\n")
            .With("d.yaml", "group: d\ntask: []\n")
            .With("e.yaml", "group: e\ntask: [arc_easy]\naggregate_metric_list: [{metric: acc, aggregation: median}]\n")
            .With("f.yaml", "group: f\ntask: [[arc_easy]]\n")
            .With("g.yaml", "group: g\ntask: [arc_easy]\nagregate_metric_list: []\n");
        TaskLibrary library = folder.Open();

        Message("a").ShouldContain("contains itself");
        Message("c").ShouldContain("c.yaml: line 2: no task, group or tag is called 'unknown_task'; 'lapidary eval --tasks list' shows all");
        Message("d").ShouldContain("the group 'd' has no tasks");
        Message("e").ShouldContain("'median' is no aggregation of groups");
        Message("f").ShouldContain("the name of a task or a mapping was expected in a group");
        Message("g").ShouldContain("the nearest known one is 'aggregate_metric_list'");

        string Message(string name) => Should.Throw<CheckpointException>(() => library.Select([name])).Message;
    }

    [Fact]
    public void Templates_that_never_end_are_stopped()
    {
        using TaskFolder folder = new TaskFolder().With(
            "broken.yaml", Good.Replace("doc_to_text: q", "doc_to_text: \"{% for i in range(100000) %}{% for j in range(100000) %}{{ q }}{% endfor %}{% endfor %}\"", StringComparison.Ordinal));

        Should.Throw<CheckpointException>(() => folder.Plan("t", new TaskOptions(), new JsonObject { ["q"] = "x", ["a"] = "y" })).Message.ShouldContain("rendering takes ");
    }

    [Fact]
    public void Patterns_that_explode_are_stopped()
    {
        using TaskFolder folder = new TaskFolder().With(
            "broken.yaml", Good + "filter_list: [{name: f, filter: [{function: regex, regex_pattern: '^(\\w+\\s?)*$'}, {function: take_first}]}]\n");
        TaskPlan plan = folder.Plan("t", new TaskOptions(), new JsonObject { ["q"] = "x", ["a"] = "y" });

        Should.Throw<CheckpointException>(() => plan.Score([new string('a', 60) + "!"])).Message.ShouldContain("takes longer");
    }

    [Fact]
    public void Mutated_files_are_read_or_refused()
    {
        string[] seeds = [Good, GoodChoice + "metric_list:\n  - metric: acc\n    aggregation: mean\n", "group: g\ntask:\n  - task: t\n    num_fewshot: 1\n  - &x {group: i, task: [arc_easy]}\n", "task_list: [{task: t}]\ndataset_path: 'x'\n? a\n: \"\\x41\"\n--- |\n"];
        const string Alphabet = "{}[]:-,&*!|>'\"%@`#?\n \t\\<abt0.\u00e9\0";
        var random = new Numerics.SplitMix64(5);
        for (int i = 0; i < 3000; i++)
        {
            var text = new StringBuilder(seeds[random.NextInt(seeds.Length)]);
            for (int change = random.NextInt(6); change >= 0; change--)
            {
                int at = random.NextInt(text.Length);
                switch (random.NextInt(3))
                {
                    case 0:
                        text[at] = Alphabet[random.NextInt(Alphabet.Length)];
                        break;
                    case 1:
                        text.Insert(at, new string(Alphabet[random.NextInt(Alphabet.Length)], 1 + random.NextInt(3)));
                        break;
                    default:
                        text.Remove(at, Math.Min(1 + random.NextInt(8), text.Length - at - 1));
                        break;
                }
            }

            TryRead(text.ToString());
        }
    }

    private static void TryRead(string text)
    {
        try
        {
            YamlReaderTests.Read(text);
        }
        catch (TaskFileException thrown)
        {
            thrown.Message.ShouldNotContain("\n");
        }
        catch (Exception thrown) when (thrown is not ShouldAssertException)
        {
            throw new InvalidOperationException($"{thrown.GetType()} for:\n{text}", thrown);
        }
    }

    private static void Fails(string text, string fragment)
    {
        using TaskFolder folder = new TaskFolder().With("broken.yaml", text);
        CheckpointException thrown = Should.Throw<CheckpointException>(() => TaskLibrary.Open([]).Select([Path.Combine(folder.Path, "broken.yaml")]));
        fragment.Split('|').Any(part => thrown.Message.Contains(part, StringComparison.Ordinal)).ShouldBeTrue(thrown.Message);
        thrown.Message.ShouldContain("broken.yaml");
        thrown.Message.ShouldContain("line ");
        thrown.Message.ShouldNotContain("\n");
        thrown.Message.Length.ShouldBeLessThan(2000);
    }
}
