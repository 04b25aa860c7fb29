using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Lapidary.Cli.Commands.Texts;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Tests.Processes;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Cli.Tests.Commands;

public sealed class TrainTokenizerTests : IDisposable
{
    private static readonly string Sentences = Fixtures.PathOf("tokenizers/sentences.txt");

    private readonly TemporaryFolder folder = new();

    public static TheoryData<string, string> BrokenRows => new()
    {
        { "", ": expected rows with one of text, messages, prompt, completion, instruction, context, response, found none" },
        { "{\"input_ids\":[1,2]}\n", ": expected rows with one of text, messages" },
        { "{\"text\":\"a\"}\n{\"text\":\"b\"\n", ", line 3: expected JSON, found something else" },
        { "{\"text\":\"a\"}\n{\"text\":\"b\n\"}\n", ", line 2: expected JSON, found something else" },
        { "{\"text\":\"a\"}\n\n[1]\n", ", line 3: expected an object, found another value" },
        { "\"a\"\n", ", line 1: expected an object, found another value" },
        { "{\"text\":\"a\"}\n{\"text\":\"\\ud800\"}\n", ", line 2: expected text that is valid Unicode, found one that is not" },
        { "{\"text\":\"a\"}\n{\"text\":\"\u00ff\"}\n", ", line 2: expected text that is valid Unicode, found one that is not" },
        { new string('[', 100), ", line 1: expected " },
        { "[[{\"text\":\"a\"}]]", ", line 1: expected an object, found another value" },
        { "text,label\na,b\n", ", line 1: expected JSON, found something else" },
    };

    public void Dispose() => folder.Dispose();

    [Fact]
    public void WhatIsWrittenIsATokenizer()
    {
        string target = folder["tokenizer"];

        JsonElement json = ToolProcess.Run("train-tokenizer", "--data", Sentences, "-o", target, "--vocab-size", "600", "--json").Json();

        json.GetProperty("output").GetString().ShouldBe(target);
        json.GetProperty("pieces").GetInt32().ShouldBe(600);
        json.GetProperty("characters").GetInt64().ShouldBe(File.ReadAllText(Sentences).Length);
        json.GetProperty("longest_pieces")[0].GetString()!.Length.ShouldBeGreaterThan(3);
        double rate = json.GetProperty("characters_per_token").GetDouble();
        Directory.EnumerateFiles(target).Select(Path.GetFileName).Order().ShouldBe(["lapidary.json", "tokenizer.json", "tokenizer_config.json"]);
        JsonElement ids = ToolProcess.RunOn(File.ReadAllText(Sentences), "tokenize", target, "--json", "--no-bos").Json().GetProperty("ids");
        ids.GetArrayLength().ShouldBe(json.GetProperty("tokens").GetInt32());
        ((double)json.GetProperty("characters").GetInt64() / ids.GetArrayLength()).ShouldBe(rate, 1e-9);
    }

    [Fact]
    public void TheSummaryIsForReadingAndAFullFolderIsReplacedWhereThatIsAskedFor()
    {
        string target = folder["tokenizer"];
        string[] line = ["train-tokenizer", "--data", Sentences, "-o", target, "--vocab-size", "600"];

        ToolResult result = ToolProcess.Run(line);

        result.ExitCode.ShouldBe(0, result.Error);
        result.Error.ShouldBeEmpty();
        result.Output.ShouldStartWith(target + ": 600 pieces, ");
        result.Output.ShouldContain("characters per token  ");
        ToolProcess.Run(line).ExitCode.ShouldBe(2);
        ToolProcess.Run([.. line, "--overwrite", "--coverage", "1", "--max-piece-length", "3"]).ExitCode.ShouldBe(0);
    }

    [Fact]
    public void RowsOfEveryKindGiveTheTokenizerOfTheirTexts()
    {
        string[] texts = File.ReadAllLines(Sentences);
        string[] forms =
        [
            "{{\"text\":{0}}}", "{{\"id\":1,\"meta\":{{\"content\":\"no\",\"text\":[\"no\"]}},\"prompt\":{0},\"completion\":\"\"}}",
            "{{\"messages\":[{{\"role\":\"user\",\"content\":{0}}},{{\"role\":\"assistant\",\"content\":[]}}]}}",
            "{{\"messages\":[{{\"content\":[{{\"type\":\"text\",\"text\":{0}}}],\"role\":\"user\"}}],\"label\":\"no\"}}",
            "{{\"instruction\":{0},\"context\":\"\",\"response\":\"\",\"category\":\"no\"}}",
        ];
        string[] rows = [.. texts.Select((text, i) => string.Format(forms[i % forms.Length], "\"" + JsonEncodedText.Encode(text) + "\""))];
        File.WriteAllText(folder["rows.jsonl"], "\uFEFF" + string.Join("\r\n", rows));
        File.WriteAllText(folder["rows.json"], "[\n" + string.Join(",\n", rows) + "\n]\n");

        byte[] expected = Train(Sentences);
        Train(folder["rows.jsonl"]).ShouldBe(expected);
        Train(folder["rows.json"]).ShouldBe(expected);

        byte[] Train(string file)
        {
            string target = folder[Path.GetRandomFileName()];
            ToolResult result = ToolProcess.Run("train-tokenizer", "--data", file, "-o", target, "--vocab-size", "600");
            result.ExitCode.ShouldBe(0, result.Error);
            return File.ReadAllBytes(Path.Combine(target, "tokenizer.json"));
        }
    }

    [Theory]
    [MemberData(nameof(BrokenRows))]
    public void RowsThatCannotBeReadAreNamed(string content, string fact)
    {
        // Latin-1 makes invalid UTF-8 of U+00FF.
        File.WriteAllText(folder["rows.jsonl"], content, Encoding.Latin1);

        var source = new TextSource([folder["rows.jsonl"]]);

        Should.Throw<RequestException>(() => source.Read().ToList()).Message.ShouldStartWith(folder["rows.jsonl"] + fact);
    }

    [Fact]
    public void TextThatIsNoUtf8IsNamedAndNothingIsWritten()
    {
        File.WriteAllBytes(folder["text.txt"], [(byte)'a', 0xFF, 0xFE]);

        ToolResult result = ToolProcess.Run("train-tokenizer", "--data", folder["text.txt"], "-o", folder["new"], "--vocab-size", "600");

        result.ExitCode.ShouldBe(2);
        result.Error.ShouldBe($"error: {folder["text.txt"]}: expected text in UTF-8, found bytes that are none\n");
        Directory.Exists(folder["new"]).ShouldBeFalse();
    }

    [Fact]
    public void LongTextsAreReadInPartsThatMakeTheWhole()
    {
        // A line longer than a part, with runs of spaces and characters of two units where it could be cut.
        string text = string.Concat(Enumerable.Range(0, 40_000).Select(i => (i % 7) switch
        {
            0 => "\U0001f600", 1 => " ", 2 => "  ", 3 => "\n", 4 => new string('x', i % 300), 5 => "\r\n", _ => "word",
        })) + new string('\u00e9', 200_000) + string.Concat(Enumerable.Repeat("\U0001f600", 100_000));
        File.WriteAllText(folder["text.txt"], text);
        File.WriteAllText(folder["rows.jsonl"], $"{{\"text\":\"{JsonEncodedText.Encode(text)}\"}}\n{{\"text\":\"end\"}}");

        string[] parts = [.. new TextSource([folder["text.txt"]]).Read()];

        string.Concat(parts).ShouldBe(text);
        parts.ShouldAllBe(part => part.Length <= 1 << 16 && !char.IsLowSurrogate(part[0]));
        new TextSource([folder["rows.jsonl"]]).Read().ShouldBe([text, "end"]);
    }

    [Fact]
    public void AnEndlessStringIsRefusedBeforeItFillsTheMemory()
    {
        using (FileStream file = File.Create(folder["long.jsonl"]))
        {
            file.Write("{\"text\":\""u8);
            file.SetLength(200L << 20);
        }

        ToolResult result = ToolProcess.Run("train-tokenizer", "--data", folder["long.jsonl"], "-o", folder["new"], "--vocab-size", "600");

        result.ExitCode.ShouldBe(2);
        result.Error.TrimEnd('\n').ShouldNotContain("\n");
        result.Error.ShouldContain("long.jsonl, line 1: expected ");
        result.PeakBytes.ShouldBeLessThan(400L << 20);
    }

    [Fact]
    public void ControlCLeavesNothing()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        // A pipe opens when both sides have it open, so by then the tool is at work, and it has no end before the tool has one.
        string pipe = folder["pipe.txt"];
        Call("mkfifo", pipe);
        using Process process = ToolProcess.Start(
            ["train-tokenizer", "--data", pipe, "-o", folder["new"], "--vocab-size", "600"], new Dictionary<string, string>());
        byte[] text = File.ReadAllBytes(Sentences);
        using (var writer = new FileStream(pipe, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0))
        {
            Call("kill", "-INT", $"{process.Id}");
            try
            {
                while (!process.HasExited)
                {
                    writer.Write(text);
                }
            }
            catch (IOException)
            {
                // Nobody reads any more.
            }
        }

        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();

        error.ShouldBe("stopped: nothing was written\n");
        process.ExitCode.ShouldBe(130);
        Directory.Exists(folder["new"]).ShouldBeFalse();
    }

    private static void Call(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        process.WaitForExit();
        process.ExitCode.ShouldBe(0);
    }
}
