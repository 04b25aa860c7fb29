using System.Text.Json.Nodes;
using Lapidary.Checkpoints;
using Lapidary.Inference;
using Lapidary.Text.Jinja;
using Lapidary.Workbench.Evaluation.CodeExecution;
using Lapidary.Workbench.Evaluation.Functions;
using Lapidary.Workbench.Evaluation.Tasks.Configuration;

namespace Lapidary.Workbench.Evaluation.Tasks.Scoring;

/// <summary>From the answers to the requests of a plan to its scores.</summary>
internal sealed class TaskScoring(TaskPlan plan)
{
    private readonly TaskConfiguration task = plan.Task.Configuration;
    private readonly GenerationScore generation = new(plan);
    private CodeSandbox? sandbox;
    private string? withoutCode;
    private int withoutGold;

    /// <summary>Scores the answers.</summary>
    public TaskScores Score(IReadOnlyList<EvaluationResponse> responses, CancellationToken cancellation)
    {
        IReadOnlyList<EvaluationResponse>[] byDocument = Split(responses);
        IReadOnlyList<JsonObject> documents = [.. plan.Documents.Select(document => document.Content)];
        var rows = new List<DocumentScore>();
        var metrics = new List<MetricScore>();
        PrepareSandbox();
        foreach (FilterPipeline filter in task.Filters)
        {
            IReadOnlyList<IReadOnlyList<string>>? texts = task.OutputType == OutputType.GenerateUntil
                ? Named($"the filter {filter.Name}", () => FilterRunner.Apply(filter, [.. byDocument.Select(TextsOf)], documents))
                : null;
            withoutGold = 0;
            DocumentScore[] scored = new DocumentScore[documents.Count];
            for (int i = 0; i < scored.Length; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                int at = i;
                scored[i] = Named($"document {plan.Documents[i].Id}", () => Score(plan.Documents[at], filter.Name, byDocument[at], texts?[at], cancellation));
            }

            rows.AddRange(scored);
            metrics.AddRange(Aggregate(filter.Name, scored, cancellation));
        }

        return new TaskScores(plan, metrics, rows, Notes());
    }

    // A pattern that takes too long, or a document without a column, is known by what it is and not by where it was met.
    private T Named<T>(string what, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (CheckpointException thrown)
        {
            throw new TaskFileException(task.File, task.Line, $"{what} of the task {task.Name}: {thrown.Message}", thrown);
        }
    }

    private IReadOnlyList<EvaluationResponse>[] Split(IReadOnlyList<EvaluationResponse> responses)
    {
        var byDocument = new IReadOnlyList<EvaluationResponse>[plan.Documents.Count];
        int at = 0;
        for (int i = 0; i < byDocument.Length; i++)
        {
            var own = new EvaluationResponse[plan.Documents[i].Requests.Count];
            for (int j = 0; j < own.Length; j++)
            {
                own[j] = responses[at++];
            }

            byDocument[i] = own;
        }

        return byDocument;
    }

    private IReadOnlyList<string> TextsOf(IReadOnlyList<EvaluationResponse> responses) =>
        [.. responses.Select(response => response.Text ?? throw new ArgumentException($"The task {task.Name} asked for texts and was given something else."))];

    private DocumentScore Score(
        TaskDocument document,
        string filter,
        IReadOnlyList<EvaluationResponse> responses,
        IReadOnlyList<string>? texts,
        CancellationToken cancellation)
    {
        if (texts is null)
        {
            CheckLikelihoods(document, responses);
        }

        JsonArray filtered = texts is not null
            ? new JsonArray([.. texts.Select(text => JsonValue.Create(text))])
            : new JsonArray([.. responses.Select(Written)]);
        return new DocumentScore(document, filter, responses, filtered, Values(document, responses, texts, cancellation))
        {
            Details = generation.Details(texts),
        };
    }

    // As samples files have likelihoods: Python's way of writing the numbers, in texts.
    private JsonNode Written(EvaluationResponse response) => task.OutputType == OutputType.LogLikelihoodRolling
        ? PythonNumber.Format(response.LogLikelihood)
        : new JsonArray(PythonNumber.Format(response.LogLikelihood), response.IsGreedy ? "True" : "False");

    // A likelihood that is no number makes its choice the likeliest one, or the value of all documents no number.
    private void CheckLikelihoods(TaskDocument document, IReadOnlyList<EvaluationResponse> responses)
    {
        for (int i = 0; i < responses.Count; i++)
        {
            if (!double.IsFinite(responses[i].LogLikelihood))
            {
                throw new NonFiniteException(
                    $"{task.Name}, document {document.Id}, request {i}: a log-likelihood was expected, found {PythonNumber.Format(responses[i].LogLikelihood)}.");
            }
        }
    }

    private IReadOnlyDictionary<string, JsonNode> Values(
        TaskDocument document, IReadOnlyList<EvaluationResponse> responses, IReadOnlyList<string>? texts, CancellationToken cancellation)
    {
        if (task.ProcessResults is { } function)
        {
            return function(document.Content, texts is not null ? [.. texts.Select(text => JsonValue.Create(text))] : [.. responses.Select(Raw)]);
        }

        var values = new Dictionary<string, JsonNode>(StringComparer.Ordinal);
        MultipleChoiceScore? choice = task.OutputType == OutputType.MultipleChoice
            ? new MultipleChoiceScore(document, responses, plan.HasSeveralContexts)
            : null;
        withoutGold += choice is not null && choice.Gold.Any(gold => gold < 0) ? 1 : 0;
        foreach (MetricSpecification metric in task.Metrics)
        {
            if (metric.Programs is { } programs)
            {
                RunPrograms(programs, metric, document, texts!, values, cancellation);
                continue;
            }

            JsonNode? value = task.OutputType switch
            {
                OutputType.MultipleChoice => choice!.Value(metric.Name),
                OutputType.LogLikelihood => LikelihoodValue(metric.Name, responses[0]),
                OutputType.LogLikelihoodRolling => RollingValue(metric.Name, document, responses[0]),
                _ => generation.Value(metric, document, GenerationScore.AnswerOf(texts!)),
            };
            if (value is not null)
            {
                values[metric.Name] = value;
            }
        }

        return values;
    }

    // Without sandbox nothing is run, and there is no value.
    private void RunPrograms(
        ProgramMetric metric,
        MetricSpecification specification,
        TaskDocument document,
        IReadOnlyList<string> programs,
        Dictionary<string, JsonNode> values,
        CancellationToken cancellation)
    {
        if (sandbox is not { } isolated)
        {
            return;
        }

        foreach ((string name, double value) in metric(document.TargetText, programs, specification.Settings, Passes))
        {
            values[name] = JsonValue.Create(value);
        }

        // A task that repeats has many programs for one document, each of which may take seconds.
        bool Passes(string program)
        {
            cancellation.ThrowIfCancellationRequested();
            return isolated.Run(program);
        }
    }

    private void PrepareSandbox()
    {
        if (!task.Metrics.Any(metric => metric.Programs is not null))
        {
            return;
        }

        string whyNot = "nobody allowed it";
        sandbox = plan.Options.RunsGeneratedCode ? CodeSandbox.TryCreate(out whyNot) : null;
        withoutCode = sandbox is null ? $"The generated programs were not run and have no score: {whyNot}." : null;
    }

    private JsonNode Raw(EvaluationResponse response) => task.OutputType == OutputType.LogLikelihoodRolling
        ? JsonValue.Create(response.LogLikelihood)
        : new JsonArray(response.LogLikelihood, response.IsGreedy);

    private static JsonValue? LikelihoodValue(string metric, EvaluationResponse response) => metric switch
    {
        "perplexity" => JsonValue.Create(response.LogLikelihood),
        "acc" => JsonValue.Create(response.IsGreedy ? 1 : 0),
        _ => metric == "bypass" ? JsonValue.Create(999) : null,
    };

    private static JsonNode? RollingValue(string metric, TaskDocument document, EvaluationResponse response) => metric switch
    {
        "word_perplexity" => new JsonArray(response.LogLikelihood, TextCounts.Words(document.TargetText)),
        "byte_perplexity" or "bits_per_byte" => new JsonArray(response.LogLikelihood, TextCounts.Bytes(document.TargetText)),
        _ => metric == "bypass" ? JsonValue.Create(999) : null,
    };

    private IEnumerable<MetricScore> Aggregate(string filter, DocumentScore[] rows, CancellationToken cancellation)
    {
        foreach (MetricSpecification metric in task.Metrics)
        {
            // Programs give their values names of their own.
            IEnumerable<string> names = metric.Programs is null ? [metric.Name] : rows.SelectMany(row => row.Metrics.Keys).Distinct().ToArray();
            foreach (string name in names)
            {
                JsonNode[] values = [.. rows.Where(row => row.Metrics.ContainsKey(name)).Select(row => row.Metrics[name])];
                if (values.Length > 0)
                {
                    MetricScore score = MetricAggregation.Aggregate(metric with { Name = name }, filter, values, plan.Options.BootstrapIterations, cancellation);
                    yield return double.IsFinite(score.Value) ? score : throw NotFinite(score, name, rows);
                }
            }
        }
    }

    private NonFiniteException NotFinite(MetricScore score, string name, DocumentScore[] rows)
    {
        DocumentScore? first = rows.FirstOrDefault(row => row.Metrics.TryGetValue(name, out JsonNode? value) && NodeNumber.Read(value) is { } number && !double.IsFinite(number));
        string where = first is null ? $"over {rows.Length} documents" : $"because of document {first.Document.Id}";
        return new NonFiniteException($"{task.Name}: the metric {score.Key} is {PythonNumber.Format(score.Value)} {where}, where a number was expected.");
    }

    private List<string> Notes()
    {
        List<string> notes = [.. plan.Notes];
        if (withoutGold > 0)
        {
            notes.Add($"The right answer of {withoutGold} documents is none of their choices; they count as wrong.");
        }

        if (withoutCode is not null)
        {
            notes.Add(withoutCode);
        }

        if (task.ApproximateParts is { } count && plan.Documents.Sum(document => count(document.Content)) is > 0 and int parts)
        {
            notes.Add($"{parts} parts of the documents are decided only approximately as lm-evaluation-harness does.");
        }

        return notes;
    }
}
