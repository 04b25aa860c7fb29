using System.Text.Json.Nodes;
using Lapidary.Checkpoints;
using Lapidary.Workbench.Evaluation.Functions;
using Lapidary.Workbench.Evaluation.Markers;
using Lapidary.Workbench.Evaluation.Tasks.Yaml;

namespace Lapidary.Workbench.Evaluation.Tasks.Configuration;

/// <summary>Reads <c>metric_list</c>.</summary>
internal static class MetricReader
{
    private const int MostMetrics = 64;
    private const string MarkersKey = "markers";
    private const string MarkersFileKey = "markers_file";
    private const string BlankCountsKey = "blank_counts";

    private static readonly string[] Keys =
    [
        "metric", "aggregation", "higher_is_better", "ignore_case", "ignore_punctuation", "ignore_numbers", "regexes_to_ignore",
        "hf_evaluate", "k", "kwargs", MarkersKey, MarkersFileKey, BlankCountsKey,
    ];

    /// <summary>The metrics of a task; those of its type of output where it names none.</summary>
    /// <exception cref="TaskFileException">A metric or an aggregation is not known.</exception>
    public static IReadOnlyList<MetricSpecification> Read(YamlNode task, OutputType type, bool hasResultsFunction)
    {
        IReadOnlyList<YamlNode> list = task.Maps("metric_list");
        if (list.Count > MostMetrics)
        {
            throw task.Fail($"'metric_list' has {list.Count} entries where at most {MostMetrics} were expected");
        }

        if (list.Count == 0)
        {
            return hasResultsFunction
                ? throw task.Fail("a task with 'process_results' needs a 'metric_list'")
                : [.. MetricNames.DefaultsOf(type).Select(name => new MetricSpecification
                    {
                        Name = name,
                        Aggregation = MetricNames.AggregationOf(name),
                        HigherIsBetter = MetricNames.HigherIsBetter(name),
                    })];
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        return [.. list.Select(node => ReadMetric(node, type, hasResultsFunction, names))];
    }

    private static MetricSpecification ReadMetric(YamlNode node, OutputType type, bool hasResultsFunction, HashSet<string> names)
    {
        TaskKeys.Check(node, "a metric", Keys);
        YamlNode metric = node.Find("metric") ?? throw node.Fail("a metric has no 'metric'");
        ProgramMetric? programs = metric.Kind == YamlKind.Function ? FunctionNames.Find(TaskFunctions.ProgramMetrics, metric) : null;
        string name = programs is null ? node.RequireText("metric", "a metric") : metric.Text[(metric.Text.LastIndexOf('.') + 1)..];
        if (programs is null && !hasResultsFunction && !MetricNames.Of(type).Contains(name))
        {
            throw node.Fail(
                $"{Quotation.Of(name)} is no metric that is known for this 'output_type'{NearestName.Hint(name, MetricNames.Of(type))}");
        }

        if (!names.Add(name))
        {
            throw node.Fail($"two metrics are called {Quotation.Of(name)}");
        }

        YamlNode? aggregation = node.Find("aggregation");
        bool isFunction = aggregation?.Kind == YamlKind.Function;
        string aggregationName = isFunction ? aggregation!.Text : node.Text("aggregation") ?? MetricNames.AggregationOf(name);
        if (!isFunction && !MetricNames.Aggregations.Contains(aggregationName))
        {
            throw aggregation!.Fail($"{Quotation.Of(aggregationName)} is no aggregation{NearestName.Hint(aggregationName, MetricNames.Aggregations)}");
        }

        YamlNode settings = node.Map("kwargs") ?? node;
        return new MetricSpecification
        {
            Name = name,
            Programs = programs,
            Settings = (JsonObject)node.ToJson()!,
            Aggregation = aggregationName,
            AggregationFunction = isFunction ? FunctionNames.Find(TaskFunctions.Aggregations, aggregation!) : null,
            HigherIsBetter = node.Boolean("higher_is_better") ?? MetricNames.HigherIsBetter(name),
            IgnoreCase = settings.Boolean("ignore_case") ?? false,
            IgnorePunctuation = settings.Boolean("ignore_punctuation") ?? false,
            IgnoreNumbers = settings.Boolean("ignore_numbers") ?? false,
            RegexesToIgnore = settings.Texts("regexes_to_ignore"),
            Markers = ReadMarkers(settings, name),
            BlankCounts = settings.Boolean(BlankCountsKey) ?? true,
        };
    }

    private static IReadOnlyList<string> ReadMarkers(YamlNode settings, string metric)
    {
        YamlNode? list = settings.Find(MarkersKey);
        YamlNode? file = settings.Find(MarkersFileKey);
        if (metric != MetricNames.ContainsMarker)
        {
            return (list ?? file ?? settings.Find(BlankCountsKey)) is { } stray
                ? throw stray.Fail($"'{MarkersKey}', '{MarkersFileKey}' and '{BlankCountsKey}' belong to the metric '{MetricNames.ContainsMarker}'")
                : [];
        }

        if ((list is null) == (file is null))
        {
            throw settings.Fail($"the metric '{metric}' needs either '{MarkersKey}' or '{MarkersFileKey}'");
        }

        if (list is not null)
        {
            IReadOnlyList<string> markers = settings.Texts(MarkersKey);
            return MarkerList.Fault(markers) is { } fault ? throw list.Fail($"'{MarkersKey}' {fault}") : markers;
        }

        // A file of a stranger may not name those of whoever runs it.
        string name = settings.RequireText(MarkersFileKey, "a metric");
        if (name.Length == 0 || name is "." or ".." || name.AsSpan().ContainsAny('/', '\\', '\0'))
        {
            throw file!.Fail($"the name of a file in the folder of this one was expected as '{MarkersFileKey}' but {file.Description} was found");
        }

        try
        {
            return MarkerList.ReadBeside(file!.File, name);
        }
        catch (CheckpointException thrown)
        {
            throw file!.Fail(thrown.Message, thrown);
        }
    }
}
