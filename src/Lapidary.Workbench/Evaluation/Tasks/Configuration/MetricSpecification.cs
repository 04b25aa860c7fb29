using System.Text.Json.Nodes;
using Lapidary.Workbench.Evaluation.Functions;

namespace Lapidary.Workbench.Evaluation.Tasks.Configuration;

/// <summary>A metric of a task and how the values of its documents become one.</summary>
internal sealed record MetricSpecification
{
    /// <summary>Its name, as results have it.</summary>
    public required string Name { get; init; }

    /// <summary>The name of the aggregation; that of the function where it is one.</summary>
    public required string Aggregation { get; init; }

    /// <summary>The aggregation where it is a function.</summary>
    public Func<IReadOnlyList<JsonNode>, double>? AggregationFunction { get; init; }

    /// <summary>What runs the answers as programs, where the metric does; it gives its values names of its own.</summary>
    public ProgramMetric? Programs { get; init; }

    /// <summary>What the file says beside the metric.</summary>
    public JsonObject Settings { get; init; } = [];

    /// <summary>Whether more is better, if anybody says so.</summary>
    public bool? HigherIsBetter { get; init; }

    /// <summary>Whether texts are compared in lower case.</summary>
    public bool IgnoreCase { get; init; }

    /// <summary>Whether ASCII punctuation is removed before texts are compared.</summary>
    public bool IgnorePunctuation { get; init; }

    /// <summary>Whether digits are removed before texts are compared.</summary>
    public bool IgnoreNumbers { get; init; }

    /// <summary>What is removed from both texts before they are compared, in this order: regular expressions as Python writes them.</summary>
    public IReadOnlyList<string> RegexesToIgnore { get; init; } = [];

    /// <summary>What <c>contains_marker</c> looks for in an answer.</summary>
    public IReadOnlyList<string> Markers { get; init; } = [];

    /// <summary>Whether an answer of nothing but white space counts as one with a marker.</summary>
    public bool BlankCounts { get; init; } = true;
}
