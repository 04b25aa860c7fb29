using Lapidary.Cli.Terminal;
using Shouldly;
using Xunit;

namespace Lapidary.Cli.Tests.Terminal;

public sealed class MessageTextTests
{
    [Theory]
    [InlineData("one\ntwo", "one")]
    [InlineData("one\\\ntwo\nthree", "one\ntwo")]
    [InlineData("one\\", "one\n")]
    [InlineData("\"\"\"one\n\ntwo\"\"\"\nthree", "one\n\ntwo")]
    [InlineData("\"\"\"\none\n\"\"\"", "one")]
    [InlineData("\"\"\"one\"\"\"", "one")]
    [InlineData("\"\"\"one\ntwo", "one\ntwo")]
    [InlineData("", "")]
    public void AMessageIsPutTogetherFromLines(string typed, string message)
    {
        var lines = new Queue<string>(typed.Split('\n'));
        MessageText.Read(_ => lines.TryDequeue(out string? line) ? line : null).ShouldBe(message);
    }

    [Fact]
    public void WithoutALineThereIsNoMessage() => MessageText.Read(_ => null).ShouldBeNull();

    [Fact]
    public void TheReaderIsToldWhichLinesContinueAMessage()
    {
        var lines = new Queue<string>(["a\\", "b"]);
        var asked = new List<bool>();
        MessageText.Read(continues =>
        {
            asked.Add(continues);
            return lines.Dequeue();
        });

        asked.ShouldBe([false, true]);
    }
}
