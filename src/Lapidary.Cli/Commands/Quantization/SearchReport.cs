using System.Globalization;
using Lapidary.Cli.Output;
using Lapidary.Workbench.Compression.Search;

namespace Lapidary.Cli.Commands.Quantization;

/// <summary>What a search for types found.</summary>
internal static class SearchReport
{
    /// <summary>As it stands in a document.</summary>
    public static SearchResult Create(TypeSearchResult found) => new(
        found.BitsPerWeight,
        found.Probes,
        found.Calibration.Value,
        found.Calibration.Uncertainty,
        found.HeldOut.Value,
        found.HeldOut.Uncertainty,
        found.Standard is not { } standard ? null : new StandardMixResult(
            standard.Mix.Name,
            standard.BitsPerWeight,
            standard.Calibration.Value,
            standard.HeldOut.Value,
            standard.HeldOut.Uncertainty,
            standard.Difference.Value,
            standard.Difference.Uncertainty,
            standard.IsChosen));

    /// <summary>Draws it for a reader.</summary>
    public static void Draw(TextReport report, SearchResult search)
    {
        report.Line();
        List<string[]> rows = [["search", Bits(search.BitsPerWeight), Number(search.Calibration), Number(search.HeldOut), Number(search.HeldOutStderr)]];
        if (search.Standard is { } standard)
        {
            rows.Add([standard.Type, Bits(standard.BitsPerWeight), Number(standard.Calibration), Number(standard.HeldOut), Number(standard.HeldOutStderr)]);
        }

        report.Table(["divergence", ">bits", ">calibration", ">held out", ">\u00b1"], rows);
        report.Line();
        report.Line(search.Standard switch
        {
            null => "No standard mix is as small.",
            { Chosen: true } mix => $"Nothing better was found than {mix.Type}, which was taken.",
            { } mix => $"On the part of the text that the search did not see: {Number(mix.Difference)} \u00b1 {Number(mix.DifferenceStderr)} from {mix.Type}.",
        });
    }

    private static string Bits(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString("0.00000", CultureInfo.InvariantCulture);
}
