using System.Text.Json;

namespace Lapidary.Text.Data.Rows;

/// <summary>Values of a row's columns, each with its check.</summary>
internal static class RowValue
{
    /// <summary>A text, which may be empty.</summary>
    /// <exception cref="UnusableRowException">The column holds something else.</exception>
    public static string Text(JsonElement row, string column)
    {
        JsonElement value = row.GetProperty(column);
        return value.ValueKind == JsonValueKind.String ? value.GetString()!
            : throw new UnusableRowException($"has as {column} {Describe(value)} where a text was expected");
    }

    /// <summary>A text with something in it.</summary>
    /// <exception cref="UnusableRowException">The column holds something else.</exception>
    public static string FilledText(JsonElement row, string column) => Text(row, column) is { } text && !string.IsNullOrWhiteSpace(text) ? text
        : throw new UnusableRowException($"has an empty {column}");

    /// <summary>A list of whole numbers; null where the column is not there or null and may be.</summary>
    /// <exception cref="UnusableRowException">The column holds something else.</exception>
    public static int[]? Numbers(JsonElement row, string column)
    {
        bool isRequired = column == RowColumns.Tokens;
        if (!row.TryGetProperty(column, out JsonElement list) || (list.ValueKind == JsonValueKind.Null && !isRequired))
        {
            return null;
        }

        if (list.ValueKind != JsonValueKind.Array)
        {
            throw new UnusableRowException($"has as {column} {Describe(list)} where an array of whole numbers was expected");
        }

        int[] numbers = new int[list.GetArrayLength()];
        int at = 0;
        foreach (JsonElement item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt32(out numbers[at]))
            {
                throw new UnusableRowException($"has as {column}[{at}] {Describe(item)} where a whole number was expected");
            }

            at++;
        }

        return numbers;
    }

    /// <summary>What a value is, as errors say it.</summary>
    public static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => value.GetRawText() is { Length: <= 30 } number ? number : "a number",
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => "null",
    };
}
