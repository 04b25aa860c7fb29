namespace Lapidary.Workbench.Reports.Runs;

/// <summary>A question with the answers of several models.</summary>
/// <param name="Task">The task.</param>
/// <param name="Question">The prompt as the model saw it.</param>
/// <param name="Target">The answer that is wanted.</param>
/// <param name="Answers">The answers, by step.</param>
internal sealed record AnsweredQuestion(string Task, string Question, string Target, Dictionary<string, string> Answers);
