using Lapidary.Text.Data.Files;

namespace Lapidary.Text.Data;

/// <summary>A row that was left out.</summary>
/// <param name="File">The file that it stands in.</param>
/// <param name="Line">The line where it begins, of Parquet the row, from 1.</param>
/// <param name="Reason">What was expected and what was found, as the rest of a sentence.</param>
public sealed record UnusableRow(string File, int Line, string Reason)
{
    /// <summary>The row and its fault as one sentence.</summary>
    public override string ToString() => $"{File}, {DataFile.UnitOf(File)} {Line}: {Reason}";
}
