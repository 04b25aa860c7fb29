using Lapidary.Checkpoints;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Recipes;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Recipes;

/// <summary>What is read of a recipe, and what is found wrong before anything runs.</summary>
public sealed class RecipeReaderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void StepsComeInAnOrderInWhichTheyCanBeDone()
    {
        Recipe recipe = Read(
            """
            title: A test
            variables: { name: moss, times: 3 }
            steps:
              last:
                command: join
                from: ["${first}", "${middle}/text.txt"]
                word: ${name} and ${name}
              first: { command: join, word: "${times}", number: "${times}" }
              middle: { command: train, word: -x, loud: true, output: other }
            """);
        recipe.Title.ShouldBe("A test");
        recipe.Steps.Select(step => step.Name).ShouldBe(["first", "middle", "last"]);
        RecipeStep last = recipe.Steps[^1];
        last.Needs.ShouldBe(["first", "middle"]);
        last.Settings.Single(setting => setting.Option.Name == "word").Values.ShouldBe(["moss and moss"]);
        last.Outputs.ShouldBe(["last.txt", "last.json"]);
        recipe.Steps[1].Outputs.ShouldBe(["other", "middle.json"]);
        recipe.Steps[0].Settings.Single(setting => setting.Option.Name == "number").Values.ShouldBe(["3"]);
    }

    [Fact]
    public void AVariableMayBeGivenFromOutside()
    {
        const string Text = "variables: { name: moss }\nsteps:\n  one: { command: join, word: \"${name}\" }\n";
        Read(Text, ("name", "fern")).Steps[0].Settings[0].Values.ShouldBe(["fern"]);
        Faults(Text, ("nane", "fern")).ShouldBe([(1, "expected a variable of this recipe in --set, found 'nane'; the nearest known one is 'name'")]);
    }

    [Fact]
    public void PathsAreThoseBesideTheRecipe()
    {
        File.WriteAllText(folder["words.txt"], "x");
        Recipe recipe = Read("steps:\n  one: { command: join, word: a, from: words.txt }\n");
        recipe.Steps[0].Settings.Single(setting => setting.Option.Name == "from").Values.ShouldBe([folder["words.txt"]]);
    }

    [Fact]
    public void EveryMistakeIsNamedWithItsLine()
    {
        const string Text = """
            titel: A test
            variables:
              good: 1
              bad name: 2
              list: [1, 2]
            steps:
              a: { command: joyn, word: x }
              b: { word: x }
              c: just text
              d: { command: join }
              e: { command: join, wort: x, word: y }
              f: { command: join, word: [x, y] }
              g: { command: join, word: x, loud: maybe }
              h: { command: join, word: "${goood}" }
              i: { command: join, word: x, number: seven }
              j: { command: join, word: x, from: missing.txt }
              k: { command: join, word: x, from: ["${l}"] }
              l: { command: join, word: x, from: ["${k}"] }
              good: { command: join, word: x }
              .m: { command: join, word: x }
              n: { command: join, word: x, output: ../n }
              o: { command: look, output: o.txt }
              p: { command: join, word: { x: y } }
              q: { command: join, word: x, from: ["${q}"] }
            """;
        (int Line, string Sentence)[] faults = Faults(Text);
        (int Line, string Part)[] expected =
        [
            (1, "a recipe has no 'titel'; the nearest known one is 'title'"),
            (4, "expected a variable's name"),
            (5, "expected a text or a number for the variable 'list', found a list of 2"),
            (7, "the step 'a' needs a command, found 'joyn'; the nearest known one is 'join'"),
            (8, "the step 'b' needs a command, found none"),
            (9, "expected a mapping for the step 'c', found the text 'just text'"),
            (10, "the step 'd' needs 'word', found none"),
            (11, "join has no 'wort'; the nearest known one is 'word'"),
            (12, "expected one value for 'word', found a list of 2"),
            (13, "expected true or false for 'loud', found the text 'maybe'"),
            (14, "expected a variable or a step in ${...}, found 'goood'; the nearest known one is 'good'"),
            (15, "'number': expected a whole number, found 'seven'"),
            (16, "'from': missing.txt: is neither a file nor a folder"),
            (17, "the step 'k' needs 'l', which needs it in turn"),
            (18, "the step 'l' needs 'k', which needs it in turn"),
            (19, "expected another name for the step 'good', found that of a variable"),
            (20, "expected a step's name"),
            (21, "expected a name without folders for 'output'"),
            (22, "expected no 'output', which look does not have"),
            (23, "expected a text for 'word', found a mapping of 1"),
            (24, "the step 'q' needs 'q', which needs it in turn"),
        ];
        faults.Select(fault => fault.Line).ShouldBe(expected.Select(fault => fault.Line));
        foreach (((_, string sentence), (_, string part)) in faults.Zip(expected))
        {
            sentence.ShouldContain(part);
        }
    }

    [Theory]
    [InlineData("- a\n- b\n", "a mapping was expected")]
    [InlineData("steps: [1\n", "this is not YAML")]
    [InlineData("", "a mapping was expected")]
    public void WhatIsNoRecipeIsSaid(string text, string expected) =>
        Should.Throw<CheckpointException>(() => Read(text)).Message.ShouldContain(expected);

    [Fact]
    public void TheSchemaKnowsEveryOptionOfEveryCommand()
    {
        var schema = RecipeSchema.Create(new TextCatalog().Create());
        schema["$defs"]!["join"]!["properties"]!.AsObject().Select(property => property.Key).ShouldBe(
            ["command", "output", "from", "word", "number", "loud", "threads"]);
        schema["$defs"]!["join"]!["required"]!.AsArray().Select(name => (string)name!).ShouldBe(["word"]);
        schema["$defs"]!["step"]!["properties"]!["command"]!["enum"]!.AsArray().Select(name => (string)name!).ShouldBe(["join", "train", "look"]);
    }

    private Recipe Read(string text, params (string Name, string Value)[] variables)
    {
        File.WriteAllText(folder["recipe.yaml"], text);
        return RecipeReader.Read(folder["recipe.yaml"], new TextCatalog().Create(), variables.ToDictionary(item => item.Name, item => item.Value));
    }

    private (int Line, string Sentence)[] Faults(string text, params (string Name, string Value)[] variables) =>
        [.. Should.Throw<RecipeException>(() => Read(text, variables)).Faults.Select(fault => (fault.Line, fault.Sentence))];
}
