using System.Text.Json.Nodes;
using Lapidary.Checkpoints;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Reports.Cards;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Reports;

/// <summary>What stays and what is written anew when a card is refreshed.</summary>
public sealed class CardDocumentTests : IDisposable
{
    private static readonly CardSection[] First = [new("about", "# A\n\none\n"), new("use", "## Use\n\ntwo\n"), new("files", "## Files\n\nthree\n")];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void WhatIsWrittenTwiceIsTheSame()
    {
        string first = Put(First);
        Put(First).ShouldBe(first);
        first.ShouldStartWith("---\nlicense: gemma\n---\n\n<!-- lapidary:begin about ");
    }

    [Fact]
    public void OwnWordsStayAndSectionsAreRefreshed()
    {
        string first = Put(First);
        File.WriteAllText(Path, first.Replace("\n<!-- lapidary:begin use", "\nMy own words.\n\n<!-- lapidary:begin use", StringComparison.Ordinal) + "\nThe end.\n");
        string second = Put(First[0], new CardSection("use", "## Use\n\nnew\n"), First[2]);
        second.ShouldContain("My own words.");
        second.ShouldContain("The end.");
        second.ShouldContain("new");
        second.ShouldNotContain("two");
        second.IndexOf("My own words.", StringComparison.Ordinal).ShouldBeLessThan(second.IndexOf("## Use", StringComparison.Ordinal));
    }

    [Fact]
    public void ASectionThatSomebodyChangedStays()
    {
        File.WriteAllText(Path, Put(First).Replace("two", "two, and more", StringComparison.Ordinal));
        var document = CardDocument.Read(Path);
        document.Edited.ShouldBe(["use"]);
        string second = Put(First[0], new CardSection("use", "## Use\n\nnew\n"), First[2]);
        second.ShouldContain("two, and more");
        second.ShouldNotContain("new");
        CardDocument.Read(Path).Edited.ShouldBe(["use"]);
    }

    [Fact]
    public void ASectionThatSomebodyTookOutStaysOutAndANewOneComesIn()
    {
        string first = Put(First);
        int begin = first.IndexOf("<!-- lapidary:begin use", StringComparison.Ordinal);
        const string End = "<!-- lapidary:end use -->\n";
        File.WriteAllText(Path, first.Remove(begin, first.IndexOf(End, StringComparison.Ordinal) + End.Length - begin));
        string second = Put(First[0], First[1], new CardSection("limits", "## Limits\n"), First[2]);
        second.ShouldNotContain("## Use");
        second.IndexOf("## Limits", StringComparison.Ordinal).ShouldBeInRange(
            second.IndexOf("one", StringComparison.Ordinal), second.IndexOf("## Files", StringComparison.Ordinal));
    }

    [Fact]
    public void ACardOfSomebodyElseGetsTheSectionsBehindItsWords()
    {
        File.WriteAllText(Path, "---\nlicense: mit\nwidget:\n- text: Hello\n---\n# Mine\n\nWords.\n");
        var document = CardDocument.Read(Path);
        document.FrontMatter["license"]!.GetValue<string>().ShouldBe("mit");
        document.Put(First);
        string text = document.Text(document.FrontMatter);
        text.ShouldStartWith("---\nlicense: mit\nwidget:\n- text: Hello\n---\n\n# Mine\n\nWords.\n\n<!-- lapidary:begin about");
    }

    [Theory]
    [InlineData("<!-- lapidary:begin use 123 -->\nno end")]
    [InlineData("<!-- lapidary:begin use -->\n<!-- lapidary:end use -->")]
    [InlineData("<!-- lapidary:")]
    [InlineData("<!-- lapidary: -->\n")]
    [InlineData("---\n---\n")]
    public void MarksThatAreNoneAreWords(string body)
    {
        File.WriteAllText(Path, body);
        string text = Put(First);
        text.ShouldContain("## Use");
        Put(First).ShouldBe(text);
    }

    [Fact]
    public void FrontMatterThatIsNoYamlIsSaid()
    {
        File.WriteAllText(Path, "---\na: [\n---\n");
        Should.Throw<CheckpointException>(() => CardDocument.Read(Path)).Message.ShouldContain("front matter that is not YAML");
    }

    [Fact]
    public void TextsThatYamlWouldReadOtherwiseStandInQuotes()
    {
        var matter = new JsonObject
        {
            ["language"] = new JsonArray("no", "en"), ["title"] = "a: b # c", ["empty"] = "", ["version"] = "1.0", ["star"] = "*x", ["line"] = "a\nb",
            ["nested"] = new JsonArray(new JsonObject { ["name"] = "x", ["list"] = new JsonArray(1, 2.5, true) }), ["none"] = null, ["map"] = new JsonObject(),
        };
        string yaml = YamlText.Of(matter);
        JsonObject read = FrontMatter.Parse($"---\n{yaml}---\n", "card");
        read["language"]!.ToJsonString().ShouldBe("[\"no\",\"en\"]");
        read["title"]!.GetValue<string>().ShouldBe("a: b # c");
        read["empty"]!.GetValue<string>().ShouldBe(string.Empty);
        read["line"]!.GetValue<string>().ShouldBe("a\nb");
        read["nested"]![0]!["list"]!.ToJsonString().ShouldBe("[\"1\",\"2.5\",\"true\"]");
        yaml.ShouldContain("version: \"1.0\"");
        yaml.ShouldContain("- \"no\"");
    }

    private string Path => folder["README.md"];

    private string Put(params CardSection[] sections)
    {
        var document = CardDocument.Read(Path);
        document.Put(sections);
        string text = document.Text(new JsonObject { ["license"] = "gemma" });
        File.WriteAllText(Path, text);
        return text;
    }
}
