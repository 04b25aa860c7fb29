using System.Diagnostics;
using System.Text.Json;
using Lapidary.Cli.Tests.Processes;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Cli.Tests.Commands;

public sealed class RunTests
{
    [Fact]
    public void TheDocumentHoldsIdsProbabilitiesAndTimings()
    {
        ToolResult result = ToolProcess.Run("run", "--tokens", "2,10,20", "-n", "6", "--threads", "1", "--ignore-eos", "--json");

        result.ExitCode.ShouldBe(0, result.Error);
        result.Error.ShouldBeEmpty();
        JsonElement json = result.Json();
        Ids(json.GetProperty("prompt_ids")).ShouldBe([2, 10, 20]);
        Ids(json.GetProperty("ids")).Length.ShouldBe(6);
        json.GetProperty("log_probabilities").EnumerateArray().Select(p => p.GetDouble()).ShouldAllBe(p => p < 0 && p > -20);
        json.GetProperty("finish_reason").GetString().ShouldBe("length");
        JsonElement timings = json.GetProperty("timings");
        timings.GetProperty("prompt_tokens").GetInt32().ShouldBe(3);
        timings.GetProperty("generated_tokens").GetInt32().ShouldBe(6);
        timings.GetProperty("prompt_tokens_per_second").GetDouble().ShouldBeGreaterThan(0);
    }

    [Fact]
    public void IdsGoToStdoutAndEverythingElseToStderr()
    {
        string[] line = ["run", "--tokens", "2,10,20", "-n", "6", "--threads", "1", "--ignore-eos"];
        ToolResult text = ToolProcess.Run(line);

        text.ExitCode.ShouldBe(0);
        text.Output.Trim().Split(' ').Select(int.Parse).ShouldBe(Ids(ToolProcess.Run([.. line, "--json"]).Json().GetProperty("ids")));
        text.Error.ShouldContain("tokens/s");
    }

    [Fact]
    public void ThreadsAndChunksDoNotChangeTheIds()
    {
        string tokens = string.Join(',', Enumerable.Range(0, 100).Select(i => i * 5));
        string Ids(params string[] more) =>
            ToolProcess.Run([.. (string[])["run", "--tokens", tokens, "-n", "8", "--ignore-eos", "--exact"], .. more]).Output;

        string expected = Ids("--threads", "1");
        expected.ShouldNotBeEmpty();
        Ids("--threads", "2").ShouldBe(expected);
        Ids("--threads", "1", "--chunk", "7").ShouldBe(expected);
    }

    [Fact]
    public void TokensMayComeFromAFile()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["ids.json"], "[2, 10,\n 20]\n");

        string expected = ToolProcess.Run("run", "--tokens", "2,10,20", "-n", "4", "-t", "1").Output;
        ToolProcess.Run("run", "--tokens-file", folder["ids.json"], "-n", "4", "-t", "1").Output.ShouldBe(expected);
    }

    [Fact]
    public void TheContextEndsTheAnswer()
    {
        JsonElement json = ToolProcess.Run(
            "run", "--tokens", "2,10,20", "-n", "50", "--context", "8", "-t", "1", "--ignore-eos", "--json").Json();

        // Five tokens fit behind the prompt, and the last of them names one more.
        Ids(json.GetProperty("ids")).Length.ShouldBe(6);
        json.GetProperty("finish_reason").GetString().ShouldBe("length");
    }

    [Fact]
    public void AnEndTokenEndsTheAnswer()
    {
        using var folder = new TemporaryFolder();
        ToolProcess.Run("init", "tiny", "-o", folder["model"], "--seed", "7").ExitCode.ShouldBe(0);
        string[] line = ["run", folder["model"], "--tokens", "2,10,20", "-n", "12", "-t", "1", "--json"];
        int[] all = Ids(ToolProcess.Run([.. line, "--ignore-eos"]).Json().GetProperty("ids"));

        // Whatever the random model says second is made its end token.
        File.WriteAllText(Path.Combine(folder["model"], "generation_config.json"), $$"""{"eos_token_id": [511, {{all[1]}}]}""");
        JsonElement json = ToolProcess.Run(line).Json();

        Ids(json.GetProperty("ids")).ShouldBe(all[..(Array.IndexOf(all, all[1]) + 1)]);
        json.GetProperty("finish_reason").GetString().ShouldBe("stop");
    }

    [Fact]
    public void ControlCStopsCleanlyAndSaysWhatWasKept()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using Process process = ToolProcess.Start(
            ["run", "--tokens", "2,10,20", "-n", "1000000", "-t", "1", "--ignore-eos"], new Dictionary<string, string>());
        string first = ReadWord(process.StandardOutput);
        using (var kill = Process.Start("kill", ["-INT", $"{process.Id}"]))
        {
            kill.WaitForExit();
        }

        string rest = process.StandardOutput.ReadToEnd();
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();

        process.ExitCode.ShouldBe(130, error);
        first.ShouldNotBeEmpty();
        rest.ShouldEndWith("\n");
        error.ShouldContain("stopped: ");
        error.ShouldContain("tokens were printed");
    }

    private static string ReadWord(TextReader reader)
    {
        var word = new System.Text.StringBuilder();
        for (int c = reader.Read(); c is not (-1 or ' '); c = reader.Read())
        {
            word.Append((char)c);
        }

        return word.ToString();
    }

    private static int[] Ids(JsonElement list) => [.. list.EnumerateArray().Select(id => id.GetInt32())];
}
