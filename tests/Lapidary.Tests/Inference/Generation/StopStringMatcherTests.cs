using FsCheck;
using FsCheck.Fluent;
using Lapidary.Inference.Generation;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Inference.Generation;

public class StopStringMatcherTests
{
    [Fact]
    public void A_stop_string_across_pieces_ends_the_text_before_it()
    {
        var matcher = new StopStringMatcher(["</s>", "STOP"]);
        matcher.Append("Hello <").ShouldBe("Hello ");
        matcher.Append("/").ShouldBe(string.Empty);
        matcher.Append("b> ST").ShouldBe("</b> ");
        matcher.Append("O").ShouldBe(string.Empty);
        matcher.Append("P and more").ShouldBe(string.Empty);
        matcher.Found.ShouldBe("STOP");
        matcher.Append("nothing more").ShouldBe(string.Empty);
        matcher.Flush().ShouldBe(string.Empty);
    }

    [Fact]
    public void What_was_held_back_comes_at_the_end()
    {
        var matcher = new StopStringMatcher(["aab"]);
        matcher.Append("caa").ShouldBe("c");
        matcher.Append("a").ShouldBe("a");
        matcher.Flush().ShouldBe("aa");
        matcher.Found.ShouldBeNull();
    }

    [Fact]
    public void Of_two_that_end_together_the_longer_one_counts()
    {
        var matcher = new StopStringMatcher(["b", "ab"]);
        matcher.Append("xab").ShouldBe("x");
        matcher.Found.ShouldBe("ab");
    }

    [Fact]
    public void An_empty_stop_string_is_refused() =>
        Should.Throw<ArgumentException>(() => new StopStringMatcher(["a", ""])).Message.ShouldContain("empty");

    [Fact]
    public void No_character_is_lost_no_stop_string_comes_out_and_the_pieces_do_not_matter()
    {
        // Two letters, so that overlaps and near misses are everywhere.
        Gen<string> Text(int most) => from length in Gen.Choose(1, most)
                                      from letters in Gen.Elements('a', 'b', '\n').ArrayOf(length)
                                      select new string(letters);
        Gen<(string[] Pieces, string[] Stops)> cases =
            from pieces in Text(4).ArrayOf()
            from count in Gen.Choose(0, 4)
            from stops in Text(6).ArrayOf(count)
            select (pieces, stops);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(5000), Prop.ForAll(cases.ToArbitrary(), test =>
        {
            string whole = string.Concat(test.Pieces);
            (string expected, string? stop) = Definition(whole, test.Stops);
            (string output, string? found) = Run(test.Pieces, test.Stops);
            (string single, string? foundSingle) = Run([.. whole.Select(letter => letter.ToString())], test.Stops);
            return (output, found) == (expected, stop) && (single, foundSingle) == (expected, stop)
                && !test.Stops.Any(text => output.Contains(text, StringComparison.Ordinal))
                && (stop is null ? output == whole : whole.StartsWith(output + stop, StringComparison.Ordinal));
        }));
    }

    private static (string Output, string? Found) Run(string[] pieces, string[] stops)
    {
        var matcher = new StopStringMatcher(stops);
        string output = string.Concat(pieces.Select(matcher.Append)) + matcher.Flush();
        return (output, matcher.Found);
    }

    // Letter by letter: the first place where a stop string is complete, and the longest that is complete there.
    private static (string Output, string? Found) Definition(string text, string[] stops)
    {
        for (int end = 1; end <= text.Length; end++)
        {
            string? found = stops.Where(stop => text[..end].EndsWith(stop, StringComparison.Ordinal)).MaxBy(stop => stop.Length);
            if (found is not null)
            {
                return (text[..(end - found.Length)], found);
            }
        }

        return (text, null);
    }
}
