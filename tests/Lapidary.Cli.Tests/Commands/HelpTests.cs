using Lapidary.Cli.Tests.Processes;
using Shouldly;
using Xunit;

namespace Lapidary.Cli.Tests.Commands;

/// <summary>What the tool says about itself.</summary>
public sealed class HelpTests
{
    public static TheoryData<string> Commands =>
    [
        "info", "run", "chat", "tokenize", "logits", "bench", "compare", "tune", "distill", "record-teacher", "eval", "perplexity", "pull", "init", "convert", "imatrix", "prune", "quantize", "merge", "train-tokenizer", "make", "card",
    ];

    [Fact]
    public void TheToolAlonePrintsItsHelp()
    {
        ToolResult result = ToolProcess.Run();

        result.ExitCode.ShouldBe(0);
        result.Output.ShouldContain("lapidary [command] [options]");
        foreach (string command in Commands.Select(row => row.Data))
        {
            result.Output.ShouldContain($"  {command} ");
        }

        ToolProcess.Run("--help").Output.ShouldBe(result.Output);
    }

    [Fact]
    public void TheVersionIsOneLine() => ToolProcess.Run("--version").Output.ShouldBe("0.1.0\n");

    [Theory]
    [MemberData(nameof(Commands))]
    public void TheHelpOfACommandEndsWithAnExampleOfIt(string command)
    {
        ToolResult result = ToolProcess.Run(command, "--help");

        result.ExitCode.ShouldBe(0);
        result.Error.ShouldBeEmpty();
        result.Output.ShouldContain("--json");
        result.Output.ShouldContain("--verbose");
        result.Output[result.Output.IndexOf("Examples:", StringComparison.Ordinal)..].ShouldContain($"  lapidary {command} ");
    }

    [Fact]
    public void AShortFlagMeansOneThing()
    {
        var meanings = new Dictionary<string, HashSet<string>>();
        foreach (string command in Commands.Select(row => row.Data))
        {
            foreach (string line in ToolProcess.Run(command, "--help").Output.Split('\n').Where(line => line.StartsWith("  -", StringComparison.Ordinal)))
            {
                string[] names = line.Split("  ", StringSplitOptions.RemoveEmptyEntries)[0].Split(", ");
                foreach (string name in names.Where(name => name.Length > 1 && name[1] != '-'))
                {
                    string meaning = names[^1].Split(' ')[0];
                    (meanings.TryGetValue(name.Split(' ')[0], out HashSet<string>? known) ? known : meanings[name.Split(' ')[0]] = []).Add(meaning);
                }
            }
        }

        // The contract itself gives -p a text in run and lengths in bench: both are the prompt. -n is the number of tokens in both.
        meanings.Where(meaning => meaning.Value.Count > 1).Select(meaning => meaning.Key).ShouldBe(["-p", "-n"], ignoreOrder: true);
    }
}
