using System.Text.Json;
using Lapidary.Checkpoints;
using Lapidary.Numerics;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Compression;
using Lapidary.Workbench.Compression.Collections;
using Lapidary.Workbench.Evaluation.Texts;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Compression.Collections;

/// <summary>The record of a collection, its table and its chart.</summary>
public sealed class CollectionFolderTests : IDisposable
{
    // The SHA-256 of "abc" from FIPS 180-2, appendix B.1.
    private const string Hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    private static readonly CollectionFacts Facts = new("m", "source") { Text = "t.txt", Chunks = "9 chunks of 64 tokens", Base = "the unquantized model" };

    private readonly TemporaryFolder folder = new();

    /// <summary>What is changed in a good record, and what the error must say.</summary>
    public static TheoryData<string, string, string> Broken => new()
    {
        { "", "", "is empty" },
        { "\"version\": 1", "\"version\": 2", "is of version 2 where 1 was expected" },
        { "\"version\": 1,", "", "has no version" },
        { "\"files\": [", "\"files\": 3, \"old\": [", "has files that is not a list" },
        { "\"type\": \"Q8_0\"", "\"type\": \"Q9_0\"", "names a file that is none of a collection" },
        { "\"type\": \"Q4_0\"", "\"type\": \"Q8_0\"", "has two files of one type" },
        { "\"file\": \"m-Q8_0.gguf\"", "\"file\": \"../m-Q8_0.gguf\"", "names a file that is none of a collection" },
        { "\"parameters\": 100", "\"parameters\": 0", "says that m-Q8_0.gguf is empty" },
        { "\"bytes\": 3", "\"bytes\": -3", "has bytes that is not a whole number of at least 0" },
        { "\"perplexity\": 7.5", "\"perplexity\": \"7.5\"", "has perplexity that is not a number" },
        { "\"prompt_tokens\": 512", "\"prompt_tokens\": 99999999999", "timed more tokens than there can be" },
        { "\"model\": \"m\"", "\"model\": \"other\"", "is the record of another model, other" },
        { "\"source\": \"source\"", "\"source\": \"changed\"", "is the record of another model, m" },
    };

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_was_put_is_there_again_and_a_changed_file_is_not()
    {
        CollectionFolder collection = Write();
        CollectionFolder read = CollectionFolder.Open(folder.Path, Facts with { BasePerplexity = null }, overwrite: false);
        read.Entries.ShouldBe(collection.Entries);
        read.Entries.Select(entry => entry.Type).ShouldBe(["Q8_0", "Q4_0"]);
        read.Facts.BasePerplexity.ShouldBe(new UncertainValue(7.1, 0.2));
        CollectionFolder.Open(folder.Path, Facts with { Text = null }, overwrite: false).Facts.BasePerplexity.ShouldBeNull();

        QuantizationMix mix = QuantizationMix.Find("Q8_0")!;
        read.FindCurrent(mix, "made").ShouldNotBeNull().Scores.ShouldNotBeNull().Divergence.ShouldBe(new UncertainValue(0.25, 0.01));
        read.FindCurrent(mix, "made by another program").ShouldBeNull();
        read.FindCurrent(QuantizationMix.Find("Q6_K")!, "made").ShouldBeNull();
        File.WriteAllText(folder["m-Q8_0.gguf"], "abd");
        read.FindCurrent(mix, "made").ShouldBeNull();
        File.Delete(folder["m-Q8_0.gguf"]);
        read.FindCurrent(mix, "made").ShouldBeNull();
    }

    [Fact]
    public void A_collection_has_a_table_a_chart_and_a_Modelfile_for_each_file()
    {
        CollectionFolder collection = Write();
        collection.Complete(file => $"FROM ./{file}\n");
        Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe(
            ["Modelfile.Q4_0", "Modelfile.Q8_0", "collection.json", "collection.md", "collection.svg", "m-Q4_0.gguf", "m-Q8_0.gguf"]);
        string table = File.ReadAllText(folder["collection.md"]);
        table.ShouldContain(
            "| [Q8_0](m-Q8_0.gguf) | 3 B | 8.00 | 2.0x | 7.500 \u00b1 0.100 | 0.25000 \u00b1 0.01000 | 99.0 % \u00b1 0.5 | 123.5 | 45.0 |\n");
        table.ShouldContain("its perplexity is 7.100 \u00b1 0.200");
        table.ShouldContain("a prompt of 512 tokens, 64 tokens generated (a machine)");
        File.ReadAllText(folder["collection.svg"]).ShouldContain("Q4_0");
        JsonElement record = JsonDocument.Parse(File.ReadAllBytes(folder["collection.json"])).RootElement;
        record.GetProperty("files")[1].GetProperty("bits_per_weight").GetDouble().ShouldBe(8);
    }

    [Fact]
    public void Without_measurements_the_table_says_so()
    {
        var collection = CollectionFolder.Open(folder.Path, new CollectionFacts("m", "source") { Importance = "i.gguf" }, overwrite: false);
        collection.Put(Entry("Q8_0") with { Scores = null, Speed = null });
        collection.Complete(_ => string.Empty);
        string table = File.ReadAllText(folder["collection.md"]);
        table.ShouldContain("| [Q8_0](m-Q8_0.gguf) | 3 B | 8.00 | 2.0x |\n");
        table.ShouldContain("Quality was not measured: no text was given.");
        table.ShouldContain("Speed was not measured.");
        table.ShouldContain("`i.gguf`");
        File.Exists(folder["collection.svg"]).ShouldBeFalse();
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_broken_record_is_refused_unless_it_may_be_replaced(string text, string replacement, string expected)
    {
        Write();
        string good = File.ReadAllText(folder["collection.json"]);
        good.ShouldContain(text);
        int place = good.IndexOf(text, StringComparison.Ordinal);
        File.WriteAllText(folder["collection.json"], text.Length == 0 ? string.Empty : good[..place] + replacement + good[(place + text.Length)..]);
        Should.Throw<CheckpointException>(() => CollectionFolder.Open(folder.Path, Facts, overwrite: false)).Message.ShouldContain(expected);
        CollectionFolder.Open(folder.Path, Facts, overwrite: true).Entries.ShouldBeEmpty();
    }

    [Fact]
    public void Damaged_records_end_in_one_sentence()
    {
        Write();
        byte[] good = File.ReadAllBytes(folder["collection.json"]);
        var random = new SplitMix64(8);
        for (int trial = 0; trial < 500; trial++)
        {
            byte[] damaged = [.. good];
            for (int i = 0; i <= random.NextInt(4); i++)
            {
                damaged[random.NextInt(damaged.Length)] = (byte)random.NextInt(256);
            }

            File.WriteAllBytes(folder["collection.json"], random.NextInt(3) == 0 ? damaged[..random.NextInt(damaged.Length)] : damaged);
            try
            {
                CollectionFolder.Open(folder.Path, Facts, overwrite: false);
            }
            catch (CheckpointException thrown)
            {
                thrown.Message.ShouldNotContain("\n");
            }
        }
    }

    [Fact]
    public void The_types_are_the_fifteen_of_published_collections()
    {
        CollectionFolder.Types.Select(mix => mix.Name).ShouldBe(
        [
            "F16", "Q8_0", "Q6_K", "Q5_1", "Q5_K_M", "Q5_K_S", "Q5_0", "Q4_1", "Q4_K_M", "Q4_K_S", "Q4_0", "Q3_K_L", "Q3_K_M", "Q3_K_S", "Q2_K",
        ]);
    }

    [Fact]
    public void What_identifies_a_file_changes_with_all_that_its_bytes_depend_on()
    {
        QuantizationOptions options = new(QuantizationMix.Find("Q4_0")!);
        var chunks = new TextChunks(new int[20], 10, null);
        string[] made =
        [
            CollectionFolder.MadeFrom("a", options),
            CollectionFolder.MadeFrom("b", options),
            CollectionFolder.MadeFrom("a", options with { WithTokenizer = false }),
            CollectionFolder.MadeFrom("a", options with { Mix = QuantizationMix.Find("Q8_0")! }),
            CollectionFolder.ScoredOn("a", "b", chunks),
            CollectionFolder.ScoredOn("b", "a", chunks),
            CollectionFolder.ScoredOn("a", "b", new TextChunks(new int[20], 5, null)),
            CollectionFolder.ScoredOn("a", "b", new TextChunks(new int[20], 10, 2)),
        ];
        made.Distinct().Count().ShouldBe(made.Length);
        CollectionFolder.MadeFrom("a", options).ShouldBe(made[0]);
    }

    private static CollectionEntry Entry(string type) => new(type, $"m-{type}.gguf", 3, 100, 100, Hash, "made")
    {
        Scores = new CollectionScores(new UncertainValue(7.5, 0.1), new UncertainValue(0.25, 0.01), new UncertainValue(0.99, 0.005), "scored"),
        Speed = new CollectionSpeed(512, 123.456, 64, 45, "a machine"),
    };

    private CollectionFolder Write()
    {
        var collection = CollectionFolder.Open(folder.Path, Facts with { BasePerplexity = new UncertainValue(7.1, 0.2) }, overwrite: true);
        foreach (string type in (string[])["Q4_0", "Q8_0"])
        {
            File.WriteAllText(folder[$"m-{type}.gguf"], "abc");
            collection.Put(Entry(type));
        }

        return collection;
    }
}
