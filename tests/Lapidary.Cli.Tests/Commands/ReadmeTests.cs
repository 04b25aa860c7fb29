using Lapidary.Cli.Tests.Processes;
using Shouldly;
using Xunit;

namespace Lapidary.Cli.Tests.Commands;

/// <summary>The two commands at the top of the README are the ones that are used.</summary>
public sealed class ReadmeTests
{
    private const string TestCommand = "dotnet test --solution Lapidary.slnx -c Release";

    [Fact]
    public void TheGuardOfMainCallsTheTestCommandOfTheReadme()
    {
        ReadRoot("README.md").Split('\n').ShouldContain(TestCommand);
        ReadRoot(".ci/run").ShouldContain("\n" + TestCommand + " 2>&1");
    }

    [Fact]
    public void TheRunCommandOfTheReadmeRuns()
    {
        const string Prefix = "dotnet run --project src/Lapidary.Cli -c Release -- ";
        string line = ReadRoot("README.md").Split('\n').Single(line => line.StartsWith(Prefix, StringComparison.Ordinal));

        // Every second part stands between quotation marks.
        string[] words = [.. line[Prefix.Length..].Split('"')
            .SelectMany((part, index) => index % 2 == 1 ? [part] : part.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
        ToolResult result = ToolProcess.Run(words);

        result.ExitCode.ShouldBe(0, result.Error);
        result.Output.ShouldContain("Oldford");
        result.Error.ShouldContain("tokens/s");
    }

    [Fact]
    public void EveryCommandHasAPage()
    {
        foreach (string command in HelpTests.Commands.Select(row => row.Data))
        {
            File.Exists(Path.Combine(Repository.Root, "docs", command + ".md")).ShouldBeTrue(command);
        }
    }

    private static string ReadRoot(string path) => File.ReadAllText(Path.Combine(Repository.Root, path));
}
