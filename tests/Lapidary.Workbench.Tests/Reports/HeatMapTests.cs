using System.Xml.Linq;
using Lapidary.Workbench.Reports;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Reports;

public sealed class HeatMapTests
{
    private const string Space = "{http://www.w3.org/2000/svg}";

    [Fact]
    public void Every_cell_says_its_number_and_is_darker_the_larger_it_is()
    {
        XElement svg = XDocument.Parse(new HeatMap
        {
            Title = "Zeros", Columns = ["q", "k"], Rows = ["0", "1"], RowLabel = "layer", Values = [[0, 0.125], [1, null]],
        }.ToSvg()).Root!;
        string[] texts = [.. svg.Descendants(Space + "text").Select(text => text.Value)];
        texts.ShouldBe(["Zeros", string.Empty, "layer", "q", "k", "0", "0.0", "12.5", "1", "100.0", "\u2013", "0 %", "100 %"]);
        double[] opacities = [.. svg.Descendants(Space + "rect").Skip(1).Take(3).Select(cell => double.Parse(cell.Attribute("style")!.Value.Split(':')[^1], System.Globalization.CultureInfo.InvariantCulture))];
        opacities.ShouldBe(opacities.Order());
        svg.ToString().ShouldContain("prefers-color-scheme:dark");
        svg.ToString().ShouldNotContain("href");
    }

    [Theory]
    [InlineData("a < b & \"c\" > 'd' ]]>")]
    [InlineData("control \u0000\u001b[31m, half \ud800 of a pair")]
    public void Texts_from_elsewhere_are_escaped(string text)
    {
        var map = new HeatMap { Title = text, Subtitle = text, Description = text, RowLabel = text, Columns = [text], Rows = [text], Values = [[double.NaN]] };
        XDocument.Parse(map.ToSvg()).Root!.Element(Space + "title")!.Value.Length.ShouldBe(text.Length);
    }

    [Fact]
    public void Cells_that_do_not_fit_are_refused_and_an_empty_map_is_drawn()
    {
        Should.Throw<InvalidOperationException>(() => new HeatMap { Title = "x", Columns = ["a"], Rows = [], Values = [[1]] }.ToSvg());
        XDocument.Parse(new HeatMap { Title = "x", Columns = [], Rows = [], Values = [] }.ToSvg()).Root!.Name.LocalName.ShouldBe("svg");
    }
}
