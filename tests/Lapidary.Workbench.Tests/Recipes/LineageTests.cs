using System.Security.Cryptography;
using System.Text;
using Lapidary.Checkpoints;
using Lapidary.Numerics;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Recipes;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Recipes;

/// <summary>Where an artefact comes from, as a file and as a hash.</summary>
public sealed class LineageTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void TheHashOfAFileIsItsOwnAndThatOfAFolderThatOfTheList()
    {
        Directory.CreateDirectory(folder["results/inner"]);
        File.WriteAllText(folder["results/b.json"], "b");
        File.WriteAllText(folder["results/inner/a.json"], "a");
        File.WriteAllText(folder["results/.hidden"], "h");
        File.WriteAllText(folder["results/lapidary.json"], "l");
        string b = Hash("b"), a = Hash("a");
        ContentHash.Of(folder["results/b.json"]).ShouldBe(b);
        ContentHash.Of(folder["results"]).ShouldBe(Hash($"{b}  b.json\n{a}  inner/a.json\n"));
    }

    [Fact]
    public void OfAModelOnlyWhatIsLoadedCounts()
    {
        Directory.CreateDirectory(folder["model/checkpoint-3"]);
        foreach (string name in new[] { "config.json", "model.safetensors", "README.md", "loss.svg", "metrics.jsonl", "checkpoint-3/model.safetensors" })
        {
            File.WriteAllText(folder["model/" + name], name);
        }

        ContentHash.FilesOf(folder["model"]).Select(file => file.Name).ShouldBe(["config.json", "model.safetensors"]);
        string before = ContentHash.Of(folder["model"]);
        File.WriteAllText(folder["model/README.md"], "another card");
        ContentHash.Of(folder["model"]).ShouldBe(before);
        File.WriteAllText(folder["model/config.json"], "another configuration");
        ContentHash.Of(folder["model"]).ShouldNotBe(before);
    }

    [Fact]
    public void WhatIsNotThereIsSaid() =>
        Should.Throw<CheckpointException>(() => ContentHash.Of(folder["nothing"])).Message.ShouldContain("is neither a file nor a folder");

    [Fact]
    public void ItIsReadAsItWasWritten()
    {
        File.WriteAllText(folder["small.gguf"], "g");
        Lineage lineage = Example();
        lineage.Write(folder["small.gguf"]);
        File.Exists(folder["small.gguf.lapidary.json"]).ShouldBeTrue();
        Lineage read = Lineage.Of(folder["small.gguf"])!;
        (read with { Options = lineage.Options, Inputs = lineage.Inputs, Files = lineage.Files }).ShouldBe(lineage);
        read.Options.SelectMany(option => option.Values.Prepend(option.Name)).ShouldBe(["model", "pebble", "pure"]);
        read.Inputs.ShouldBe(lineage.Inputs);
        read.Files.ShouldBe(lineage.Files);
        Lineage.Of(folder["other.gguf"]).ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"form\":1}")]
    [InlineData("\u0000")]
    public void WhatIsNoneIsSaid(string text)
    {
        File.WriteAllText(folder["small.gguf.lapidary.json"], text);
        Should.Throw<CheckpointException>(() => Lineage.Of(folder["small.gguf"])).Message.ShouldStartWith(folder["small.gguf.lapidary.json"]);
    }

    [Fact]
    public void DamageIsAlwaysASentence()
    {
        File.WriteAllText(folder["small.gguf"], "g");
        Example().Write(folder["small.gguf"]);
        string path = folder["small.gguf.lapidary.json"];
        byte[] whole = File.ReadAllBytes(path);
        var random = new SplitMix64(7);
        for (int i = 0; i < 2000; i++)
        {
            byte[] damaged = [.. whole];
            for (int j = 0; j <= (int)(random.NextBits() % 3); j++)
            {
                damaged[(int)(random.NextBits() % (ulong)damaged.Length)] = (byte)random.NextBits();
            }

            File.WriteAllBytes(path, i % 5 == 0 ? damaged[..(int)(random.NextBits() % (ulong)damaged.Length)] : damaged);
            try
            {
                _ = Lineage.Of(folder["small.gguf"]);
            }
            catch (CheckpointException)
            {
                // What is expected of a file that is damaged; anything else fails the test.
            }
        }
    }

    [Fact]
    public void AnArtefactIsMadeAgainWithWhatIsMissing()
    {
        var catalog = new TextCatalog();
        string made = Made(catalog);
        File.Delete(folder["one.txt"]);
        RebuiltArtefact again = LineageRebuild.Run(made, catalog.Create(), folder["again"]);
        again.IsIdentical.ShouldBeTrue();
        again.Remade.ShouldBe([folder["one.txt"]]);
        File.ReadAllText(again.Path).ShouldBe("0a.b.");
        Path.GetFileName(again.Path).ShouldBe("two.txt");
    }

    [Fact]
    public void WhatComesOutOtherwiseIsSaid()
    {
        var catalog = new TextCatalog();
        string made = Made(catalog);
        Lineage lineage = Lineage.Of(made)!;
        (lineage with { Files = [new LineageFile("two.txt", 5, new string('0', 64))] }).Write(made);
        LineageRebuild.Run(made, catalog.Create(), folder["again"]).IsIdentical.ShouldBeFalse();
    }

    [Fact]
    public void ALineageFromAStrangerRunsNothingElse()
    {
        var catalog = new TextCatalog();
        string made = Made(catalog);
        Lineage lineage = Lineage.Of(made)!;
        (Lineage Changed, string Expected)[] wrong =
        [
            (lineage with { Command = "rm" }, "which this program cannot repeat"),
            (lineage with { Command = "look" }, "which writes no single artefact"),
            (lineage with { Options = [.. lineage.Options, new LineageOption("output", ["elsewhere"])] }, "the option 'output' of join"),
            (lineage with { Options = [.. lineage.Options, new LineageOption("threads", ["1"])] }, "the option 'threads' of join"),
            (lineage with { Inputs = [lineage.Inputs[0] with { Sha256 = new string('1', 64), Lineage = null }] }, "has another content now"),
        ];
        for (int i = 0; i < wrong.Length; i++)
        {
            wrong[i].Changed.Write(made);
            int ran = catalog.Ran.Count;
            Should.Throw<CheckpointException>(() => LineageRebuild.Run(made, catalog.Create(), folder["again" + i])).Message.ShouldContain(wrong[i].Expected);
            catalog.Ran.Count.ShouldBe(ran);
        }
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static Lineage Example() => new()
    {
        Command = "quantize",
        Options = [new LineageOption("model", ["pebble"]), new LineageOption("pure", [])],
        Inputs = [new LineageInput("model", "pebble", Hash("p"))],
        Seed = 3,
        Program = LineageProgram.Current(1),
        Machine = LineageMachine.Current(),
        Started = new DateTimeOffset(2026, 11, 22, 3, 0, 0, TimeSpan.Zero),
        Seconds = 1.5,
        Files = [new LineageFile("small.gguf", 1, Hash("g"))],
    };

    // words.txt, from which one.txt is made, from which two.txt is.
    private string Made(TextCatalog catalog)
    {
        File.WriteAllText(folder["words.txt"], "0");
        Make(catalog, "words.txt", "one.txt", "a");
        Make(catalog, "one.txt", "two.txt", "b");
        return folder["two.txt"];
    }

    private void Make(TextCatalog catalog, string from, string to, string word)
    {
        using var printed = new MemoryStream();
        catalog.Create().Run(["join", folder[from], "--word", word, "--output", folder[to]], printed).ShouldBe(0);
        new Lineage
        {
            Command = "join",
            Options = [new LineageOption("from", [folder[from]]), new LineageOption("word", [word])],
            Inputs = [new LineageInput("from", folder[from], ContentHash.Of(folder[from])) { Lineage = Lineage.Of(folder[from]) }],
            Program = LineageProgram.Current(1),
            Machine = LineageMachine.Current(),
            Started = DateTimeOffset.UnixEpoch,
            Seconds = 0,
            Files = ContentHash.FilesOf(folder[to]),
        }.Write(folder[to]);
    }
}
