using System.Reflection;
using System.Text.RegularExpressions;
using Lapidary.Cli.Tests.Processes;
using Shouldly;
using Xunit;

namespace Lapidary.Cli.Tests.Architecture;

/// <summary>Each floor of the house knows only the floors below it (ARCHITECTURE.md).</summary>
public sealed partial class FloorTests
{
    [Theory]
    [InlineData("Lapidary.Numerics", "")]
    [InlineData("Lapidary", "Lapidary.Numerics,Microsoft.Extensions.AI.Abstractions,Microsoft.Extensions.DependencyInjection.Abstractions,YamlDotNet")]
    [InlineData("Lapidary.Workbench", "Lapidary,Lapidary.Numerics,YamlDotNet,Markdig")]
    [InlineData("Lapidary.Cli", "Lapidary,Lapidary.Numerics,Lapidary.Workbench,Spectre.Console,System.CommandLine")]
    public void AnAssemblyRefersOnlyToTheFloorsBelow(string assembly, string allowed)
    {
        string[] references = [.. Assembly.Load(assembly).GetReferencedAssemblies()
            .Select(reference => reference.Name!)
            .Where(name => !IsFramework(name))];

        references.Except(allowed.Split(',')).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Checkpoints", "Networks,Inference,Hub")]
    [InlineData("Text", "Networks,Inference,Hub")]
    [InlineData("Networks", "Inference,Hub")]
    [InlineData("Inference", "Hub")]
    public void ANamespaceOfTheLibraryDoesNotMentionTheOnesAbove(string lower, string higher)
    {
        string folder = Path.Combine(Repository.Root, "src", "Lapidary", lower);
        if (!Directory.Exists(folder))
        {
            return;
        }

        var upward = new Regex($@"(?<![\w.])(using\s+Lapidary\.({higher.Replace(',', '|')})\b|(Lapidary\.)?({higher.Replace(',', '|')})\.[A-Z])");
        Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => upward.Matches(File.ReadAllText(file)).Select(match => $"{Path.GetFileName(file)}: {match.Value}"))
            .ShouldBeEmpty();
    }

    [Fact]
    public void EveryNamespaceOfTheLibraryIsOneOfTheHouse() =>
        Assembly.Load("Lapidary").GetTypes()
            .Where(type => type.Namespace is { } name && name.StartsWith("Lapidary", StringComparison.Ordinal))
            .Select(type => type.Namespace!.Split('.').ElementAtOrDefault(1) ?? "(root)")
            .Distinct()
            .Except(["Checkpoints", "Text", "Networks", "Inference", "Hub"])
            .ShouldBeEmpty();

    [Fact]
    public void EveryNamespaceOfTheWorkbenchIsOneOfTheHouse() =>
        Assembly.Load("Lapidary.Workbench").GetTypes()
            .Where(type => type.Namespace is { } name && name.StartsWith("Lapidary", StringComparison.Ordinal))
            .Select(type => type.Namespace!.Split('.').ElementAtOrDefault(2) ?? "(root)")
            .Distinct()
            .Except(["Training", "Compression", "Ablation", "Evaluation", "Reports", "Recipes"])
            .ShouldBeEmpty();

    [Fact]
    public void TheNumericsKnowNoModelAndNoFileFormat() =>
        Assembly.Load("Lapidary.Numerics").GetTypes()
            .Where(type => ForeignWords().IsMatch(type.Name))
            .Select(type => type.Name)
            .ShouldBeEmpty();

    private static bool IsFramework(string name) =>
        name is "netstandard" or "mscorlib"
        || (name.StartsWith("System.", StringComparison.Ordinal) && name != "System.CommandLine")
        || name.StartsWith("Microsoft.Win32.", StringComparison.Ordinal);

    [GeneratedRegex("Gguf|Safetensors|Gemma|Checkpoint|Tokenizer|HuggingFace", RegexOptions.IgnoreCase)]
    private static partial Regex ForeignWords();
}
