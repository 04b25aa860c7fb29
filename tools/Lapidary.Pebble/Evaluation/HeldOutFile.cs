using System.Text;
using System.Text.Json;
using Lapidary.Checkpoints;
using Lapidary.Pebble.Tasks;

namespace Lapidary.Pebble.Evaluation;

/// <summary>Reads a file of a held-out test, one exercise a line.</summary>
internal static class HeldOutFile
{
    private const long SizeLimit = 64L << 20;

    /// <summary>Reads all exercises.</summary>
    /// <exception cref="CheckpointException">The file is missing, too large, or a line is not an exercise.</exception>
    public static List<Exercise> Read(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists || file.Length > SizeLimit)
        {
            throw new CheckpointException(path, file.Exists ? $"has {file.Length} bytes where at most {SizeLimit} were expected" : "does not exist");
        }

        string[] lines = File.ReadAllLines(path, Encoding.UTF8);
        return [.. lines.Select((line, i) => Parse(path, i + 1, line))];
    }

    private static Exercise Parse(string path, int number, string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement row = document.RootElement;
            var exercise = new Exercise(Text(row, "task"), Text(row, "prompt"), Text(row, "answer"));
            if (!row.TryGetProperty("choices", out JsonElement choices))
            {
                return exercise;
            }

            exercise = exercise with { Question = Text(row, "question"), Choices = List(choices), Sentences = List(row.GetProperty("sentences")), Correct = row.GetProperty("correct").GetInt32() };
            return exercise.Choices.Count == MultipleChoice.Options && exercise.Sentences.Count == MultipleChoice.Options && exercise.Correct is >= 0 and < MultipleChoice.Options
                ? exercise
                : throw new FormatException();
        }
        catch (Exception thrown) when (thrown is JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            throw new CheckpointException(path, $"line {number} is not a prompt of a test with its answer", thrown);
        }
    }

    private static string Text(JsonElement row, string name) => row.GetProperty(name).GetString() ?? throw new FormatException();

    private static List<string> List(JsonElement values) => [.. values.EnumerateArray().Select(value => value.GetString() ?? throw new FormatException())];
}
