using System.Text.Json.Nodes;
using Lapidary.Checkpoints;
using Lapidary.Workbench.Evaluation.Requests;
using Lapidary.Workbench.Evaluation.Tasks.Configuration;

namespace Lapidary.Workbench.Evaluation.Tasks.Prompts;

/// <summary>Makes the requests of a task.</summary>
internal sealed class PlanBuilder
{
    // Far above any question of the tasks that come along, which have at most 26.
    private const int MostChoices = 4096;

    private readonly EvaluationTask task;
    private readonly TaskConfiguration configuration;
    private readonly TaskOptions options;
    private readonly Func<string, IReadOnlyList<JsonObject>> read;
    private readonly FieldValues fields;
    private readonly JsonObject generation;

    /// <summary>Prepares a task.</summary>
    /// <exception cref="ArgumentException">The options do not fit it.</exception>
    public PlanBuilder(EvaluationTask task, TaskOptions options, Func<string, IReadOnlyList<JsonObject>> read)
    {
        this.task = task;
        this.options = options;
        this.read = read;
        configuration = task.Configuration;
        fields = FieldValues.Of(configuration);
        if (options.FewShotCount is < 0 or > TaskReader.MostShots)
        {
            throw new ArgumentException($"A prompt has 0 to {TaskReader.MostShots} shots, but {options.FewShotCount} were asked for.");
        }

        generation = configuration.OutputType == OutputType.GenerateUntil
            ? GenerationArguments.Merge(configuration.Generation, options.GenerationArguments)
            : [];
        if (GenerationArguments.Fault(generation) is { } fault)
        {
            throw new ArgumentException($"The arguments of generation are wrong: {fault}.");
        }
    }

    /// <summary>Makes the requests.</summary>
    public TaskPlan Build(CancellationToken cancellation)
    {
        int shots = task.FewShotCount(options);
        IReadOnlyList<JsonObject> all = read(task.EvaluationSplit);
        all = configuration.ProcessDocuments is { } process ? process(all) : all;
        IReadOnlyList<int> chosen = DocumentSelection.Select(all.Count, options, task.Name);
        var prompts = new PromptBuilder(configuration, options, new FewShotPool(configuration, shots, options.FewShotSeed, read));
        TaskDocument[] documents = [.. chosen.Select(id => new TaskDocument(id, all[id]))];
        bool hasSeveralContexts = false;
        for (int i = 0; i < documents.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                Fill(documents[i]);

                // As in the harness the first document decides for all.
                hasSeveralContexts = i == 0
                    ? configuration.OutputType == OutputType.MultipleChoice && FieldValues.AsIndex(documents[0].Question) is not null
                    : hasSeveralContexts;
                documents[i].Requests = Requests(documents[i], i, prompts, hasSeveralContexts);
            }
            catch (CheckpointException thrown)
            {
                throw new TaskFileException(
                    task.File, configuration.Line, $"document {documents[i].Id} of the task {task.Name}: {thrown.Message}", thrown);
            }
        }

        return new TaskPlan(task, options, documents)
        {
            OriginalCount = all.Count,
            GenerationArguments = WrittenArguments(),
            HasSeveralContexts = hasSeveralContexts,
            HasSeveralTargets = documents.Length > 0 && documents[0].Target is JsonArray,
            Notes = Notes(shots, all.Count, documents.Length, prompts.LeavesOutSystem),
        };
    }

    private void Fill(TaskDocument document)
    {
        document.Question = fields.Text(document.Content);
        document.Target = fields.Target(document.Content);
        if (fields.HasChoices)
        {
            document.Choices = fields.Choices(document.Content);
            if (document.Choices.Count is 0 or > MostChoices)
            {
                throw new CheckpointException("'doc_to_choice'", $"1 to {MostChoices} choices were expected but {document.Choices.Count} were found");
            }
        }
    }

    private EvaluationRequest[] Requests(TaskDocument document, int index, PromptBuilder prompts, bool hasSeveralContexts)
    {
        if (configuration.OutputType == OutputType.LogLikelihoodRolling)
        {
            return [new RollingLikelihoodRequest(index, 0, document.TargetText)];
        }

        if (hasSeveralContexts)
        {
            string continuation = ChoiceDelimiter + document.TargetText;
            IReadOnlyList<string> contexts = prompts.Contexts(document.Content, document.Choices);
            return WithoutContext(document, index, [.. contexts.Select((context, i) => new LikelihoodRequest(index, i, context, continuation))]);
        }

        string context = prompts.Contexts(document.Content, [PromptBuilder.QuestionText(fields, document.Content)])[0];
        switch (configuration.OutputType)
        {
            case OutputType.LogLikelihood:
                return [new LikelihoodRequest(index, 0, context, document.TargetText)];
            case OutputType.MultipleChoice:
                return WithoutContext(
                    document, index, [.. document.Choices.Select((choice, i) => new LikelihoodRequest(index, i, context, ChoiceDelimiter + choice))]);
            default:
                GenerationSettings settings = GenerationArguments.Settings(generation, configuration.FewShotDelimiter);
                return [.. Enumerable.Range(0, configuration.Repeats).Select(i => new GenerationRequest(index, i, context, settings))];
        }
    }

    // With a chat template the answer begins its turn, and no delimiter stands before it.
    private string ChoiceDelimiter => options.ChatTemplate is null ? configuration.TargetDelimiter : string.Empty;

    // acc_mutual_info compares with how likely the choices are by themselves.
    private LikelihoodRequest[] WithoutContext(TaskDocument document, int index, LikelihoodRequest[] requests) =>
        configuration.Metrics.Any(metric => metric.Name == "acc_mutual_info")
            ? [.. requests, .. document.Choices.Select((choice, i) => new LikelihoodRequest(index, requests.Length + i, string.Empty, choice))]
            : requests;

    private JsonObject WrittenArguments()
    {
        if (configuration.OutputType != OutputType.GenerateUntil)
        {
            return [];
        }

        var written = (JsonObject)generation.DeepClone();
        written.TryAdd("until", new JsonArray(configuration.FewShotDelimiter));
        return written;
    }

    private List<string> Notes(int shots, int total, int evaluated, bool leavesOutSystem)
    {
        var notes = new List<string>();
        if (evaluated < total)
        {
            notes.Add(options.Samples is not null ? $"Only {evaluated} of {total} documents, those that were named, were evaluated."
                : options.LimitMode == LimitMode.First
                ? $"Only the first {evaluated} of {total} documents were evaluated; in an ordered split they are no sample of it."
                : $"A random {evaluated} of {total} documents were evaluated, drawn with seed {options.LimitSeed}.");
        }

        if (options.FewShotCount is { } asked && asked != shots)
        {
            notes.Add($"The task is defined without shots, so that the {asked} that were asked for were left out.");
        }

        if (leavesOutSystem)
        {
            notes.Add("The chat template takes no system message, so that the system instruction and the description of the task were left out.");
        }

        JsonNode? metadata = configuration.Source["metadata"];
        Add(shots > 0 ? metadata?["fewshot_note"] : null);
        Add(evaluated < total && options.Samples is null && options.LimitMode == LimitMode.First ? metadata?["prefix_note"] : null);
        Add(metadata?["note"]);
        return notes;

        void Add(JsonNode? note)
        {
            if (note is JsonValue value && value.TryGetValue(out string? text))
            {
                notes.Add(text);
            }
        }
    }
}
