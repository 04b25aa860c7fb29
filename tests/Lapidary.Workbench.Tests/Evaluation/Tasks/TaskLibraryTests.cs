using Lapidary.Checkpoints;
using Lapidary.Workbench.Evaluation.Tasks;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Evaluation.Tasks;

/// <summary>Names to tasks and groups.</summary>
public class TaskLibraryTests
{
    private const string Plain = """
        dataset_path: x
        test_split: test
        output_type: multiple_choice
        doc_to_text: question
        doc_to_choice: [a, b]
        doc_to_target: gold
        """;

    private static readonly TaskLibrary Library = TaskLibrary.Open([]);

    [Fact]
    public void Every_task_that_comes_along_can_be_read()
    {
        TaskSelection all = Library.Select([.. Library.Listing.Where(listing => listing.Kind != TaskEntryKind.Tag).Select(listing => listing.Name)]);

        all.Tasks.Count.ShouldBe(57 + 14 + (4 * 27) + 20);
        foreach (string name in (string[])["hellaswag", "arc_easy", "arc_challenge", "boolq", "piqa", "social_iqa", "winogrande", "triviaqa", "nq_open", "drop", "ifeval", "gsm8k", "gsm8k_cot", "gsm8k_cot_zeroshot", "wikitext", "lambada_openai", "lambada_standard", "humaneval", "mbpp", "refusals"])
        {
            all.Tasks.ShouldContain(task => task.Name == name);
        }

        all.Tasks.ShouldAllBe(task => task.Version != null && task.DatasetPath.Length > 0);
        Library.Faults.ShouldBeEmpty();
    }

    [Fact]
    public void Mmlu_is_a_tree()
    {
        TaskSelection selection = Library.Select(["mmlu"]);

        selection.Tasks.Count.ShouldBe(57);
        selection.Groups.Select(group => (group.Alias, group.Tasks.Count())).ShouldBe([("mmlu", 57), ("stem", 19), ("other", 13), ("social sciences", 12), ("humanities", 13)]);
        EvaluationTask anatomy = selection.Tasks.Single(task => task.Name == "mmlu_anatomy");
        anatomy.Alias.ShouldBe("anatomy");
        anatomy.DatasetName.ShouldBe("anatomy");
        anatomy.EvaluationSplit.ShouldBe("test");
        anatomy.FewShotCount(new TaskOptions()).ShouldBe(0);
        anatomy.FewShotSplit(new TaskOptions { FewShotCount = 5 }).ShouldBe("dev");
    }

    [Theory]
    [InlineData("bbh", 27)]
    [InlineData("bbh_zeroshot", 27)]
    [InlineData("mmlu_pro", 14)]
    [InlineData("mmlu_stem_tasks", 19)]
    [InlineData("mmlu_college_*", 6)]
    [InlineData("arc_*", 2)]
    [InlineData("lambada_????????", 1)]
    public void Groups_tags_and_patterns_are_names_too(string name, int count) => Library.Select([name]).Tasks.Count.ShouldBe(count);

    [Theory]
    [InlineData("hellaswog", "hellaswag")]
    [InlineData("mmlu_anatomie", "mmlu_anatomy")]
    public void The_nearest_name_is_told(string name, string nearest) =>
        Should.Throw<ArgumentException>(() => Library.Select([name])).Message.ShouldBe($"No task, group or tag is called '{name}'; the nearest known one is '{nearest}'.");

    [Theory]
    [InlineData("nosuch")]
    [InlineData("xyz")]
    [InlineData("something_else_entirely")]
    public void No_name_is_told_where_none_is_near(string name) =>
        Should.Throw<ArgumentException>(() => Library.Select([name])).Message.ShouldBe($"No task, group or tag is called '{name}'; 'lapidary eval --tasks list' shows all.");

    [Fact]
    public void A_task_named_twice_is_one_task()
    {
        TaskSelection selection = Library.Select(["arc_easy", "arc_*", "arc_easy"]);

        selection.Tasks.Select(task => task.Name).ShouldBe(["arc_easy", "arc_challenge"]);
    }

    [Fact]
    public void Includes_are_merged_and_own_keys_win()
    {
        using TaskFolder folder = new TaskFolder()
            .With("base/_a", Plain + "\ntask: ignored\nnum_fewshot: 1\ntarget_delimiter: A\nmetadata: {version: 1}\n")
            .With("base/_b", "target_delimiter: B\nfewshot_delimiter: B\ntask_list: [{task: not_inherited}]\n")
            .With("mine/task.yaml", "include: [../base/_a, ../base/_b]\ntask: mine\nfewshot_delimiter: C\n");
        EvaluationTask task = folder.Task("mine");

        task.Describe()["target_delimiter"]!.GetValue<string>().ShouldBe("B");
        task.Describe()["fewshot_delimiter"]!.GetValue<string>().ShouldBe("C");
        task.FewShotCount(new TaskOptions()).ShouldBe(1);
        folder.Open().Listing.ShouldNotContain(listing => listing.Name == "not_inherited" || listing.Name == "ignored");
    }

    [Fact]
    public void A_folder_wins_over_what_comes_along_and_keeps_going_past_what_it_cannot_use()
    {
        using TaskFolder folder = new TaskFolder()
            .With("arc.yaml", "task: arc_easy\n" + Plain)
            .With("other.yaml", "task: [")
            .With("strange.yaml", "task: strange\nprocess_docs: !function utils.mine\n" + Plain);
        TaskLibrary library = folder.Open();

        library.Select(["arc_easy"]).Tasks[0].DatasetPath.ShouldBe("x");
        library.Faults.ShouldHaveSingleItem().Message.ShouldContain("other.yaml: line 2: this is not YAML");
        Should.Throw<TaskFileException>(() => library.Select(["strange"])).Message.ShouldContain("is not known here, and code of task files is never run");
        Should.Throw<ArgumentException>(() => library.Select(["nothing"])).Message.ShouldContain("1 files were passed over");
    }

    [Fact]
    public void Groups_change_their_tasks()
    {
        using TaskFolder folder = new TaskFolder()
            .With("a.yaml", "task: a\ntag: both\n" + Plain)
            .With("b.yaml", "task: b\ntag: [both, other]\n" + Plain)
            .With("g.yaml", """
                group: g
                task:
                  - task: a
                    num_fewshot: 3
                    task_alias: A3
                  - group: inline
                    group_alias: Inline
                    task:
                      - b
                      - task: c
                        include: a.yaml
                        dataset_name: C
                """);
        TaskSelection selection = folder.Open().Select(["g"]);

        selection.Tasks.Select(task => (task.Name, task.Alias, task.FewShotCount(new TaskOptions()))).ShouldBe([("a", "A3", 3), ("b", "b", 0), ("c", "c", 0)]);
        selection.Tasks[2].DatasetName.ShouldBe("C");
        selection.Groups.Select(group => group.Alias).ShouldBe(["g", "Inline"]);
        folder.Open().Select(["both"]).Tasks.Select(task => task.Name).ShouldBe(["a", "b"]);
        Should.Throw<ArgumentException>(() => folder.Open().Select(["a", "g"])).Message.ShouldContain("twice with different settings");
    }

    [Fact]
    public void A_file_can_be_named_by_its_path()
    {
        using TaskFolder folder = new TaskFolder().With("one.yaml", "task: one\n" + Plain);

        TaskLibrary.Open([]).Select([Path.Combine(folder.Path, "one.yaml")]).Tasks[0].Name.ShouldBe("one");
        Should.Throw<CheckpointException>(() => TaskLibrary.Open([]).Select([Path.Combine(folder.Path, "two.yaml")])).Message.ShouldContain("there is no such file");
        Should.Throw<CheckpointException>(() => TaskLibrary.Open([Path.Combine(folder.Path, "none")])).Message.ShouldContain("a folder of task files was expected");
    }

    [Fact]
    public void Groups_that_contain_each_other_in_many_ways_stay_small()
    {
        var folder = new TaskFolder().With("leaf.yaml", "task: g14\n" + Plain);
        for (int i = 0; i < 14; i++)
        {
            folder.With($"g{i}.yaml", $"group: g{i}\ntask: [{string.Join(", ", Enumerable.Repeat($"g{i + 1}", 50))}]\n");
        }

        using (folder)
        {
            folder.Open().Select(["g0"]).Tasks.ShouldHaveSingleItem().Name.ShouldBe("g14");
        }
    }
}
