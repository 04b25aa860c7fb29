using System.Text.Json;
using Lapidary.Workbench.Recipes;

namespace Lapidary.Workbench.Reports.Runs;

/// <summary>Answers of several models to the same questions, from the samples of their evaluations.</summary>
internal static class AnswerTable
{
    private const int MostQuestions = 6;
    private const int LongestLine = 16 * 1024 * 1024;

    /// <summary>The first questions of each task that more than one evaluation asked, with the answers of each; no question is chosen.</summary>
    /// <param name="folder">The folder of the run.</param>
    /// <param name="evaluations">The steps that evaluate.</param>
    public static IReadOnlyList<AnsweredQuestion> Read(string folder, IReadOnlyList<RecipeStep> evaluations)
    {
        var questions = new OrderedDictionary<(string Task, long Id), AnsweredQuestion>();
        foreach (RecipeStep step in evaluations)
        {
            string output = Path.Combine(folder, step.Outputs[0]);
            foreach (string file in SampleFiles(output))
            {
                string task = TaskOf(Path.GetFileNameWithoutExtension(file));
                foreach ((long id, string question, string target, string answer) in Samples(file).Take(MostQuestions))
                {
                    if (!questions.TryGetValue((task, id), out AnsweredQuestion? known))
                    {
                        known = new AnsweredQuestion(task, question, target, []);
                        questions.Add((task, id), known);
                    }

                    known.Answers[step.Name] = answer;
                }
            }
        }

        return [.. questions.Values.Where(question => question.Answers.Count > 1)];
    }

    private static string[] SampleFiles(string results) => Directory.Exists(results)
        ? [.. Directory.EnumerateFiles(results, "samples_*.jsonl", SearchOption.AllDirectories).Order(StringComparer.Ordinal)]
        : [];

    // samples_TASK_TIME
    private static string TaskOf(string name)
    {
        int end = name.LastIndexOf('_');
        return name["samples_".Length..Math.Max("samples_".Length, end)];
    }

    // Tasks whose answers are texts; of those with choices there is nothing to read.
    private static IEnumerable<(long Id, string Question, string Target, string Answer)> Samples(string file)
    {
        foreach (string line in File.ReadLines(file).Where(line => line.Length is > 0 and < LongestLine))
        {
            (long, string, string, string)? sample = Parse(line);
            if (sample is null)
            {
                yield break;
            }

            yield return sample.Value;
        }
    }

    private static (long, string, string, string)? Parse(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            JsonElement root = document.RootElement;
            return root.TryGetProperty("filtered_resps", out JsonElement answers)
                && answers.ValueKind == JsonValueKind.Array && answers.GetArrayLength() > 0 && answers[0].ValueKind == JsonValueKind.String
                && root.GetProperty("arguments").GetProperty("gen_args_0").GetProperty("arg_0") is { ValueKind: JsonValueKind.String } question
                    ? (root.GetProperty("doc_id").GetInt64(), question.GetString()!, root.GetProperty("target").ToString(), answers[0].GetString()!)
                    : null;
        }
        catch (Exception thrown) when (thrown is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}
