using System.Text.Json.Nodes;
using Lapidary.Workbench.Evaluation.Tasks;

namespace Lapidary.Cli.Commands.Evaluation;

/// <summary>A file of prompts as a task with its documents.</summary>
/// <param name="Task">The task.</param>
/// <param name="Documents">The prompts.</param>
internal sealed record PromptSet(EvaluationTask Task, IReadOnlyList<JsonObject> Documents);
