using System.Text;
using Lapidary.Checkpoints;
using Lapidary.Text.Data.Parquet;
using Lapidary.Text.Data.Rows;

namespace Lapidary.Text.Data.Files;

/// <summary>Finds data files and tells their formats apart.</summary>
internal static class DataFile
{
    private const string ParquetExtension = ".parquet";

    private static readonly string[] Extensions = [".jsonl", ".ndjson", ".json", ".csv", ".txt", ParquetExtension];

    // What people have beside text, with the bytes that it begins with.
    private static readonly (byte[] Magic, string Name)[] Foreign =
    [
        ([.. "PAR1"u8], "a Parquet file"), ([.. "ARROW1"u8], "an Arrow file"), ([0x1F, 0x8B], "compressed with gzip"),
        ([0x28, 0xB5, 0x2F, 0xFD], "compressed with Zstandard"), ([.. "PK\x03\x04"u8], "a ZIP archive"),
        ([0xFF, 0xFE], "text in UTF-16"), ([0xFE, 0xFF], "text in UTF-16"),
    ];

    /// <summary>The files at a path: the file itself, or those of a folder whose names end as those of data do, in ordinal order.</summary>
    /// <exception cref="TrainingDataException">There is none.</exception>
    public static string[] List(string path)
    {
        if (!Directory.Exists(path))
        {
            return [path];
        }

        try
        {
            string[] files = [.. Directory.EnumerateFiles(path).Where(IsData).Order(StringComparer.Ordinal)];
            return files.Length > 0 ? files
                : throw new TrainingDataException(path, $"has no file that ends in {string.Join(", ", Extensions[..^1])} or {Extensions[^1]}");
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            throw new TrainingDataException(path, $"cannot be listed: {thrown.Message.TrimEnd('.')}", thrown);
        }
    }

    /// <summary>Opens a file.</summary>
    /// <exception cref="TrainingDataException">It cannot be opened.</exception>
    public static Stream Open(string path) => Guard(() => InputFile.OpenRead(path));

    /// <summary>What errors count in a file: rows of Parquet, lines of everything else.</summary>
    public static string UnitOf(string path) => IsParquet(path) ? "row" : "line";

    /// <summary>The rows of a file, as they are asked for.</summary>
    /// <param name="stream">The file, disposed in the end.</param>
    /// <param name="path">What it is called.</param>
    /// <param name="unit">What is one document in plain text.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="TrainingDataException">The file is empty or holds something else.</exception>
    public static IEnumerable<RawRow> Rows(Stream stream, string path, TextUnit unit, CancellationToken cancellation)
    {
        using Stream owned = stream;
        if (IsParquet(path))
        {
            using ParquetFile file = Guard(() => ParquetFile.Open(stream, path));
            using IEnumerator<RawRow> rows = file.Rows(cancellation).GetEnumerator();
            while (Guard(rows.MoveNext))
            {
                yield return rows.Current;
            }

            yield break;
        }

        using var source = new ByteSource(stream, path, cancellation);
        foreach (RawRow row in TextRows(source, path, unit))
        {
            yield return row;
        }
    }

    /// <summary>The first bytes of a file of text, behind a byte order mark, which is taken; to be called before anything is taken.</summary>
    /// <exception cref="TrainingDataException">The file holds something else than text in UTF-8.</exception>
    public static ReadOnlySpan<byte> FirstText(ByteSource source, string path)
    {
        ReadOnlySpan<byte> first = source.PeekFirst();
        foreach ((byte[] magic, string name) in Foreign)
        {
            if (first.StartsWith(magic))
            {
                throw new TrainingDataException(path, $"is {name} where JSON, CSV or text in UTF-8 was expected");
            }
        }

        if (first.Contains((byte)0))
        {
            throw new TrainingDataException(path, "holds bytes of zero where JSON, CSV or text in UTF-8 was expected");
        }

        if (!first.StartsWith("\uFEFF"u8))
        {
            return first;
        }

        source.Take(3);
        return first[3..];
    }

    private static IEnumerable<RawRow> TextRows(ByteSource source, string path, TextUnit unit)
    {
        ReadOnlySpan<byte> first = FirstText(source, path);
        if (first.IsEmpty)
        {
            throw new TrainingDataException(path, "is empty where rows to train on were expected");
        }

        return FormatOf(path, first) switch
        {
            DataFormat.JsonLines => JsonLines.Read(source),
            DataFormat.JsonArray => JsonArray.Read(source),
            DataFormat.Csv => CsvRecords.Read(source, path),
            _ => PlainText.Read(source, unit),
        };
    }

    private static T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (CheckpointException thrown) when (thrown is not TrainingDataException)
        {
            throw new TrainingDataException(thrown.Path, thrown.Fact, thrown);
        }
    }

    // Parquet has its table of contents at its end, so the name decides.
    private static bool IsParquet(string path) => path.EndsWith(ParquetExtension, StringComparison.OrdinalIgnoreCase);

    private static bool IsData(string path) =>
        Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase) && !Path.GetFileName(path).StartsWith('.');

    // Text and CSV may begin with anything, so there the name decides; what begins like JSON is that, and a header names known columns.
    private static DataFormat FormatOf(string path, ReadOnlySpan<byte> first)
    {
        ReadOnlySpan<byte> content = first.TrimStart(" \t\r\n"u8);
        return Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".TXT" => DataFormat.PlainText,
            ".CSV" => DataFormat.Csv,
            _ when content.StartsWith("["u8) => DataFormat.JsonArray,
            ".JSON" or ".JSONL" or ".NDJSON" => DataFormat.JsonLines,
            _ when content.StartsWith("{"u8) => DataFormat.JsonLines,
            _ => IsHeader(first) ? DataFormat.Csv : DataFormat.PlainText,
        };
    }

    private static bool IsHeader(ReadOnlySpan<byte> first)
    {
        int end = first.IndexOf((byte)'\n');
        string[] names = [.. Encoding.UTF8.GetString(end < 0 ? first : first[..end]).Split(',').Select(name => name.Trim().Trim('"'))];
        return RowColumns.KindOf(names.Contains) is not null;
    }
}
