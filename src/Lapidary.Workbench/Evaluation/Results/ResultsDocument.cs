using System.Globalization;
using System.Text.Json.Nodes;
using Lapidary.Text.Jinja;

namespace Lapidary.Workbench.Evaluation.Results;

/// <summary>The object of a results file, with the keys of lm-evaluation-harness in their order.</summary>
internal static class ResultsDocument
{
    /// <summary>Makes the object.</summary>
    /// <param name="results">The outcome of the evaluation.</param>
    /// <param name="taskHashes">The hash of each task that has samples.</param>
    public static JsonObject Create(EvaluationResults results, JsonObject taskHashes)
    {
        RunInfo run = results.Run;
        var document = new JsonObject
        {
            ["results"] = Members([.. results.Tasks.Select(task => (task.Name, (JsonNode?)Scores(task)))
                .Concat(results.Groups.Select(group => (group.Name, (JsonNode?)Scores(group))))]),
            ["groups"] = Members([.. results.Groups.Where(group => group.Metrics.Count > 0).Select(group => (group.Name, (JsonNode?)Scores(group)))]),
            ["group_subtasks"] = Members([.. results.Groups.Select(group => (group.Name, (JsonNode?)Names(group.Children)))]),
            ["configs"] = Members([.. results.Tasks.Select(task => (task.Name, (JsonNode?)WithoutNulls(task.Configuration)))]),
            ["versions"] = Members(
                [.. results.Tasks.Select(task => (task.Name, task.Version?.DeepClone()))
                    .Concat(results.Groups.Where(group => group.Version is not null).Select(group => (group.Name, group.Version?.DeepClone())))]),
            ["n-shot"] = Members([.. results.Tasks.Select(task => (task.Name, (JsonNode?)task.FewShot))]),
            ["higher_is_better"] = Members(
                [.. results.Tasks.Select(task => (task.Name, (JsonNode?)Directions(task.Metrics)))
                    .Concat(results.Groups.Select(group => (group.Name, (JsonNode?)Directions(group.Metrics))))]),
            ["n-samples"] = Members([.. results.Tasks.Select(task => (task.Name, (JsonNode?)new JsonObject
            {
                ["original"] = task.OriginalCount,
                ["effective"] = task.EffectiveCount,
            }))]),
            ["config"] = Settings(run),
            ["git_hash"] = run.ProgramRevision,
            ["date"] = run.Started.ToUnixTimeMilliseconds() / 1000.0,
            ["pretty_env_info"] = run.Environment,
            ["transformers_version"] = null,
            ["lm_eval_version"] = run.Version,
            ["upper_git_hash"] = null,
            ["tokenizer_pad_token"] = Token(run.PadToken),
            ["tokenizer_eos_token"] = Token(run.EndToken),
            ["tokenizer_bos_token"] = Token(run.BeginToken),
            ["eot_token_id"] = run.EndOfTextId,
            ["max_length"] = run.MaxLength,
            ["task_hashes"] = taskHashes,
            ["model_source"] = run.ModelSource,
            ["model_name"] = run.ModelName,
            ["model_name_sanitized"] = ResultsWriter.SanitizedName(run.ModelName),
            ["system_instruction"] = run.SystemInstruction,
            ["system_instruction_sha"] = run.SystemInstruction is { } system ? ResultHash.OfText(system) : null,
            ["fewshot_as_multiturn"] = run.FewShotAsMultiturn,
            ["chat_template"] = run.ChatTemplate,
            ["chat_template_sha"] = run.ChatTemplate is { } template ? ResultHash.OfText(template) : null,
            ["total_evaluation_time_seconds"] = PythonNumber.Format(run.Duration.TotalSeconds),
        };
        if (run.Performance is { } performance)
        {
            document["performance"] = performance.ToJson();
        }

        if (results.Choices.Count > 0)
        {
            document["choices"] = Members([.. results.Choices.Select(summary => (summary.Task, (JsonNode?)summary.ToJson()))]);
        }

        return document;
    }

    private static JsonObject Settings(RunInfo run)
    {
        var settings = new JsonObject
        {
            ["model"] = run.Model,
            ["model_args"] = run.ModelArguments?.DeepClone(),
            ["model_num_parameters"] = run.ParameterCount,
            ["model_dtype"] = run.DataType,
            ["model_revision"] = run.Revision,
            ["model_sha"] = run.Hash,
            ["batch_size"] = run.BatchSize?.DeepClone(),
            ["batch_sizes"] = new JsonArray(),
            ["device"] = run.Device,
            ["use_cache"] = run.RequestCache,
            ["limit"] = run.Limit,
            ["bootstrap_iters"] = run.BootstrapIterations,
            ["gen_kwargs"] = run.GenerationArguments?.DeepClone(),
            ["random_seed"] = run.Seeds.Random,
            ["numpy_seed"] = run.Seeds.Numpy,
            ["torch_seed"] = run.Seeds.Torch,
            ["fewshot_seed"] = run.Seeds.FewShot,
        };
        if (run.Modes.Count > 0)
        {
            settings["modes"] = run.Modes.DeepClone();
        }

        return settings;
    }

    private static JsonObject Scores(TaskResult task)
    {
        var scores = new JsonObject { ["name"] = task.Name, ["alias"] = task.Alias, ["sample_len"] = task.EffectiveCount };
        Add(scores, task.Metrics);
        return scores;
    }

    private static JsonObject Scores(GroupResult group)
    {
        var scores = new JsonObject { ["name"] = group.Name, ["alias"] = group.Alias, ["sample_count"] = group.SampleCount };
        Add(scores, group.Metrics);
        return scores;
    }

    private static void Add(JsonObject scores, IReadOnlyList<MetricResult> metrics)
    {
        foreach (MetricResult metric in metrics)
        {
            scores[metric.Key] = metric.Value;
            scores[metric.StandardErrorKey] = metric.StandardError is double error ? error : "N/A";
        }
    }

    private static JsonObject Directions(IReadOnlyList<MetricResult> metrics)
    {
        var directions = new JsonObject();
        foreach (MetricResult metric in metrics)
        {
            directions[metric.Name] = metric.HigherIsBetter;
        }

        return directions;
    }

    private static JsonNode? WithoutNulls(JsonNode? value)
    {
        switch (value)
        {
            case JsonObject members:
                return Members([.. members.Where(member => member.Value is not null).Select(member => (member.Key, WithoutNulls(member.Value)))]);
            case JsonArray items:
                var copy = new JsonArray();
                foreach (JsonNode? item in items)
                {
                    copy.Add(WithoutNulls(item));
                }

                return copy;
            default:
                return value?.DeepClone();
        }
    }

    private static JsonArray? Token((string Text, int Id)? token) =>
        token is { } known ? new JsonArray(known.Text, known.Id.ToString(CultureInfo.InvariantCulture)) : null;

    private static JsonArray Names(IReadOnlyList<string> names) => [.. names.Select(name => (JsonNode?)name)];

    private static JsonObject Members(IReadOnlyList<(string Name, JsonNode? Value)> members)
    {
        var result = new JsonObject();
        foreach ((string name, JsonNode? value) in members)
        {
            result[name] = value;
        }

        return result;
    }
}
