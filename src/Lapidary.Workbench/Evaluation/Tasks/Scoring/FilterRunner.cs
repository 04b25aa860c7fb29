using System.Text.Json.Nodes;
using Lapidary.Text.Jinja;
using Lapidary.Workbench.Evaluation.Functions.BigBenchHard;
using Lapidary.Workbench.Evaluation.Patterns;
using Lapidary.Workbench.Evaluation.Tasks.Configuration;

namespace Lapidary.Workbench.Evaluation.Tasks.Scoring;

/// <summary>Runs pipelines of filters over the answers to all documents.</summary>
internal static class FilterRunner
{
    /// <summary>What a pipeline makes of the answers, one list a document.</summary>
    /// <exception cref="Checkpoints.CheckpointException">A pattern takes too long, or a document is not what a function needs.</exception>
    public static IReadOnlyList<IReadOnlyList<string>> Apply(
        FilterPipeline pipeline, IReadOnlyList<IReadOnlyList<string>> answers, IReadOnlyList<JsonObject> documents)
    {
        foreach (FilterStep step in pipeline.Steps)
        {
            answers = Apply(step, answers, documents);
        }

        return answers;
    }

    private static IReadOnlyList<IReadOnlyList<string>> Apply(
        FilterStep step, IReadOnlyList<IReadOnlyList<string>> answers, IReadOnlyList<JsonObject> documents)
    {
        if (step.Function is { } function)
        {
            return function(answers, documents);
        }

        if (step.Name == "multi_choice_regex")
        {
            return [.. answers.Select((list, i) => new ChoiceSearch(step, documents[i]).Apply(list))];
        }

        return [.. answers.Select(list => Apply(step, list))];
    }

    private static IReadOnlyList<string> Apply(FilterStep step, IReadOnlyList<string> answers) => step.Name switch
    {
        "take_first" => [.. answers.Take(1)],
        "take_first_k" => [.. answers.Take(step.Count)],
        "majority_vote" => Majority(answers),
        "remove_whitespace" => [.. answers.Select(answer => PythonText.Strip(answer, null))],
        "lowercase" => [.. answers.Select(PythonText.Lower)],
        "uppercase" => [.. answers.Select(PythonText.Upper)],
        "map" => [.. answers.Select(answer => step.Mapping.GetValueOrDefault(answer, step.MappingDefault))],
        "regex" => [.. answers.Select(answer => Find(step.Pattern!, step.GroupSelect, answer) ?? step.Fallback)],
        _ => throw new InvalidOperationException($"The filter '{step.Name}' was read but cannot be run."),
    };

    // Of several answers that are equally frequent the one that came first, as Python's Counter has it.
    private static IReadOnlyList<string> Majority(IReadOnlyList<string> answers) =>
        answers.Count == 0 ? [] : [answers.GroupBy(answer => answer, StringComparer.Ordinal).MaxBy(group => group.Count())!.Key];

    /// <summary>The match that is chosen, of several groups the first that is not empty, without white space around it; null for none.</summary>
    private static string? Find(PythonRegex pattern, int selected, string text)
    {
        IReadOnlyList<IReadOnlyList<string>> found = pattern.FindAll(text);
        int index = selected < 0 ? found.Count + selected : selected;
        return (uint)index < (uint)found.Count && PythonRegex.FirstGroup(found[index]) is { } match ? PythonText.Strip(match, null) : null;
    }

    /// <summary>The filter <c>multi_choice_regex</c>: the pattern, else the text of a choice, else its letter behind a colon.</summary>
    private sealed class ChoiceSearch
    {
        private const int MostChoices = 26;

        private readonly PythonRegex pattern;
        private readonly AnswerPattern common;
        private readonly Dictionary<string, string> letterOf = new(StringComparer.Ordinal);
        private readonly PythonRegex byText;
        private readonly PythonRegex byLetter;

        public ChoiceSearch(FilterStep step, JsonObject document)
        {
            pattern = step.Pattern!;
            common = new AnswerPattern(step);
            string[] choices = document["choices"] is JsonArray { Count: > 0 and <= MostChoices } items
                ? [.. items.Select(item => common.Prepare(PythonText.Strip(PythonLiteral.TextOf(item), null)))]
                : throw new Checkpoints.CheckpointException("multi_choice_regex", $"a column 'choices' of 1 to {MostChoices} texts was expected");
            for (int i = 0; i < choices.Length; i++)
            {
                letterOf[choices[i]] = $"({(char)('A' + i)})";
            }

            byText = new PythonRegex(string.Join('|', choices.Select(PythonRegex.Escape)));
            byLetter = new PythonRegex($@":[\s]*({string.Join('|', choices.Select((_, i) => (char)('A' + i)))})");
        }

        public IReadOnlyList<string> Apply(IReadOnlyList<string> answers) => [.. answers.Select(Apply)];

        private string Apply(string answer) => common.Find(pattern, answer) is { } written ? written
            : common.Find(byText, common.Prepare(answer)) is { } told ? letterOf.GetValueOrDefault(told, told)
            : common.Find(byLetter, answer) is { } letter ? $"({letter})"
            : common.Fallback;
    }
}
