using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Models;
using Lapidary.Cli.Output;
using Lapidary.Hub;
using Lapidary.Inference;
using Lapidary.Inference.Generation;
using Lapidary.Text;
using Lapidary.Workbench.Evaluation.Data;
using Lapidary.Workbench.Evaluation.Energy;
using Lapidary.Workbench.Evaluation.Requests;
using Lapidary.Workbench.Evaluation.Results;
using Lapidary.Workbench.Evaluation.Running;
using Lapidary.Workbench.Evaluation.Statistics;
using Lapidary.Workbench.Evaluation.Tasks;

namespace Lapidary.Cli.Commands.Evaluation;

/// <summary>One evaluation: plans the tasks, asks the model, scores, writes and prints.</summary>
internal sealed class EvaluationRun(Invocation invocation, EvaluationInput input, TaskLibrary library)
{
    private const int UsualBatch = 16;

    /// <summary>Evaluates the model that the user named.</summary>
    public void Execute(string name)
    {
        DateTimeOffset started = DateTimeOffset.Now;
        var watch = Stopwatch.StartNew();
        IReadOnlyList<PromptSet> prompts = input.Prompts.Read(invocation);
        TaskSelection selection = input.Select(invocation, library, prompts);
        input.Texts.Check(invocation, selection.Tasks.Select(task => task.Name));
        string path = ModelLocator.Find(name);
        string? output = input.Output(invocation);
        if (output is not null && !output.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
        {
            OutputPath.CheckFolder(output, overwrite: true, path);
        }

        TaskOptions options = input.Options(invocation, renderer: null);
        IReadOnlyDictionary<string, IReadOnlyList<int>>? samples = input.Samples(invocation, selection);
        var locator = new DatasetLocator(input.DataDirectory(invocation), HubCache.FromEnvironment().Folder);
        CheckWhatIsNeeded(selection.Tasks.Where(task => prompts.All(set => set.Task != task)), options, locator, output, name);
        using TextGenerator model = Open(path);
        using TextDomainRun? texts = input.Texts.Open(invocation, model, input.Limit(invocation));
        options = options with { ChatTemplate = input.AppliesTemplate(invocation) ? Renderer(model) : null };

        // Whoever brings prompts means a conversation where the model can have one.
        bool converses = prompts.Count > 0 && !input.Prompts.IsRaw(invocation) && (input.AppliesTemplate(invocation) || model.Template is not null);
        TaskOptions promptOptions = options with { ChatTemplate = converses ? Renderer(model) : null };
        TaskPlan PlanOf(EvaluationTask task)
        {
            IReadOnlyList<int>? chosen = samples?.GetValueOrDefault(task.Name);
            return prompts.FirstOrDefault(set => set.Task == task) is { } set
                ? Plan(task, promptOptions with { Samples = chosen }, _ => set.Documents)
                : Plan(task, options with { Samples = chosen }, split => locator.Find(task.DatasetPath, task.DatasetName, split).Read(invocation.Cancellation));
        }

        List<TaskPlan> plans = [.. selection.Tasks.Select(PlanOf)];
        using EvaluationRunner runner = CreateRunner(model, name, output, plans, out EvaluationProgressLine line, out string? cache);
        IReadOnlyList<EvaluationResponse> responses;
        RunPerformance performance;
        using (line)
        using (var meter = new EnergyMeter())
        {
            responses = plans.Count == 0 ? [] : runner.Run([.. plans.SelectMany(plan => plan.Requests)], invocation.Cancellation);
            performance = new RunPerformance(runner.Work, meter.Read());
        }

        List<TaskScores> scores = Score(plans, responses);
        IReadOnlyList<TaskResult> textResults = texts?.Measure(invocation.Cancellation) ?? [];
        var report = new EvaluationReport(invocation, input, model, name)
        {
            Started = started, Duration = watch.Elapsed, Cache = cache, MaxLength = runner.MaxLength,
            PromptsConverse = prompts.Count > 0 ? converses : null, HasPromptsAlone = prompts.Count == selection.Tasks.Count, Performance = performance,
        };
        EvaluationResults results = report.Create(selection, scores, textResults);
        IReadOnlyList<string> files = output is null ? [] : ResultsWriter.Write(results, output);
        string form = converses ? "through the chat template" : "as they stand, without a chat template";
        Present(results, files, [.. prompts.Select(set => $"{set.Task.Name}: the prompts were asked {form}."), .. Notes(runner, scores)]);
    }

    // What is missing is said before a model is opened.
    private static void CheckWhatIsNeeded(
        IEnumerable<EvaluationTask> tasks, TaskOptions options, DatasetLocator locator, string? output, string name)
    {
        foreach (EvaluationTask task in tasks)
        {
            locator.Find(task.DatasetPath, task.DatasetName, task.EvaluationSplit);
            if (task.FewShotSplit(options) is { } shots)
            {
                locator.Find(task.DatasetPath, task.DatasetName, shots);
            }
        }

        if (output is not null)
        {
            ResultsWriter.CheckOutput(output, name);
        }
    }

    private static IEnumerable<string> Notes(EvaluationRunner runner, List<TaskScores> scores)
    {
        foreach (TaskScores score in scores)
        {
            foreach (string note in score.Plan.Notes.Concat(score.Notes).Distinct())
            {
                yield return $"{score.Plan.Task.Name}: {note}";
            }
        }

        if (runner.TruncatedRequests > 0)
        {
            yield return $"{runner.TruncatedRequests} requests lost their beginning: the model sees {runner.MaxLength} tokens.";
        }

        if (runner.SplitContexts > 0)
        {
            yield return $"{runner.SplitContexts} contexts end inside a token of context and continuation together; they are scored as the harness does.";
        }
    }

    private TextGenerator Open(string path)
    {
        if (!Tokenizer.Exists(path))
        {
            throw RequestException.Expected(path, "a tokenizer (tokenizer.json or tokenizer.model)", "none");
        }

        Task<Tokenizer> tokenizer = Task.Run(() => Tokenizer.Open(path));
        LanguageModel network = LanguageModel.Open(path, new InferenceOptions
        {
            Threads = input.Threads(invocation),
            Exact = true,
            ChunkSize = input.Chunk(invocation),
            Adapters = input.Adapters.Read(invocation),
        });
        try
        {
            if (input.MaxLength(invocation) > network.ContextLength)
            {
                throw RequestException.Expected(
                    "--max-length", $"at most {network.ContextLength} tokens, the context of the model", $"{input.MaxLength(invocation)}");
            }

            ChatTemplate? template = input.TemplateFile(invocation) is { } file ? ChatTemplate.ReadFile(file) : ChatTemplate.Find(path);
            return new TextGenerator(network, tokenizer.GetAwaiter().GetResult(), template, ownsModel: true);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private ChatRenderer Renderer(TextGenerator model)
    {
        ChatTemplate template = model.Template
            ?? throw RequestException.Expected("--apply-chat-template", "a model with a chat template", "one without");
        Tokenizer tokenizer = model.Tokenizer;
        string? bos = tokenizer.BosId is int begin ? tokenizer.PieceOf(begin) : null;
        string? eos = tokenizer.EosId is int end ? tokenizer.PieceOf(end) : null;
        return (messages, addGenerationPrompt) => template.Render(
            new ChatTemplateInput
            {
                Messages = [.. messages.Select(message => new ChatTemplateMessage(message.Role, message.Content))],
                AddGenerationPrompt = addGenerationPrompt,
                BosToken = bos,
                EosToken = eos,
            },
            invocation.Cancellation);
    }

    private TaskPlan Plan(EvaluationTask task, TaskOptions options, Func<string, IReadOnlyList<JsonObject>> read)
    {
        try
        {
            return task.Plan(options, read, invocation.Cancellation);
        }
        catch (ArgumentException thrown)
        {
            throw new RequestException($"{task.Name}: {thrown.Message}");
        }
    }

    private EvaluationRunner CreateRunner(
        TextGenerator model, string name, string? output, List<TaskPlan> plans, out EvaluationProgressLine line, out string? cache)
    {
        var accuracy = new RunningAccuracy(plans);
        line = new EvaluationProgressLine(Console.Error, !Console.IsErrorRedirected, () => accuracy.Value, TimeProvider.System);
        cache = input.Cache(invocation)
            ?? (plans.Count > 0 && output is not null && input.KeepsResponses(invocation) ? CacheBeside(output, name) : null);
        if (cache is { } kept)
        {
            invocation.Kept = $"the responses so far are in {kept}; the same command goes on from them";
        }

        return new EvaluationRunner(model.Model, model.Tokenizer, new EvaluationRunnerOptions
        {
            MaxLength = input.MaxLength(invocation),
            Precision = input.Precision(invocation),
            CleanPerplexity = input.IsClean(invocation),
            MaxSequences = input.BatchSize(invocation) ?? UsualBatch,
            StopTokens = model.StopTokens,
            Seed = (ulong)input.Seeds(invocation).Torch,
            CachePath = cache,
            Describe = request => Describe(request, plans),
            Answered = (index, response) => accuracy.Add(index, response.LogLikelihood),
            Progress = line,
        });
    }

    // Requests of all tasks are put to the model together; only an error asks whose one is.
    private static string Describe(EvaluationRequest request, List<TaskPlan> plans)
    {
        (TaskPlan plan, TaskDocument document) = plans
            .SelectMany(plan => plan.Documents.Select(document => (plan, document)))
            .First(pair => pair.document.Requests.Any(own => ReferenceEquals(own, request)));
        return $"{plan.Task.Name}, document {document.Id}, request {request.Index}";
    }

    // Where results are one file, beside it; otherwise in the folder of the model's results.
    private static string CacheBeside(string output, string name) => output.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
        ? output[..^".json".Length] + "_responses.jsonl"
        : Path.Combine(output, ResultsWriter.SanitizedName(name), "responses.jsonl");

    private List<TaskScores> Score(List<TaskPlan> plans, IReadOnlyList<EvaluationResponse> responses)
    {
        var scores = new List<TaskScores>();
        int first = 0;
        foreach (TaskPlan plan in plans)
        {
            scores.Add(plan.Score([.. responses.Skip(first).Take(plan.Requests.Count)], invocation.Cancellation));
            first += plan.Requests.Count;
        }

        return scores;
    }

    private static string[] Cells(ChoiceSummary summary)
    {
        static string Share(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);
        Calibration calibration = summary.Calibration;
        return
        [
            summary.Task,
            calibration.Count.ToString("N0", CultureInfo.InvariantCulture),
            Share(calibration.Accuracy),
            Share(summary.Chance),
            summary.ChanceP.ToString("0.0000", CultureInfo.InvariantCulture),
            summary.Constant is { } constant ? $"{constant.Answer} {Share(constant.Share)}" : string.Empty,
            Share(calibration.Confidence),
            Share(calibration.ExpectedError),
        ];
    }

    private void Present(EvaluationResults results, IReadOnlyList<string> files, string[] notes)
    {
        if (invocation.Json)
        {
            JsonObject document = ResultsWriter.Document(results);
            document["files"] = new JsonArray([.. files.Select(file => (JsonNode)file)]);
            document["notes"] = new JsonArray([.. notes.Select(note => (JsonNode)note)]);
            invocation.Write(document, ResultJson.Default.JsonObject);
            return;
        }

        using var report = new TextReport();
        report.Line(ResultsTable.Create(results).TrimEnd('\n'));
        if (results.Choices.Count > 0)
        {
            report.Line();
            report.Table(["Choices", ">n", ">acc", ">chance", ">p", ">best constant answer", ">confidence", ">calibration error"], results.Choices.Select(Cells));
            report.Line();
        }

        report.Line(results.Run.Performance!.ToString());
        foreach (string note in notes)
        {
            report.Line("Note: " + note);
        }

        foreach (string file in files)
        {
            Invocation.Log(file);
        }
    }
}
