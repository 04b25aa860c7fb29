using Lapidary.Pebble.Language;
using Shouldly;
using Xunit;

namespace Lapidary.Pebble.Tests;

/// <summary>The little grammar.</summary>
public sealed class LanguageTests
{
    [Theory]
    [InlineData("apple", "an apple", "apples")]
    [InlineData("cherry", "a cherry", "cherries")]
    [InlineData("brush", "a brush", "brushes")]
    [InlineData("goose", "a goose", "geese")]
    [InlineData("scarf", "a scarf", "scarves")]
    [InlineData("fox cub", "a fox cub", "fox cubs")]
    [InlineData("compass", "a compass", "compasses")]
    [InlineData("umbrella", "an umbrella", "umbrellas")]
    public void NounsGetArticlesAndPlurals(string noun, string article, string plural)
    {
        English.WithArticle(noun).ShouldBe(article);
        English.Plural(noun).ShouldBe(plural);
    }

    [Fact]
    public void SlotsAreFilledAndSentencesBeginWithCapitals() =>
        Template.Fill("{a:x} is here. {s:x} are there! \"why?\" asked {P}. 3 {s:y} left.", new Dictionary<string, string> { ["x"] = "owl", ["P"] = "Mira", ["y"] = "penny" })
            .ShouldBe("An owl is here. Owls are there! \"Why?\" asked Mira. 3 pennies left.");

    [Theory]
    [InlineData("{z}")]
    [InlineData("{x")]
    [InlineData("{q:x}")]
    public void AWrongTemplateIsAnError(string template) =>
        Should.Throw<InvalidOperationException>(() => Template.Fill(template, new Dictionary<string, string> { ["x"] = "owl" }));

    [Fact]
    public void ComparisonOfTextsSeesWordsAndSums() =>
        English.Normalize("What is 3 + 4?\nWell: \"Seven\"!").ShouldBe("what is 3 + 4 well seven");
}
