using System.Reflection;
using Lapidary.Cli.Tests.Processes;
using Shouldly;
using Xunit;

namespace Lapidary.Cli.Tests.Architecture;

/// <summary>
/// The public surface of the libraries is a text in the repository, so a change of it is seen in review. After a wanted change, run
/// the tests once with LAPIDARY_UPDATE_PUBLIC_API=1 and commit what they wrote.
/// </summary>
public sealed class PublicSurfaceTests
{
    [Theory]
    [InlineData("Lapidary.Numerics")]
    [InlineData("Lapidary")]
    [InlineData("Lapidary.Workbench")]
    public void ThePublicSurfaceIsTheCheckedInText(string assembly)
    {
        string path = Path.Combine(Repository.Root, "tests", "PublicApi", assembly + ".txt");
        string actual = PublicSurface.Describe(Assembly.Load(assembly));
        if (Environment.GetEnvironmentVariable("LAPIDARY_UPDATE_PUBLIC_API") == "1")
        {
            File.WriteAllText(path, actual);
        }

        string[] expectedLines = File.ReadAllLines(path);
        string[] actualLines = actual.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        actualLines.Except(expectedLines).ShouldBeEmpty("new in the assembly");
        expectedLines.Except(actualLines).ShouldBeEmpty("gone from the assembly");
        actual.ShouldBe(string.Join('\n', expectedLines) + (expectedLines.Length > 0 ? "\n" : string.Empty));
    }
}
