using System.Text.Json;
using Lapidary.Cli.Tests.Processes;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Cli.Tests.Commands;

/// <summary><c>chat</c> through a pipe, on a tiny model that chats gibberish.</summary>
public sealed class ChatTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string model;

    public ChatTests() => model = TinyChatModel.Write(folder["model"]);

    [Fact]
    public void EachLineIsAnsweredAndTheConversationIsRemembered()
    {
        ToolResult result = Chat("Hello\nAnd again\n", "--json");

        result.ExitCode.ShouldBe(0, result.Error);
        JsonElement[] answers = Documents(result);
        answers.Length.ShouldBe(2);
        int first = answers[0].GetProperty("prompt_tokens").GetInt32();
        JsonElement timings = answers[1].GetProperty("timings");
        timings.GetProperty("prompt_tokens").GetInt32().ShouldBeGreaterThan(first);

        // What both prompts begin with is in the cache already.
        timings.GetProperty("cached_tokens").GetInt32().ShouldBeGreaterThanOrEqualTo(first - 1);
    }

    [Fact]
    public void StdoutHoldsTheAnswersAlone()
    {
        ToolResult result = Chat("Hello\n");

        result.Output.TrimEnd('\n').ShouldBe(Documents(Chat("Hello\n", "--json"))[0].GetProperty("text").GetString()!.TrimEnd('\n'));
        result.Error.ShouldBeEmpty();
        Chat("Hello\n", "--timings").Error.ShouldContain("tokens/s");
    }

    [Fact]
    public void AMessageMayHaveSeveralLines()
    {
        Chat("\"\"\"one\ntwo\"\"\"\n", "--verbose").Error.ShouldContain("<start_of_turn>user\none\ntwo<end_of_turn>");
        Chat("one\\\ntwo\n", "--verbose").Error.ShouldContain("<start_of_turn>user\none\ntwo<end_of_turn>");
    }

    [Fact]
    public void CommandsStandBetweenTheMessages()
    {
        ToolResult result = Chat("/system Be brief.\n/set prompt on\nHello\n/clear\n/undo\n/retry\nBye\n/bye\nnever read\n");

        string[] prompts = result.Error.Split("prompt: ")[1..];
        prompts.Length.ShouldBe(2);
        prompts[0].ShouldContain("<start_of_turn>system\nBe brief.<end_of_turn>");
        prompts[0].ShouldContain("there is no message to forget");
        prompts[0].ShouldContain("there is no message to answer again");
        prompts[1].ShouldNotContain("Hello");
        result.Error.ShouldNotContain("never read");
    }

    [Fact]
    public void WrongCommandsAreSaidAndTheConversationGoesOn()
    {
        ToolResult result = Chat("/hlep\n/set tmp 1\n/set temp hot\n/set top-p 3\n/load /nowhere\n/save\n/set temp 0\n/help\n");

        result.ExitCode.ShouldBe(0);
        result.Error.ShouldContain("expected a command, found '/hlep'; did you mean '/help'?");
        result.Error.ShouldContain("found 'tmp'; did you mean 'temp'?");
        result.Error.ShouldContain("/set temp: expected a number, found 'hot'");
        result.Error.ShouldContain("TopP is 3 where a number above 0 and at most 1 was expected.");
        result.Error.ShouldContain("/nowhere");
        result.Error.ShouldContain("/save: expected a file, found nothing");
        result.Output.ShouldContain("/retry");
    }

    [Fact]
    public void AConversationIsSavedAndGoesOn()
    {
        string file = folder["conversation.json"];
        Chat($"/system Be brief.\nHello\n/save {file}\n");
        ToolResult result = Chat($"/load {file}\nAnd again\n", "--verbose");

        result.Error.ShouldContain("2 turns read");
        result.Error.ShouldContain("Be brief.");
        result.Error.ShouldContain("<start_of_turn>user\nHello<end_of_turn>");
        Directory.EnumerateFiles(Path.GetDirectoryName(file)!).ShouldBe([file], "nothing temporary stays");
        Chat($"/save {model}/model.safetensors\n").Error.ShouldContain("model.safetensors: expected");
        File.WriteAllText(file, """{"messages":[{"role":"user"}]}""");
        Chat($"/load {file}\n").Error.ShouldContain("expected a conversation that /save wrote, found something else");
    }

    [Fact]
    public void AConversationThatOutgrowsTheContextIsAnErrorBehindAPipe()
    {
        ToolResult result = Chat("Hello\n" + string.Concat(Enumerable.Repeat("again and ", 40)) + "\n", "--context", "64");

        result.ExitCode.ShouldBe(2);
        result.Error.ShouldStartWith("error: The prompt has ");
        result.Error.ShouldContain("the length of the context");
        result.Error.TrimEnd('\n').ShouldNotContain("\n");
    }

    public void Dispose() => folder.Dispose();

    private static JsonElement[] Documents(ToolResult result) =>
        [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];

    private ToolResult Chat(string input, params string[] more) =>
        ToolProcess.RunOn(input, ["chat", model, "-n", "8", "--seed", "1", .. more]);
}
