using Lapidary.Checkpoints;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Recipes;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Recipes;

/// <summary>What is done again, and what is not.</summary>
public sealed class RecipeRunTests : IDisposable
{
    private const string Text = """
        steps:
          one: { command: join, from: words.txt, word: a }
          two: { command: train, from: "${one}", word: b }
          three: { command: join, from: ["${two}", "${one}"], word: c }
          four: { command: join, word: d }
        """;

    private readonly TemporaryFolder folder = new();
    private readonly TextCatalog catalog = new();

    public RecipeRunTests() => File.WriteAllText(folder["words.txt"], "0");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void EveryStepTakesWhatTheOnesBeforeItMade()
    {
        Run(Text).ShouldBe([StepAction.Make, StepAction.Make, StepAction.Make, StepAction.Make]);
        File.ReadAllText(folder["run/three.txt"]).ShouldBe("0a.b.0a.c.");
        File.Exists(folder["run/three.json"]).ShouldBeTrue();
    }

    [Fact]
    public void WhatIsDoneIsUsedAgain()
    {
        Run(Text);
        catalog.Ran.Clear();
        Run(Text).ShouldAllBe(action => action == StepAction.Reuse);
        catalog.Ran.ShouldBeEmpty();

        // An option that never changes a result makes nothing stale, a new time of a file neither.
        File.SetLastWriteTimeUtc(folder["run/one.txt"], DateTime.UtcNow.AddHours(1));
        Run(Text.Replace("word: b }", "word: b, threads: 7 }", StringComparison.Ordinal)).ShouldAllBe(action => action == StepAction.Reuse);
    }

    [Fact]
    public void WhatHasChangedIsMadeAgainWithAllThatNeedsIt()
    {
        Run(Text);
        Run(Text.Replace("word: b", "word: x", StringComparison.Ordinal))
            .ShouldBe([StepAction.Reuse, StepAction.Make, StepAction.Make, StepAction.Reuse]);
        File.ReadAllText(folder["run/three.txt"]).ShouldBe("0a.x.0a.c.");

        File.WriteAllText(folder["words.txt"], "9");
        Run(Text.Replace("word: b", "word: x", StringComparison.Ordinal))
            .ShouldBe([StepAction.Make, StepAction.Make, StepAction.Make, StepAction.Reuse]);
        catalog.Version = 2;
        Run(Text).ShouldAllBe(action => action == StepAction.Make);
    }

    [Fact]
    public void AStepThatComesOutTheSameChangesNothingBehindIt()
    {
        Run(Text);

        // The flag is new, so the step is made; the contents that the next ones take are what counts.
        Run(Text.Replace("word: a }", "word: a, number: 1 }", StringComparison.Ordinal))
            .ShouldBe([StepAction.Make, StepAction.Reuse, StepAction.Reuse, StepAction.Reuse]);
    }

    [Fact]
    public void AnInterruptedStepGoesOnOrIsMadeAgain()
    {
        catalog.InTheMiddle = line =>
        {
            if (line[0] == "train")
            {
                throw new TimeoutException("killed");
            }
        };
        Should.Throw<TimeoutException>(() => Run(Text));
        catalog.InTheMiddle = null;
        catalog.Ran.Clear();
        Run(Text).ShouldBe([StepAction.Reuse, StepAction.Resume, StepAction.Make, StepAction.Make]);
        catalog.Ran[0].ShouldContain("--resume");
        File.ReadAllText(folder["run/three.txt"]).ShouldBe("0a.b.0a.c.");
    }

    [Fact]
    public void AStepThatFailsIsNamedAndThoseBeforeItStay()
    {
        catalog.InTheMiddle = line => catalog.ExitCode = line[0] == "train" ? 2 : 0;
        StepFailedException failed = Should.Throw<StepFailedException>(() => Run(Text));
        failed.Step.Name.ShouldBe("two");
        failed.ExitCode.ShouldBe(2);
        catalog.InTheMiddle = null;
        catalog.ExitCode = 0;
        Run(Text)[0].ShouldBe(StepAction.Reuse);
    }

    [Fact]
    public void WhatSomebodyChangedIsNotThrownAway()
    {
        Run(Text);
        File.WriteAllText(folder["run/one.txt"], "by hand");
        Should.Throw<CheckpointException>(() => Run(Text)).Message.ShouldContain("is not as its step wrote it; --overwrite makes the step again");
        File.ReadAllText(folder["run/one.txt"]).ShouldBe("by hand");
        Run(Text, overwrite: true)[0].ShouldBe(StepAction.Make);
        File.ReadAllText(folder["run/one.txt"]).ShouldBe("0a.");
    }

    [Fact]
    public void AFolderOfSomethingElseIsLeftAlone()
    {
        Directory.CreateDirectory(folder["run"]);
        File.WriteAllText(folder["run/letters.txt"], "dear");
        Should.Throw<CheckpointException>(() => Run(Text)).Message.ShouldContain("has files in it that no run of a recipe wrote");
    }

    [Fact]
    public void AStateThatIsDamagedIsAsGoodAsNone()
    {
        Run(Text);
        foreach (string damage in new[] { "", "{", "[]", "{\"key\":null}", "{\"key\":\"x\",\"files\":[null]}", "{\"key\":\"\\ud800\"}" })
        {
            File.WriteAllText(folder["run/.make/four.json"], damage);
            Run(Text)[3].ShouldBe(StepAction.Make, damage);
        }
    }

    [Fact]
    public void APlanWritesNothingAndSaysWhatWouldBeDone()
    {
        Recipe recipe = Read(Text);
        IReadOnlyList<StepPlan> plan = new RecipeRun(recipe, catalog.Create(), folder["run"]).Plan();
        plan.Select(step => step.Reason).ShouldBe(["", "'one' is made before it", "'two' is made before it", ""]);
        Directory.Exists(folder["run"]).ShouldBeFalse();
        Run(Text);
        new RecipeRun(recipe, catalog.Create(), folder["run"]).Plan().ShouldAllBe(step => step.Action == StepAction.Reuse);
    }

    private StepAction[] Run(string text, bool overwrite = false) =>
        [.. new RecipeRun(Read(text), catalog.Create(), folder["run"]).Run(overwrite: overwrite).Select(outcome => outcome.Action)];

    private Recipe Read(string text)
    {
        File.WriteAllText(folder["recipe.yaml"], text);
        return RecipeReader.Read(folder["recipe.yaml"], catalog.Create());
    }
}
