using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Lapidary.Checkpoints;
using Lapidary.Workbench.Evaluation.Patterns;
using Lapidary.Numerics;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Evaluation;

public sealed class PythonRegexTests
{
    private static readonly JsonNode Fixture = FunctionFixture.Read("patterns.json");

    [Fact]
    public void Matches_are_those_of_Python()
    {
        foreach (JsonNode? row in Fixture["found"]!.AsArray())
        {
            int flags = row![1]!.GetValue<int>();
            RegexOptions options = ((flags & 1) != 0 ? RegexOptions.IgnoreCase : RegexOptions.None) | ((flags & 2) != 0 ? RegexOptions.Multiline : RegexOptions.None);
            var regex = new PythonRegex(row[0]!.GetValue<string>(), options);
            string[][] expected = [.. row[3]!.AsArray().Select(FunctionFixture.Texts)];
            string[][] found = [.. regex.FindAll(row[2]!.GetValue<string>()).Select(match => match.ToArray())];
            found.Select(Joined).ShouldBe(expected.Select(Joined), row.ToJsonString());
            regex.Count(row[2]!.GetValue<string>()).ShouldBe(expected.Length);
            regex.IsMatch(row[2]!.GetValue<string>()).ShouldBe(expected.Length > 0);
        }

        static string Joined(string[] groups) => string.Join('|', groups);
    }

    [Fact]
    public void Characters_beyond_the_first_plane_are_one_as_in_Python()
    {
        JsonNode fixture = FunctionFixture.Read("patterns_of_pairs.json");
        foreach (JsonNode? row in fixture["found"]!.AsArray())
        {
            string[][] expected = [.. row![2]!.AsArray().Select(FunctionFixture.Texts)];
            string[][] found = [.. new PythonRegex(row[0]!.GetValue<string>()).FindAll(row[1]!.GetValue<string>()).Select(match => match.ToArray())];
            found.Select(groups => string.Join('|', groups)).ShouldBe(expected.Select(groups => string.Join('|', groups)), row.ToJsonString());
        }

        foreach (string pattern in FunctionFixture.Texts(fixture["refused"]))
        {
            Refused(pattern);
        }
    }

    [Fact]
    public void What_Python_refuses_is_refused_in_one_sentence()
    {
        foreach (string pattern in FunctionFixture.Texts(Fixture["refused"]))
        {
            Refused(pattern);
        }

        // Both refuse these, or only Python has them.
        Refused("a++");
        Refused(@"(?P<n>a)(?P=m)");
        Refused(@"\U00110000");
        Refused(new string('a', 20_001));
    }

    [Fact]
    public void Escaped_texts_match_themselves()
    {
        foreach (JsonNode? row in Fixture["escaped"]!.AsArray())
        {
            string text = row![0]!.GetValue<string>();
            PythonRegex.Escape(text).ShouldBe(row[1]!.GetValue<string>());
            new PythonRegex(PythonRegex.Escape(text)).FindAll($"x{text}y").ShouldHaveSingleItem()[0].ShouldBe(text);
        }
    }

    [Fact]
    public void A_pattern_that_explodes_is_ended()
    {
        var regex = new PythonRegex("(a*)*b");
        CheckpointException thrown = Should.Throw<CheckpointException>(() => regex.IsMatch(new string('a', 64)));
        thrown.Message.ShouldBe("the regular expression (a*)*b: expected to be done with a text within 2 seconds, found that it takes longer");
    }

    // Each match alone is quick enough, and there are thousands of them.
    [Fact]
    public void A_text_of_many_slow_matches_is_ended()
    {
        var regex = new PythonRegex("(?:a|b|ab)*c|x");
        string text = string.Concat(Enumerable.Repeat(string.Concat(Enumerable.Repeat("ab", 11)) + "x", 20_000));
        foreach (Action search in (Action[])[() => regex.FindAll(text), () => regex.Spans(text), () => regex.Count(text), () => regex.Remove(text)])
        {
            Should.Throw<CheckpointException>(search).Message.ShouldEndWith("expected to be done with a text within 2 seconds, found that it takes longer");
        }
    }

    [Fact]
    public void No_pattern_does_anything_but_compile_or_be_refused()
    {
        const string Letters = "()[]{}|*+?^$.\\-,:<>=!PpdDwWsSbBZAuxU019ab_ (?P<n>(?:(?=";
        var random = new SplitMix64(5);
        for (int i = 0; i < 3_000; i++)
        {
            char[] pattern = new char[1 + random.NextInt(24)];
            for (int at = 0; at < pattern.Length; at++)
            {
                pattern[at] = Letters[random.NextInt(Letters.Length)];
            }

            try
            {
                new PythonRegex(new string(pattern)).Count(i % 2 == 0 ? "ab a_b 0 1\n(x)" : "a\U0001F600b\n(\U0010FFFFx)");
            }
            catch (CheckpointException thrown)
            {
                thrown.Message.ShouldNotContain("\n");
            }
        }
    }

    private static void Refused(string pattern) =>
        Should.Throw<CheckpointException>(() => new PythonRegex(pattern)).Message.ShouldStartWith("the regular expression ");
}
