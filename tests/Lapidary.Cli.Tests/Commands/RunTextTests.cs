using System.Text.Json;
using Lapidary.Cli.Tests.Processes;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Cli.Tests.Commands;

/// <summary><c>run</c> with text, on a tiny model that chats gibberish.</summary>
public sealed class RunTextTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string model;

    public RunTextTests() => model = TinyChatModel.Write(folder["model"]);

    [Fact]
    public void TheTemplateIsAppliedAndTheDocumentSaysWhatTheModelSaw()
    {
        JsonElement json = Run("-p", "Hello", "--system", "Be brief.", "-n", "8", "--seed", "1");

        json.GetProperty("prompt").GetString().ShouldBe(
            "<bos><start_of_turn>system\nBe brief.<end_of_turn>\n<start_of_turn>user\nHello<end_of_turn>\n<start_of_turn>model\n");
        int[] prompt = Ids(json, "prompt_ids");
        prompt[0].ShouldBe(2);
        prompt.Count(id => id == 2).ShouldBe(1);
        Ids(json, "ids").Length.ShouldBeInRange(1, 8);
        json.GetProperty("pieces").GetArrayLength().ShouldBe(Ids(json, "ids").Length);
        json.GetProperty("log_probabilities").GetArrayLength().ShouldBe(Ids(json, "ids").Length);
        json.GetProperty("seed").GetUInt64().ShouldBe(1ul);
        json.GetProperty("timings").GetProperty("prompt_tokens").GetInt32().ShouldBe(prompt.Length);
    }

    [Fact]
    public void RawTextIsContinuedAsItStandsWithOneBos()
    {
        JsonElement json = Run("-p", "<bos>Hello", "--raw", "-n", "2");

        json.GetProperty("prompt").GetString().ShouldBe("<bos>Hello");
        Ids(json, "prompt_ids").Count(id => id == 2).ShouldBe(1);
    }

    [Fact]
    public void TheSameSeedGivesTheSameTextAndAnotherOneAnother()
    {
        string[] line = ["-p", "Hello", "-n", "24", "--temp", "1", "--ignore-eos"];
        string first = Run([.. line, "--seed", "3"]).GetProperty("text").GetString()!;

        Run([.. line, "--seed", "3", "-t", "1"]).GetProperty("text").GetString().ShouldBe(first);
        Run([.. line, "--seed", "4"]).GetProperty("text").GetString().ShouldNotBe(first);
    }

    [Fact]
    public void StdoutHoldsTheTextAndNothingElse()
    {
        string[] line = ["run", model, "-p", "Hello", "-n", "12", "--seed", "5"];
        ToolResult result = ToolProcess.Run(line);

        result.ExitCode.ShouldBe(0, result.Error);
        result.Output.TrimEnd('\n').ShouldBe(ToolProcess.Run([.. line, "--json"]).Json().GetProperty("text").GetString()!.TrimEnd('\n'));
        result.Error.ShouldContain("tokens/s");
        result.Error.ShouldNotContain("start_of_turn");
        ToolProcess.Run([.. line, "--verbose"]).Error.ShouldStartWith("prompt: <bos><start_of_turn>user\nHello<end_of_turn>");
    }

    [Fact]
    public void ThePromptMayComeFromAFileOrFromStdin()
    {
        File.WriteAllText(folder["prompt.txt"], "Hello");
        string expected = ToolProcess.Run("run", model, "-p", "Hello", "-n", "6", "--seed", "1").Output;

        ToolProcess.Run("run", model, "-f", folder["prompt.txt"], "-n", "6", "--seed", "1").Output.ShouldBe(expected);
        ToolProcess.RunOn("Hello", "run", model, "-n", "6", "--seed", "1").Output.ShouldBe(expected);
    }

    [Fact]
    public void AStopStringEndsTheTextBeforeIt()
    {
        string[] line = ["-p", "Hello", "-n", "24", "--seed", "3", "--ignore-eos"];
        string whole = Run(line).GetProperty("text").GetString()!;
        string stop = whole.Substring(5, 3);

        JsonElement json = Run([.. line, "--stop", "not in it at all", "--stop", stop]);
        json.GetProperty("text").GetString().ShouldBe(whole[..whole.IndexOf(stop, StringComparison.Ordinal)]);
        json.GetProperty("finish_reason").GetString().ShouldBe("stop");
        json.GetProperty("stop_string").GetString().ShouldBe(stop);
    }

    [Fact]
    public void AForbiddenTokenDoesNotCome()
    {
        string[] line = ["-p", "Hello", "-n", "1", "--temp", "0", "--ignore-eos"];
        int best = Ids(Run(line), "ids")[0];

        JsonElement json = Run([.. line, "--logit-bias", $"{best}=-inf", "--logprobs", "2", "--prompt-logprobs"]);
        int second = Ids(json, "ids")[0];
        second.ShouldNotBe(best);

        // Log-probabilities are the model's own, before the bias.
        json.GetProperty("alternatives")[0].EnumerateArray().Select(other => other.GetProperty("id").GetInt32()).ShouldBe([best, second]);
        json.GetProperty("prompt_log_probabilities").GetArrayLength().ShouldBe(Ids(json, "prompt_ids").Length - 1);
    }

    [Fact]
    public void AModelWithoutATemplateContinuesTheText()
    {
        string bare = TinyChatModel.Write(folder["bare"], template: null);
        ToolResult result = ToolProcess.Run("run", bare, "-p", "Hello", "-n", "2", "--json");

        result.Json().GetProperty("prompt").GetString().ShouldBe("Hello");
        ToolProcess.Run("run", bare, "-p", "Hello", "--system", "Be brief.").Error.ShouldBe(
            "error: --system: expected a model with a chat template, found a model without one\n");
        ToolResult chat = ToolProcess.Run("chat", bare);
        chat.ExitCode.ShouldBe(2);
        chat.Error.ShouldContain("expected a model with a chat template (or --chat-template FILE)");
    }

    [Fact]
    public void ATemplateFromTheCommandLineTakesThePlaceOfTheModels()
    {
        File.WriteAllText(folder["mine.jinja"], "{{ bos_token }}{% for m in messages %}[{{ m.role }}] {{ m.content }}\n{% endfor %}[model] ");
        Run("-p", "Hello", "-n", "1", "--chat-template", folder["mine.jinja"]).GetProperty("prompt").GetString().ShouldBe("<bos>[user] Hello\n[model] ");

        File.WriteAllText(folder["broken.jinja"], "{% for m in messages %}");
        ToolResult result = ToolProcess.Run("run", model, "-p", "Hello", "--chat-template", folder["broken.jinja"]);
        result.ExitCode.ShouldBe(2);
        result.Error.ShouldContain(folder["broken.jinja"]);
        result.Error.TrimEnd('\n').ShouldNotContain("\n");
    }

    public void Dispose() => folder.Dispose();

    private static int[] Ids(JsonElement json, string name) => [.. json.GetProperty(name).EnumerateArray().Select(id => id.GetInt32())];

    private JsonElement Run(params string[] arguments)
    {
        ToolResult result = ToolProcess.Run(["run", model, .. arguments, "--json"]);
        result.ExitCode.ShouldBe(0, result.Error);
        return result.Json();
    }
}
