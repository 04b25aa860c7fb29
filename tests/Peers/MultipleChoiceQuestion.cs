using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Lapidary.Peers.Tests;

/// <summary>
/// What is asked about one document of a multiple-choice task without examples, written by hand for each task from the published
/// descriptions, without the YAML and the templates of the program under test.
/// </summary>
/// <param name="Requests">Context and continuation of each choice.</param>
/// <param name="Lengths">Characters (Unicode code points) of each choice, by which acc_norm divides.</param>
/// <param name="Right">The right choice.</param>
internal sealed partial record MultipleChoiceQuestion((string Context, string Continuation)[] Requests, int[] Lengths, int Right)
{
    /// <summary>The question of a document as the data set has it.</summary>
    public static MultipleChoiceQuestion Of(string task, JsonObject document)
    {
        string Text(string column) => document[column]!.GetValue<string>();
        int Number(string column) => int.Parse(document[column]!.ToString(), CultureInfo.InvariantCulture);
        string[] Texts(JsonNode? list) => [.. list!.AsArray().Select(item => item!.GetValue<string>())];
        switch (task)
        {
            case "mmlu":
                string[] answers = Texts(document["choices"]);
                return Choose(
                    $"The following are multiple choice questions (with answers) about {Text("subject").Replace('_', ' ')}.\n\n"
                    + $"{Text("question").Trim()}\nA. {answers[0]}\nB. {answers[1]}\nC. {answers[2]}\nD. {answers[3]}\nAnswer:",
                    ["A", "B", "C", "D"],
                    Number("answer"));
            case "hellaswag":
                string second = Text("ctx_b");
                string capital = second.Length == 0 ? second : char.ToUpperInvariant(second[0]) + second[1..].ToLowerInvariant();
                return Choose(
                    WithoutTags($"{Text("activity_label")}: {Text("ctx_a")} {capital}"),
                    [.. Texts(document["endings"]).Select(WithoutTags)],
                    Number("label"));
            case "arc_easy" or "arc_challenge":
                JsonObject choices = document["choices"]!.AsObject();
                return Choose(
                    $"Question: {Text("question")}\nAnswer:", Texts(choices["text"]), Array.IndexOf(Texts(choices["label"]), Text("answerKey")));
            case "boolq":
                return Choose($"{Text("passage")}\nQuestion: {Text("question")}?\nAnswer:", ["no", "yes"], document["label"]!.ToString() is "1" or "true" ? 1 : 0);
            case "piqa":
                return Choose($"Question: {Text("goal")}\nAnswer:", [Text("sol1"), Text("sol2")], Number("label"));
            case "social_iqa":
                return Choose(
                    $"Q: {Text("context")} {Text("question")}\nA:", [Text("answerA"), Text("answerB"), Text("answerC")], Number("label") - 1);
            case "winogrande":
                string[] parts = Text("sentence").Split('_', 2);
                (string, string)[] requests = [(parts[0] + Text("option1"), " " + parts[1].Trim()), (parts[0] + Text("option2"), " " + parts[1].Trim())];
                return new MultipleChoiceQuestion(requests, [1, 1], Number("answer") - 1);
            default:
                throw new ArgumentOutOfRangeException(nameof(task), task, "There is no such task here.");
        }
    }

    private static MultipleChoiceQuestion Choose(string context, string[] choices, int right) =>
        new([.. choices.Select(choice => (context, " " + choice))], [.. choices.Select(choice => choice.EnumerateRunes().Count())], right);

    private static string WithoutTags(string text) => Tag().Replace(text.Trim().Replace(" [title]", ". ", StringComparison.Ordinal), string.Empty)
        .Replace("  ", " ", StringComparison.Ordinal);

    [GeneratedRegex(@"\[.*?\]")]
    private static partial Regex Tag();
}
