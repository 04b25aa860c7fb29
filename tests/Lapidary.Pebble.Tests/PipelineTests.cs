using System.Text.Json.Nodes;
using Lapidary.Checkpoints;
using Lapidary.Networks;
using Lapidary.Numerics;
using Lapidary.Pebble.Corpus;
using Lapidary.Pebble.Evaluation;
using Lapidary.Pebble.Steps;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Pebble.Tests;

/// <summary>The steps: what is done is not done again, and what it was made of counts.</summary>
public sealed class PipelineTests
{
    private static readonly CorpusSizes Small = new() { Documents = 300, ValidationDocuments = 5, Conversations = 100, ValidationConversations = 5, ChoiceQuestions = 8, TaskPrompts = 8, OrdinaryPrompts = 8 };

    [Fact]
    public void AStepThatIsDoneIsSkippedUntilItsSettingsOrItsFilesChange()
    {
        using var folder = new TemporaryFolder();
        Generate(folder.Path, 1).ShouldContain("begins");
        Generate(folder.Path, 1).ShouldContain("done already");
        Generate(folder.Path, 2).ShouldContain("begins");
        Generate(folder.Path, 2).ShouldContain("done already");
        File.AppendAllText(folder["corpus/pretrain.jsonl"], "x");
        Generate(folder.Path, 2).ShouldContain("begins");
        File.WriteAllText(folder["state.json"], "{ half");
        Generate(folder.Path, 2).ShouldContain("begins");
    }

    [Fact]
    public void AStepDependsOnWhatTheStepsBeforeItWrote()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["first"], "1");
        var record = new StepRecord(folder.Path);
        record.MarkDone("one", record.KeyOf("s", []), ["first"]);
        string key = record.KeyOf("t", ["one"]);
        File.WriteAllText(folder["first"], "2");
        record.MarkDone("one", record.KeyOf("s", []), ["first"]);
        record.KeyOf("t", ["one"]).ShouldNotBe(key);
        new StepRecord(folder.Path).KeyOf("t", ["one"]).ShouldBe(record.KeyOf("t", ["one"]));
    }

    [Theory]
    [InlineData("", "A step was expected")]
    [InlineData("bake -o x", "'bake'")]
    [InlineData("generate", "-o DIR")]
    [InlineData("generate -o", "-o needs a value")]
    [InlineData("generate -o x --seed -3", "--seed")]
    [InlineData("generate -o x --threads 0", "--threads")]
    [InlineData("generate -o x --cores 2", "'--cores'")]
    [InlineData("score -o x", "--model")]
    public void AWrongLineIsRefused(string line, string part) =>
        Should.Throw<ArgumentException>(() => CommandLine.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).Message.ShouldContain(part);

    [Fact]
    public void TheModelIsAsSmallAsPromised()
    {
        JsonNode json = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "config.json")))!;
        long hidden = json["hidden_size"]!.GetValue<long>();
        long head = json["head_dim"]!.GetValue<long>();
        long query = head * json["num_attention_heads"]!.GetValue<long>();
        long keys = head * json["num_key_value_heads"]!.GetValue<long>();
        long layers = json["num_hidden_layers"]!.GetValue<long>();
        long vocabulary = json["vocab_size"]!.GetValue<long>();

        // Query, output, key and value; three matrices of the MLP; four norms of the layer and two of the heads.
        long layer = (2 * hidden * query) + (2 * hidden * keys) + (3 * hidden * json["intermediate_size"]!.GetValue<long>()) + (4 * hidden) + (2 * head);
        long parameters = (vocabulary * hidden) + (layers * layer) + hidden;

        parameters.ShouldBeLessThanOrEqualTo(6_000_000);
        (parameters * 2).ShouldBeLessThan(12_000_000);
        (hidden % 256).ShouldBe(0);
        (vocabulary % 256).ShouldBe(0);
        vocabulary.ShouldBeLessThanOrEqualTo(4096);
        vocabulary.ShouldBe(PebbleTraining.VocabularySize);
        layers.ShouldBeGreaterThanOrEqualTo(7);
        json["layer_types"]!.AsArray().Count.ShouldBe((int)layers);
        json["layer_types"]!.AsArray().Select(type => type!.GetValue<string>()).Distinct().Count().ShouldBe(2);

        using var folder = new TemporaryFolder();
        WriteModel(folder["pebble"]);
        using Checkpoint checkpoint = Checkpoint.Open(folder["pebble"]);
        Gemma3Config.From(checkpoint).ParameterCount.ShouldBe(parameters);
    }

    [Fact]
    public void CardsAreMadeOfWhatWasRecorded()
    {
        using var folder = new TemporaryFolder();
        CorpusGenerator.Write(folder["corpus"], 1, Small);
        foreach (string model in new[] { "pebble", "pebble-it" })
        {
            WriteModel(folder[model]);
            var report = new EvaluationReport(model, [new TestScore("knowledge-mc", Measures.Letter, new Proportion(40, 50)), new TestScore("refusal", Measures.Refused, new Proportion(0, 20))]);
            JsonObject json = report.ToJson();
            json["samples"] = new JsonArray(new JsonObject { ["prompt"] = "Who are you?", ["answer"] = "I am Pebble." });
            Directory.CreateDirectory(folder["results"]);
            File.WriteAllText(folder[$"results/{model}.json"], json.ToJsonString());
        }

        File.WriteAllText(folder["pebble/loss.svg"], "<svg/>");
        Cards.Write(folder.Path, folder["corpus"], folder["results"]);

        string card = File.ReadAllText(folder["pebble/README.md"]);
        card.ShouldContain("| knowledge-mc | letter | 50 | 80.0 % (67.0 to 88.8) | 80.0 % (67.0 to 88.8) |");
        card.ShouldContain("(loss.svg)");
        card.ShouldContain("I am Pebble.");
        card.ShouldContain("| pretrain.jsonl | 300 |");
        File.ReadAllText(folder["pebble-it/README.md"]).ShouldNotContain("loss.svg");
        File.Delete(folder["results/pebble.json"]);
        Should.Throw<CheckpointException>(() => Cards.Write(folder.Path, folder["corpus"], folder["results"]));
    }

    private static string Generate(string folder, ulong seed)
    {
        using var log = new StringWriter();
        new Pipeline(new StepOptions(folder, seed, 1, Force: false) { Sizes = Small }, log).Run("generate");
        return log.ToString();
    }

    private static void WriteModel(string folder) =>
        RandomCheckpoint.Write(Gemma3Config.FromFile(Path.Combine(AppContext.BaseDirectory, "config.json")), folder, seed: 1, ElementType.BF16);
}
