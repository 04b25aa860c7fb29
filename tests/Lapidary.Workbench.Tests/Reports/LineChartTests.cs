using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Lapidary.Checkpoints;
using Lapidary.Numerics;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Reports;
using Lapidary.Workbench.Training;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Reports;

public sealed partial class LineChartTests
{
    private const string Space = "{http://www.w3.org/2000/svg}";

    [Fact]
    public void A_chart_stands_alone_and_speaks_for_itself()
    {
        XElement svg = Parse(Chart([new("loss", Points(50, x => 3 / (x + 1)))]));
        svg.Name.ToString().ShouldBe(Space + "svg");
        svg.Attribute("role")!.Value.ShouldBe("img");
        svg.Attribute("viewBox").ShouldNotBeNull();
        svg.Elements().First().Name.LocalName.ShouldBe("title");
        svg.Elements().Skip(1).First().Name.LocalName.ShouldBe("desc");
        string text = svg.ToString();
        text.ShouldContain("prefers-color-scheme:dark");
        text.ShouldNotContain("<script");
        text.ShouldNotContain("url(");
        text.ShouldNotContain("href");
        Regex.Count(text, "http").ShouldBe(1);

        // Every colour but those of the style sheet's variables is a variable.
        foreach (XElement element in svg.Descendants().Where(element => element.Name.LocalName != "style"))
        {
            foreach (XAttribute attribute in element.Attributes().Where(attribute => attribute.Name.LocalName is "style" or "fill" or "stroke"))
            {
                attribute.Value.ShouldMatch(@"^(fill|stroke):var\(--series-\d\)$");
            }
        }
    }

    [Theory]
    [InlineData("a < b & \"c\" > 'd' ]]>")]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("control \u0000\u0007\u001b[31m, half \ud800 of a pair, \ufffe")]
    [InlineData("\U0001F48E a whole pair")]
    public void Texts_from_elsewhere_are_escaped(string text)
    {
        var chart = new LineChart
        {
            Title = text,
            Subtitle = text,
            Description = text,
            XLabel = text,
            Panels = [new ChartPanel(text, [new ChartSeries(text, Points(3, x => x))])],
        };
        XElement svg = Parse(chart);
        svg.Descendants().ShouldAllBe(element => element.Name.LocalName != "script");
        string shown = svg.Element(Space + "title")!.Value;
        shown.Length.ShouldBe(text.Length);
        if (!text.Contains('\0', StringComparison.Ordinal))
        {
            shown.ShouldBe(text);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Few_points_are_drawn(int count)
    {
        XElement svg = Parse(Chart([new("loss", Points(count, x => x + 1)), new("other", [])]));
        svg.Descendants(Space + "circle").Count().ShouldBe(count == 1 ? 1 : 0);
        svg.Descendants(Space + "text").Any(text => text.Value == "no data").ShouldBe(count == 0);
        Parse(new LineChart { Title = "empty", XLabel = "x", Panels = [] });
    }

    /// <summary>Values that lines trip over: constants, not finite, huge, tiny, negative.</summary>
    public static TheoryData<string, double[]> Awkward => new()
    {
        { "constant", [2.5, 2.5, 2.5] },
        { "constant zero", [0, 0, 0] },
        { "constant with rounding", [1, 1 + 1e-16, 1 - 1e-16] },
        { "not a number", [double.NaN, 1, double.NaN, 2, double.PositiveInfinity, 3, double.NegativeInfinity] },
        { "nothing but that", [double.NaN, double.NaN] },
        { "huge", [double.MaxValue, double.MinValue, 1e149, -1e149] },
        { "tiny", [double.Epsilon, 1e-300, 1e-310] },
        { "negative", [-5, -1, -1e6] },
        { "very different", [1e-140, 1, 1e140] },
    };

    [Theory]
    [MemberData(nameof(Awkward))]
    public void Awkward_numbers_give_a_chart(string name, double[] values)
    {
        foreach (bool logarithmic in (bool[])[false, true])
        {
            ChartPoint[] points = [.. values.Select((value, i) => new ChartPoint(i + 1, value))];
            ChartPoint[] turned = [.. values.Select((value, i) => new ChartPoint(value, i + 1))];
            ChartBand[] band = [.. values.Select((value, i) => new ChartBand(i + 1, value, value + 1))];
            var chart = new LineChart
            {
                Title = name,
                XLabel = "x",
                LogarithmicX = logarithmic,
                Panels =
                [
                    new ChartPanel("y", [new ChartSeries("a", points) { Band = band }, new ChartSeries("b", turned)]) { LogarithmicY = logarithmic },
                    new ChartPanel("y", [new ChartSeries("c", points) { Style = ChartSeriesStyle.Points }]) { FromZero = true },
                ],
            };
            Parse(chart);
        }
    }

    [Fact]
    public void A_hundred_thousand_points_stay_a_small_file_that_keeps_the_peaks()
    {
        var random = new SplitMix64(1);
        ChartPoint[] points = [.. Enumerable.Range(0, 100_000).Select(i => new ChartPoint(i, i == 54_321 ? 9 : i % 7 == 0 ? double.NaN : random.NextDouble()))];
        string svg = Chart([new("loss", points)]).ToSvg();
        svg.Length.ShouldBeLessThan(80_000);

        // The lone peak is the highest point of the picture: the top of the panel, 4 % of the range below its edge.
        XElement line = XElement.Parse(svg).Descendants(Space + "path").Single(path => path.Attribute("class")!.Value == "lapidary-line");
        double highest = Coordinates().Matches(line.Attribute("d")!.Value).Min(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
        highest.ShouldBe(74 + (300 * 0.04 / 1.08), 0.2);
    }

    [Fact]
    public void Labels_do_not_overlap()
    {
        ChartSeries[] series = [.. Enumerable.Range(0, 8).Select(i => new ChartSeries($"series {i}", Points(10, x => x + (i * 0.01))))];
        XElement svg = Parse(Chart(series));
        double[] heights = [.. svg.Descendants(Space + "text")
            .Where(text => text.Attribute("class")?.Value == "lapidary-label")
            .Select(text => double.Parse(text.Attribute("y")!.Value, CultureInfo.InvariantCulture))
            .Order()];
        heights.Length.ShouldBe(8);
        heights.Zip(heights.Skip(1), (a, b) => b - a).ShouldAllBe(distance => distance > 16.8);
        svg.Descendants(Space + "path").Count(path => path.Attribute("stroke-dasharray") is not null).ShouldBe(2);
    }

    [Fact]
    public void Labels_move_no_further_than_they_must()
    {
        ChartLabels.Spread([10, 100, 200], 17, 0, 300).ShouldBe([10, 100, 200]);
        ChartLabels.Spread([100, 100], 17, 0, 300).ShouldBe([100, 117]);
        ChartLabels.Spread([299, 298], 17, 0, 300).ShouldBe([300, 283]);
        ChartLabels.Spread([5, 5, 5], 17, 0, 30).ShouldBe([0, 17, 34]);
        ChartLabels.Spread([], 17, 0, 30).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(0, 1000, 5, "0,200,400,600,800,1000")]
    [InlineData(0, 43_210, 5, "0,10k,20k,30k,40k")]
    [InlineData(0, 3_000_000, 6, "0,0.5M,1.0M,1.5M,2.0M,2.5M,3.0M")]
    [InlineData(1.93, 2.41, 5, "2.0,2.1,2.2,2.3,2.4")]
    [InlineData(0, 2e-4, 2, "0,1e-4,2e-4")]
    [InlineData(-1, 1, 4, "-1.0,-0.5,0,0.5,1.0")]
    public void Ticks_are_round(double low, double high, int count, string expected)
    {
        ChartAxis axis = ChartAxis.Over([low, high], logarithmic: false, fromZero: false, margin: 0);
        axis.Ticks(count).Select(tick => tick.Text).ShouldBe(expected.Split(','));
        axis.Ticks(count).ShouldAllBe(tick => axis.Position(tick.Value) >= -1e-6 && axis.Position(tick.Value) <= 1 + 1e-6);
    }

    [Theory]
    [InlineData(1, 1e6, "1,10,100,1k,10k,100k,1M")]
    [InlineData(1, 100, "1,2,5,10,20,50,100")]
    [InlineData(2, 3, "2.0,2.2,2.4,2.6,2.8,3.0")]
    [InlineData(1e-4, 1e-2, "1e-4,2e-4,5e-4,0.001,0.002,0.005,0.01")]
    public void Logarithmic_ticks_are_round(double low, double high, string expected)
    {
        ChartAxis axis = ChartAxis.Over([low, high], logarithmic: true, fromZero: false, margin: 0);
        axis.Ticks(6).Select(tick => tick.Text).ShouldBe(expected.Split(','));
        axis.Position(Math.Sqrt(low * high)).ShouldBe(0.5, 1e-12);
    }

    [Fact]
    public void A_run_gets_its_chart()
    {
        using var folder = new TemporaryFolder();
        using (var log = new MetricsLog(folder.Path, null))
        {
            for (int step = 1; step <= 200; step++)
            {
                log.Write(new MetricsEntry { Step = step, Loss = step == 7 ? double.NaN : 4.0 / step, LearningRate = 1e-3, Tokens = step * 100L });
                if (step % 50 == 0)
                {
                    log.Write(new MetricsEntry { Step = step, ValidationLoss = 2 + Math.Abs(step - 150) });
                }
            }
        }

        string path = LossChart.Write(folder.Path, "Tuning <Pebble>");
        path.ShouldBe(folder["loss.svg"]);
        XElement svg = XElement.Load(path);
        svg.Descendants(Space + "circle").Count().ShouldBe(4);
        svg.ToString().ShouldContain("200 steps · 20,000 tokens · best validation loss 2.00 at step 150");
        svg.Element(Space + "desc")!.Value.ShouldContain("The training loss goes from 4.00 to 0.02");
        LossChart.Write(folder.Path).ShouldBe(path);
        Directory.GetFiles(folder.Path).Length.ShouldBe(2);
    }

    [Theory]
    [InlineData(false, 2)]
    [InlineData(true, 3)]
    public void The_share_of_zeros_has_a_panel_where_zeros_are_held(bool held, int panels)
    {
        MetricsEntry[] entries =
        [
            .. Enumerable.Range(1, 20).Select(step => new MetricsEntry { Step = step, Loss = 2, LearningRate = 1e-3, Sparsity = held ? step / 40.0 : null }),
        ];

        LossChart.Create(entries, "Pruning").Panels.Count.ShouldBe(panels);
    }

    [Fact]
    public void A_run_of_no_steps_gets_its_chart_too()
    {
        using var folder = new TemporaryFolder();
        Should.Throw<CheckpointException>(() => LossChart.Write(folder.Path)).Message.ShouldEndWith("metrics.jsonl: does not exist");
        using (new MetricsLog(folder.Path, null))
        {
        }

        LossChart.Write(folder.Path);
        XElement.Load(folder["loss.svg"]).Descendants(Space + "text").ShouldContain(text => text.Value == "no data");
    }

    private static ChartPoint[] Points(int count, Func<double, double> value) =>
        [.. Enumerable.Range(0, count).Select(i => new ChartPoint(i, value(i)))];

    private static LineChart Chart(IReadOnlyList<ChartSeries> series) =>
        new() { Title = "Loss", XLabel = "step", Panels = [new ChartPanel("nats", series)] };

    // Well-formed, everything in one namespace, every number a number.
    private static XElement Parse(LineChart chart)
    {
        string text = chart.ToSvg();
        XElement svg = XElement.Parse(text);
        svg.DescendantsAndSelf().ShouldAllBe(element => element.Name.NamespaceName == "http://www.w3.org/2000/svg");
        foreach (XAttribute attribute in svg.DescendantsAndSelf().Attributes().Where(attribute => attribute.Name.LocalName is "d" or "x" or "y" or "cx" or "cy" or "viewBox" or "width" or "height"))
        {
            attribute.Value.ShouldMatch(@"^[MLHhvZ0-9 .%-]+$", attribute.ToString());
        }

        Encoded(text).ShouldBe(chart.ToBytes());
        return svg;
    }

    private static byte[] Encoded(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    [GeneratedRegex(@"[ML][\d.]+ ([\d.]+)")]
    private static partial Regex Coordinates();
}
