using System.Text.Json;
using Lapidary.Cli.CommandLine;

namespace Lapidary.Cli.Commands.Evaluation;

/// <summary>Which documents of which tasks are evaluated: <c>{"arc_easy": [0, 7], "piqa": [3]}</c>.</summary>
internal static class ChosenDocuments
{
    private const string Expected = "a JSON object of tasks with lists of document numbers";
    private const long MostBytes = 64 << 20;

    /// <summary>Reads the object, or the file of it.</summary>
    /// <param name="given">The object, or the path of its file.</param>
    /// <param name="tasks">The tasks that are evaluated.</param>
    /// <exception cref="RequestException">It is none, or names a task that is not evaluated.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyList<int>> Read(string given, IEnumerable<string> tasks)
    {
        Dictionary<string, IReadOnlyList<int>> chosen = Parse(given);
        return chosen.Keys.Except(tasks, StringComparer.Ordinal).FirstOrDefault() is { } other
            ? throw RequestException.Expected("--samples", "documents of tasks that --tasks names", $"some of {Quote.Text(other)}")
            : chosen;
    }

    private static Dictionary<string, IReadOnlyList<int>> Parse(string given)
    {
        bool isObject = given.TrimStart().StartsWith('{');
        if (!isObject && (!File.Exists(given) || new FileInfo(given).Length > MostBytes))
        {
            throw RequestException.Expected("--samples", $"{Expected}, or a file of at most {MostBytes >> 20} MiB with one", Quote.Text(given));
        }

        try
        {
            using JsonDocument json = JsonDocument.Parse(isObject ? given : File.ReadAllText(given), new JsonDocumentOptions { MaxDepth = 3 });
            return json.RootElement.EnumerateObject().ToDictionary(
                task => task.Name, task => (IReadOnlyList<int>)[.. task.Value.EnumerateArray().Select(index => index.GetInt32())], StringComparer.Ordinal);
        }
        catch (Exception thrown) when (thrown is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw RequestException.Expected("--samples", Expected, isObject ? Quote.Text(given) : $"something else in {given}");
        }
    }
}
