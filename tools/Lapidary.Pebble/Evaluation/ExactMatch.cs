using System.Text.Json;

namespace Lapidary.Pebble.Evaluation;

/// <summary>Whether an answer is the expected one.</summary>
internal static class ExactMatch
{
    /// <summary>Compares texts without the white space around them, and JSON by what it says: keys in any order, numbers by value.</summary>
    public static bool Matches(string expected, string given) =>
        string.Equals(expected.Trim(), given.Trim(), StringComparison.Ordinal) || (expected.StartsWith('{') && SameJson(expected, given));

    private static bool SameJson(string expected, string given)
    {
        try
        {
            using JsonDocument first = JsonDocument.Parse(expected);
            using JsonDocument second = JsonDocument.Parse(given);
            return JsonElement.DeepEquals(first.RootElement, second.RootElement);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
