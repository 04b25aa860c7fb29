using System.Text;

namespace Lapidary.Cli.Terminal;

/// <summary>
/// Puts a message together from lines: one line; or lines that end with a backslash, but for the last; or everything between two
/// marks of three quotation marks.
/// </summary>
internal static class MessageText
{
    private const string Mark = "\"\"\"";

    /// <summary>Reads a message.</summary>
    /// <param name="readLine">Gives the next line, told whether it continues a message; null at the end or where the user dropped it.</param>
    /// <returns>The message, or null if there was no line.</returns>
    public static string? Read(Func<bool, string?> readLine)
    {
        string? first = readLine(false);
        if (first is null)
        {
            return null;
        }

        return first.TrimStart().StartsWith(Mark, StringComparison.Ordinal)
            ? ReadBlock(first.TrimStart()[Mark.Length..], readLine)
            : ReadContinued(first, readLine);
    }

    private static string ReadBlock(string line, Func<bool, string?> readLine)
    {
        var text = new StringBuilder();
        for (string? next = line; next is not null; next = readLine(true))
        {
            int end = next.IndexOf(Mark, StringComparison.Ordinal);
            if (end >= 0)
            {
                return text.Append(next, 0, end).ToString().Trim('\n');
            }

            text.Append(next).Append('\n');
        }

        return text.ToString().Trim('\n');
    }

    private static string ReadContinued(string line, Func<bool, string?> readLine)
    {
        var text = new StringBuilder();
        for (string? next = line; next is not null; next = readLine(true))
        {
            if (!next.EndsWith('\\'))
            {
                return text.Append(next).ToString();
            }

            text.Append(next, 0, next.Length - 1).Append('\n');
        }

        return text.ToString();
    }
}
