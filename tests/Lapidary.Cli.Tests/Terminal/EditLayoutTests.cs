using Lapidary.Cli.Terminal;
using Shouldly;
using Xunit;

namespace Lapidary.Cli.Tests.Terminal;

public sealed class EditLayoutTests
{
    [Fact]
    public void AShortTextStandsBehindItsPrompt() =>
        EditLayout.Of("> ", "- ", "abc", 1, 10).ShouldBe(new EditLayout("> abc", 0, 3, 0));

    [Fact]
    public void ALongTextGoesOnInTheNextRow() =>
        EditLayout.Of("> ", "- ", "abcdef", 6, 5).ShouldBe(new EditLayout("> abc\r\ndef", 1, 3, 1));

    [Fact]
    public void ACursorBehindAFullRowStandsInTheNextOne() =>
        EditLayout.Of("> ", "- ", "abc", 3, 5).ShouldBe(new EditLayout("> abc\r\n", 1, 0, 1));

    [Fact]
    public void ACursorBetweenTwoRowsStandsInTheSecond() =>
        EditLayout.Of("> ", "- ", "abcdef", 3, 5).ShouldBe(new EditLayout("> abc\r\ndef", 1, 0, 1));

    [Fact]
    public void LinesOfTheTextHaveAPromptOfTheirOwn() =>
        EditLayout.Of("> ", "- ", "ab\ncd", 4, 10).ShouldBe(new EditLayout("> ab\r\n- cd", 1, 3, 1));

    [Fact]
    public void WideCharactersTakeTwoColumnsAndAreNotCut() =>
        EditLayout.Of("> ", "- ", "日本", 2, 5).ShouldBe(new EditLayout("> 日\r\n本", 1, 2, 1));

    [Fact]
    public void ControlCharactersAreMadeVisible() =>
        EditLayout.Of("> ", "- ", "a\e[2J", 0, 20).Output.ShouldBe("> a\uFFFD[2J");
}
