using System.Text.Json.Nodes;
using Lapidary.Checkpoints;
using Lapidary.Numerics;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Training;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Training;

public sealed class CheckpointStoreTests
{
    [Fact]
    public void A_checkpoint_comes_back_bit_for_bit()
    {
        using var folder = new TemporaryFolder();
        using var run = new SampleRun();
        var store = new CheckpointStore(folder["run"], keepLast: 2, keepBest: true);
        store.FindLatest(Fail).ShouldBeNull();
        run.Save(store, 7).ShouldBe(Path.Combine(folder["run"], "checkpoint-7"));

        using TrainingCheckpoint found = new CheckpointStore(folder["run"], 2, true).FindLatest(Fail).ShouldNotBeNull();
        run.ShouldEqual(found);
        found.Files.Order().ShouldBe(["config.json", "model.safetensors", "optimizer.safetensors"]);
        found.Tensors("optimizer.safetensors").Metadata["kind"].ShouldBe("adamw");
        TrainingState expected = SampleRun.State(7);
        JsonNode.DeepEquals(found.State.Options, expected.Options).ShouldBeTrue();
        JsonNode.DeepEquals(found.State.Extra, expected.Extra).ShouldBeTrue();
        (found.State with { Options = expected.Options, Extra = expected.Extra }).ShouldBe(expected);
    }

    [Fact]
    public void Nothing_validated_yet_is_infinity()
    {
        using var folder = new TemporaryFolder();
        using var run = new SampleRun();
        var store = new CheckpointStore(folder.Path, 1, true);
        run.Save(store, 0);
        using TrainingCheckpoint found = store.FindLatest(Fail)!;
        found.State.BestValidationLoss.ShouldBe(double.PositiveInfinity);
        found.State.BestStep.ShouldBeNull();
    }

    [Fact]
    public void The_newest_and_the_best_are_kept()
    {
        using var folder = new TemporaryFolder();
        using var run = new SampleRun();
        var store = new CheckpointStore(folder.Path, keepLast: 2, keepBest: true);
        foreach (long step in (long[])[1, 2, 3, 9, 10, 11])
        {
            run.Save(store, step, isBest: step == 2);
        }

        store.List().Select(entry => entry.Step).ShouldBe([2, 10, 11]);
        run.Save(store, 100, isBest: true);
        store.List().Select(entry => entry.Step).ShouldBe([11, 100]);
        run.Save(new CheckpointStore(folder.Path, keepLast: 1, keepBest: false), 101);
        store.List().Select(entry => entry.Step).ShouldBe([101]);
        store.Clear();
        Directory.EnumerateFileSystemEntries(folder.Path).ShouldBeEmpty();
    }

    [Fact]
    public void A_damaged_one_never_counts_as_one_that_is_kept()
    {
        using var folder = new TemporaryFolder();
        using var run = new SampleRun();
        var store = new CheckpointStore(folder.Path, keepLast: 2, keepBest: true);
        run.Save(store, 1);
        run.Save(store, 2);
        File.Delete(Path.Combine(folder.Path, "checkpoint-2", "model.safetensors"));
        run.Save(store, 3);
        store.List().Select(entry => entry.Step).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public void The_same_step_replaces()
    {
        using var folder = new TemporaryFolder();
        using var run = new SampleRun();
        var store = new CheckpointStore(folder.Path, 1, true);
        string path = run.Save(store, 5);
        File.WriteAllText(Path.Combine(path, "config.json"), "damaged");
        run.Save(store, 5);
        using TrainingCheckpoint found = store.FindLatest(Fail)!;
        run.ShouldEqual(found);
        Directory.EnumerateFileSystemEntries(folder.Path).Count().ShouldBe(1);
    }

    [Fact]
    public void Other_folders_are_left_alone()
    {
        using var folder = new TemporaryFolder();
        using var run = new SampleRun();
        foreach (string name in (string[])["checkpoint-", "checkpoint-007", "checkpoint-7-copy", "checkpoint-best", ".hidden", "other.tmp"])
        {
            Directory.CreateDirectory(folder[name]);
        }

        var store = new CheckpointStore(folder.Path, 1, false);
        run.Save(store, 7);
        run.Save(store, 8);
        store.List().Select(entry => entry.Step).ShouldBe([8]);
        Directory.GetDirectories(folder.Path).Length.ShouldBe(7);
    }

    [Fact]
    public void A_tensor_of_another_shape_or_type_is_refused()
    {
        using var folder = new TemporaryFolder();
        using var run = new SampleRun();
        var store = new CheckpointStore(folder.Path, 1, false);
        run.Save(store, 1);
        using TrainingCheckpoint found = store.FindLatest(Fail)!;
        using Tensor turned = Tensor.Allocate(ElementType.F32, 5, 3);
        using Tensor half = Tensor.Allocate(ElementType.BF16, 3, 5);
        using Tensor right = Tensor.Allocate(ElementType.F32, 3, 5);
        Sentence(() => found.ReadInto("model.safetensors", "q_proj.weight", turned)).ShouldContain("F32 [3, 5] where F32 [5, 3] was expected");
        Sentence(() => found.ReadInto("model.safetensors", "q_proj.weight", half)).ShouldContain("F32 [3, 5] where BF16 [3, 5] was expected");
        Sentence(() => found.ReadInto("model.safetensors", "k_proj.weight", right)).ShouldContain("has no tensor k_proj.weight");
        Sentence(() => found.ReadInto("adapter.safetensors", "k_proj.weight", right)).ShouldContain("adapter.safetensors: does not exist");
        Sentence(() => found.ReadInto("model.safetensors", [("q_proj.weight", right)])).ShouldContain("norm.weight, which this run does not have");
        Sentence(() => found.ReadFile("trainer_state.json")).ShouldContain("does not exist");
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("trainer_state.json")]
    [InlineData("CONFIG.json")]
    public void A_name_that_is_none_of_a_file_is_refused(string name)
    {
        using var folder = new TemporaryFolder();
        var store = new CheckpointStore(folder.Path, 1, false);
        Should.Throw<ArgumentException>(() => store.Save(SampleRun.State(1), [], [("config.json", []), (name, [])], false));
        Directory.EnumerateFileSystemEntries(folder.Path).ShouldBeEmpty();
    }

    [Fact]
    public void A_resume_with_other_options_names_the_first_difference()
    {
        TrainingState state = SampleRun.State(3);
        state.CheckResume("run", Options(), "a0b1", "c2d3", state.Seed);
        state.CheckResume("run", Options(("threads", 7), ("keep_last", 1)), "a0b1", "c2d3", state.Seed);
        Refusal(Options(("learning_rate", 1e-3))).ShouldBe("run: cannot be resumed: learning_rate is 0.001, and the run was begun with 0.0002");
        Refusal(Options(("dropout", 0.1))).ShouldEndWith("dropout is 0.1, and the run was begun with not given");
        JsonObject fewer = Options();
        fewer.Remove("rank");
        Refusal(fewer).ShouldEndWith("rank is not given, and the run was begun with 16");
        Refusal(Options(), data: "ffff").ShouldEndWith("the hash of the training data is ffff, and the run was begun with a0b1");
        Refusal(Options(), origin: "").ShouldEndWith("the hash of the base model is none, and the run was begun with c2d3");
        Refusal(Options(), seed: 1).ShouldContain("seed is 1, and");

        string Refusal(JsonObject options, string data = "a0b1", string origin = "c2d3", ulong? seed = null) =>
            Sentence(() => state.CheckResume("run", options, data, origin, seed ?? state.Seed));
    }

    private static JsonObject Options(params (string Name, JsonNode Value)[] changes)
    {
        JsonObject options = (JsonObject)SampleRun.State(0).Options.DeepClone();
        foreach ((string name, JsonNode value) in changes)
        {
            options[name] = value;
        }

        return options;
    }

    private static string Sentence(Action action) => Should.Throw<CheckpointException>(action).Message;

    private static void Fail(string damage) => Assert.Fail(damage);
}
