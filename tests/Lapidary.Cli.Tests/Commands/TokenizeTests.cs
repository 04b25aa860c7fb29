using System.Text.Json;
using Lapidary.Cli.Tests.Processes;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Cli.Tests.Commands;

public sealed class TokenizeTests
{
    private static readonly BrokenFile[] Files = [.. BrokenTokenizers.All];

    public static TheoryData<string> Names => [.. Files.Select(file => file.Name)];

    [Fact]
    public void AFolderWithNothingButATokenizerIsEnough()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["tokenizer.json"], TinyTokenizer.Json().ToJsonString());

        JsonElement json = ToolProcess.Run("tokenize", folder.Path, "--text", "abc abc", "--json").Json();

        Ids(json).ShouldBe([2, 13, 15]);
        json.GetProperty("pieces").EnumerateArray().Select(piece => piece.GetString()).ShouldBe(["<bos>", "abc", "\u2581abc"]);
        ToolProcess.Run("tokenize", folder.Path, "--text", "abc\n\n").Output.ShouldBe("      2  <bos>\n     13  abc\n      5  \\n\\n\n");
        ToolProcess.Run("tokenize", folder["tokenizer.json"], "--decode", "2,13,15").Output.ShouldBe("<bos>abc abc\n");
    }

    [Fact]
    public void FlagsLeaveOutTheBeginAndSpecialTokens()
    {
        Ids(ToolProcess.Run("tokenize", "--text", "<eos>", "--no-bos", "--json").Json()).ShouldBe([1]);
        Ids(ToolProcess.Run("tokenize", "--text", "<eos>", "--no-bos", "--no-special", "--json").Json()).Length.ShouldBeGreaterThan(1);
        Ids(ToolProcess.Run("tokenize", "--text", "<bos><eos>", "--json").Json()).ShouldBe([2, 1]);
        ToolProcess.Run("tokenize", Fixtures.PathOf("tokenizers/pebble"), "--decode", "2,490,1", "--json").Json().GetProperty("text").GetString().ShouldBe("<bos>el<eos>");
        ToolProcess.Run("tokenize", Fixtures.PathOf("tokenizers/pebble"), "--decode", "2,490,1", "--no-special").Output.ShouldBe("el\n");
    }

    [Fact]
    public void AFileHasAJsonStringALineAndSoHasTheOutput()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["lines.jsonl"], "\"one\\ntwo\"\n\n\"\\u05e9\\ud83d\\ude00\"\n\"\"\n");

        ToolResult result = ToolProcess.Run("tokenize", "--file", folder["lines.jsonl"], "--json");

        result.ExitCode.ShouldBe(0, result.Error);
        result.Error.ShouldBeEmpty();
        string[] lines = result.Output.TrimEnd('\n').Split('\n');
        lines.Length.ShouldBe(3);
        string[] texts = [.. lines.Select(line => Ids(JsonDocument.Parse(line).RootElement))
            .Select(ids => ToolProcess.Run("tokenize", "--decode", string.Join(',', ids), "--no-special").Output)];
        texts.ShouldBe(["one\ntwo\n", "\u05e9\U0001f600\n", "\n"]);
        ToolProcess.RunOn("\"one\"\n\"two\"\n", "tokenize", "--file", "-").Output.Split('\n').Length.ShouldBe(3);
    }

    [Fact]
    public void StandardInputIsOneText() =>
        Ids(ToolProcess.RunOn("a\n\u05e9\n", "tokenize", "--json").Json())
            .ShouldBe(Ids(ToolProcess.Run("tokenize", "--text", "a\n\u05e9\n", "--json").Json()));

    [Theory]
    [InlineData("--text x --decode 1", "tokenize: expected one of --text, --file and --decode, found several")]
    [InlineData("--decode 99999", "--decode: expected ids below the vocabulary of 3072, found 99999")]
    [InlineData("--decode 1,x", "--decode: expected token ids such as 1,2,3")]
    [InlineData("--file nothing.jsonl", "nothing.jsonl: expected a file that can be read, found no such file")]
    [InlineData("no-such-model --text x", "no-such-model: expected")]
    public void AWrongLineIsOneSentence(string line, string fragment)
    {
        ToolResult result = ToolProcess.Run(["tokenize", .. line.Split(' ')]);

        result.ExitCode.ShouldBe(2);
        result.Output.ShouldBeEmpty();
        result.Error.ShouldContain(fragment);
    }

    [Fact]
    public void ALineThatIsNoStringIsNamed()
    {
        ToolResult result = ToolProcess.RunOn("\"a\"\n{}\n", "tokenize", "--file", "-");

        result.ExitCode.ShouldBe(2);
        result.Error.ShouldBe("error: -, line 2: expected a JSON string, found '{}'\n");
        ToolProcess.RunOn("\"\\ud800\"\n", "tokenize", "--file", "-").Error.ShouldContain("line 1: expected a JSON string");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ABrokenTokenizerIsRefused(string name)
    {
        BrokenFile file = Files.Single(file => file.Name == name);
        using var folder = new TemporaryFolder();
        string model = file.Make(folder.Path);

        ToolResult result = ToolProcess.Run("tokenize", model, "--text", "x");

        result.ExitCode.ShouldBe(2, result.Error);
        result.Error.ShouldStartWith("error: " + folder.Path);
        if (Path.Exists(model))
        {
            result.Error.ShouldContain(file.Fragment);
        }

        result.Error.TrimEnd('\n').ShouldNotContain("\n");
        result.Output.ShouldBeEmpty();
        result.ProcessorTime.ShouldBeLessThan(TimeSpan.FromSeconds(2));
        result.PeakBytes.ShouldBeLessThan(300L << 20);
    }

    private static int[] Ids(JsonElement json) => [.. json.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
}
