using System.Reflection;
using System.Text.Json.Nodes;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Models;
using Lapidary.Cli.Output;
using Lapidary.Inference.Generation;
using Lapidary.Inference.Scoring;
using Lapidary.Numerics.Simd;
using Lapidary.Text;
using Lapidary.Workbench.Evaluation.Requests;
using Lapidary.Workbench.Evaluation.Results;
using Lapidary.Workbench.Evaluation.Running;
using Lapidary.Workbench.Evaluation.Tasks;
using GenerationRequest = Lapidary.Workbench.Evaluation.Requests.GenerationRequest;

namespace Lapidary.Cli.Commands.Evaluation;

/// <summary>From the scores of tasks to the records that results files and tables are made of.</summary>
internal sealed class EvaluationReport(Invocation invocation, EvaluationInput input, TextGenerator model, string name)
{
    /// <summary>When the evaluation began.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>How long it took.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>The file of responses; null for none.</summary>
    public required string? Cache { get; init; }

    /// <summary>Tokens that the model saw at most.</summary>
    public required int MaxLength { get; init; }

    /// <summary>How fast the model answered.</summary>
    public required RunPerformance Performance { get; init; }

    /// <summary>Whether the prompts of <c>--prompts</c> were asked through a chat template; null where there are none.</summary>
    public bool? PromptsConverse { get; init; }

    /// <summary>Whether nothing else than prompts of <c>--prompts</c> was asked.</summary>
    public bool HasPromptsAlone { get; init; }

    /// <summary>The records.</summary>
    /// <param name="selection">What was asked for.</param>
    /// <param name="scores">The scores of its tasks.</param>
    /// <param name="texts">The results of texts, which stand behind those of the tasks.</param>
    public EvaluationResults Create(TaskSelection selection, IReadOnlyList<TaskScores> scores, IReadOnlyList<TaskResult> texts)
    {
        var byName = scores.ToDictionary(score => score.Plan.Task.Name, StringComparer.Ordinal);
        IReadOnlyDictionary<string, GroupScores> aggregated =
            selection.ScoreGroups(byName).ToDictionary(group => group.Group.Name, StringComparer.Ordinal);
        return new EvaluationResults(
            Run(),
            [.. scores.Select(Task), .. texts],
            [.. selection.Groups.Select(group => Group(group, aggregated.GetValueOrDefault(group.Name)))]);
    }

    private RunInfo Run()
    {
        (string Text, int Id)? Piece(int? id) => id is int token ? (model.Tokenizer.PieceOf(token), token) : null;
        Tokenizer tokenizer = model.Tokenizer;
        string? version = typeof(EvaluationRunner).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        return new RunInfo
        {
            ModelArguments = ModelArguments(),
            ModelName = name,
            ParameterCount = ModelSummary.Parameters(model.Model.Checkpoint).Total,
            DataType = ModelSummary.Types(model.Model.Checkpoint)[0].Type.ToLowerInvariant(),
            BatchSize = input.BatchSize(invocation) is int size ? size : "auto",
            RequestCache = Cache,
            Limit = input.Limit(invocation),
            FewShot = input.FewShot(invocation),
            BootstrapIterations = input.Bootstrap(invocation),
            GenerationArguments = input.GenerationText(invocation),
            Seeds = input.Seeds(invocation),
            Modes = Modes(),
            Performance = Performance,
            ProgramRevision = version?.Split('+') is [_, string revision] ? revision : null,
            Started = Started,
            Duration = Duration,
            Version = version?.Split('+')[0],
            PadToken = Piece(tokenizer.PadId),
            EndToken = Piece(tokenizer.EosId),
            BeginToken = Piece(tokenizer.BosId),
            EndOfTextId = tokenizer.EosId,
            MaxLength = MaxLength,
            SystemInstruction = input.System(invocation),
            FewShotAsMultiturn = input.Multiturn(invocation) ?? input.AppliesTemplate(invocation),
            ChatTemplate = (HasPromptsAlone ? PromptsConverse == true : input.AppliesTemplate(invocation)) ? model.Template!.Source : null,
        };
    }

    private string ModelArguments() => string.Join(',', new[] { $"pretrained={name}" }.Concat(
        (input.Adapters.Report(invocation) ?? []).Select(adapter => FormattableString.Invariant($"peft={adapter.Path}:{adapter.Scale:R}"))));

    // What differs from the harness on purpose, or may.
    private JsonObject Modes()
    {
        var modes = new JsonObject
        {
            ["score_precision"] = input.Precision(invocation) == ScorePrecision.BFloat16 ? "bfloat16" : "float32",
            ["perplexity"] = input.IsClean(invocation) ? "clean" : "with_bos",
            ["limit_mode"] = input.ModeOfLimit(invocation) == LimitMode.Random ? "random" : "first",
            ["instruction_set"] = VectorDispatch.InstructionSet,
        };
        if (PromptsConverse is bool converse)
        {
            modes["prompts"] = converse ? "chat_template" : "raw";
        }

        return modes;
    }

    private static TaskResult Task(TaskScores scores)
    {
        TaskPlan plan = scores.Plan;
        return new TaskResult(plan.Task.Name)
        {
            Alias = plan.Task.Alias,
            Version = plan.Task.Version?.DeepClone(),
            FewShot = plan.FewShotCount,
            Metrics = [.. scores.Metrics.Select(Metric)],
            OriginalCount = plan.OriginalCount,
            EffectiveCount = plan.Documents.Count,
            Configuration = plan.Task.Describe(),
            Samples = scores.Documents.Select(score => Sample(plan, score)),
        };
    }

    private static GroupResult Group(TaskGroup group, GroupScores? scores) => new(group.Name, [.. group.Children.Select(child => child.Name)])
    {
        Alias = group.Alias,
        Version = group.Version?.DeepClone(),
        SampleCount = scores?.SampleCount ?? 0,
        Metrics = [.. (scores?.Metrics ?? []).Select(Metric)],
    };

    private static MetricResult Metric(MetricScore score) => new(score.Name, score.Value)
    {
        Filter = score.Filter, StandardError = score.StandardError, HigherIsBetter = score.HigherIsBetter,
    };

    private static SampleRow Sample(TaskPlan plan, DocumentScore score)
    {
        IReadOnlyList<EvaluationRequest> requests = score.Document.Requests;

        // Repeats of one generation are one request with several answers.
        bool isGeneration = requests.Count > 0 && requests[0] is GenerationRequest;
        return new SampleRow
        {
            DocumentId = score.Document.Id,
            Document = score.Document.Content,
            Target = score.Document.Target?.DeepClone(),
            Arguments = [.. (isGeneration ? requests.Take(1) : requests).Select(request => Arguments(plan, request))],
            Responses = isGeneration
                ? [new JsonArray([.. score.Responses.Select(response => (JsonNode?)response.Text)])]
                : [.. score.Responses.Select((response, i) => new JsonArray(Response(requests[i], response)))],
            FilteredResponses = (JsonArray)score.FilteredResponses.DeepClone(),
            Filter = score.Filter,
            Metrics = [.. score.Metrics.Select(metric => KeyValuePair.Create(metric.Key, (JsonNode?)metric.Value.DeepClone()))],
            Details = [.. score.Details.Select(detail => KeyValuePair.Create(detail.Key, detail.Value?.DeepClone()))],
        };
    }

    private static IReadOnlyList<JsonNode> Arguments(TaskPlan plan, EvaluationRequest request) => request switch
    {
        LikelihoodRequest likelihood => [likelihood.Context, likelihood.Continuation],
        RollingLikelihoodRequest rolling => [rolling.Text],
        GenerationRequest generation => [generation.Context, plan.GenerationArguments.DeepClone()],
        _ => throw new InvalidOperationException($"{request.GetType().Name} has no form in a samples file."),
    };

    private static JsonNode Response(EvaluationRequest request, EvaluationResponse response) => request is LikelihoodRequest
        ? new JsonArray(response.LogLikelihood, response.IsGreedy)
        : JsonValue.Create(response.LogLikelihood);
}
