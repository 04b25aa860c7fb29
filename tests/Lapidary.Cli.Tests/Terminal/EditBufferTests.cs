using Lapidary.Cli.Terminal;
using Shouldly;
using Xunit;

namespace Lapidary.Cli.Tests.Terminal;

public sealed class EditBufferTests
{
    [Fact]
    public void TheCursorMovesByWhatAReaderTakesForOneCharacter()
    {
        var buffer = new EditBuffer();
        buffer.Insert("ae\u0301\U0001F469\u200D\U0001F4BBz");

        buffer.Left();
        buffer.Left();
        buffer.Cursor.ShouldBe(3);
        buffer.Backspace();
        buffer.Text.ShouldBe("a\U0001F469\u200D\U0001F4BBz");
        buffer.Delete();
        buffer.Text.ShouldBe("az");
        buffer.Right();
        buffer.Right();
        buffer.Cursor.ShouldBe(2);
    }

    [Fact]
    public void WordsAndLinesAreDeletedFromTheCursor()
    {
        var buffer = new EditBuffer();
        buffer.Insert("first line\nsecond  word");

        buffer.DeleteWord();
        buffer.Text.ShouldBe("first line\nsecond  ");
        buffer.Home();
        buffer.Cursor.ShouldBe(11);
        buffer.DeleteToEnd();
        buffer.Text.ShouldBe("first line\n");
        buffer.Left();
        buffer.DeleteToStart();
        buffer.Text.ShouldBe("\n");
    }

    [Fact]
    public void WordsAreSteppedOver()
    {
        var buffer = new EditBuffer();
        buffer.Insert("one two");

        buffer.WordLeft();
        buffer.Cursor.ShouldBe(4);
        buffer.WordLeft();
        buffer.WordLeft();
        buffer.Cursor.ShouldBe(0);
        buffer.WordRight();
        buffer.Cursor.ShouldBe(3);
        buffer.End();
        buffer.WordRight();
        buffer.Cursor.ShouldBe(7);
    }

    [Fact]
    public void NothingHappensAtTheEnds()
    {
        var buffer = new EditBuffer();
        buffer.Backspace();
        buffer.Delete();
        buffer.Left();
        buffer.Right();
        buffer.DeleteWord();
        buffer.DeleteToStart();
        buffer.DeleteToEnd();
        buffer.Home();
        buffer.End();

        buffer.Text.ShouldBeEmpty();
        buffer.Cursor.ShouldBe(0);
    }
}
