using System.Globalization;
using System.Text.Json.Nodes;
using Lapidary.Text.Jinja;
using Lapidary.Workbench.Evaluation.Functions;
using Lapidary.Workbench.Evaluation.Tasks.Yaml;

namespace Lapidary.Workbench.Evaluation.Tasks.Configuration;

/// <summary>
/// What a task makes of a document: the value of a column, a rendered template, a constant, or what a known function gives. What is left
/// of a rendered text when it is a number or a list is decided by who asks.
/// </summary>
internal sealed class TaskField
{
    private readonly string? text;
    private readonly JinjaTemplate? template;
    private readonly JsonNode? constant;
    private readonly Func<JsonObject, JsonNode>? function;

    private TaskField(string? text, JinjaTemplate? template, JsonNode? constant, Func<JsonObject, JsonNode>? function)
    {
        this.text = text;
        this.template = template;
        this.constant = constant;
        this.function = function;
    }

    /// <summary>The field that a function computes.</summary>
    public static TaskField Of(Func<JsonObject, JsonNode> function) => new(null, null, null, function);

    /// <summary>Reads a field of a task.</summary>
    /// <param name="map">The mapping of the task.</param>
    /// <param name="key">The field.</param>
    /// <returns>The field, or null where the task has none.</returns>
    /// <exception cref="TaskFileException">The template cannot be parsed, or the function is not known.</exception>
    public static TaskField? Read(YamlNode map, string key)
    {
        if (map.Find(key) is not { } node)
        {
            return null;
        }

        switch (node.Kind)
        {
            case YamlKind.Text:
                try
                {
                    string name = $"'{key}' (line {node.Line})";
                    return new TaskField(node.Text, JinjaTemplate.Parse(node.Text, name, JinjaOptions.Evaluation), null, null);
                }
                catch (JinjaException thrown)
                {
                    throw node.Fail($"the template of '{key}' cannot be parsed: {thrown.Reason}", thrown);
                }

            case YamlKind.Function:
                return new TaskField(null, null, null, FunctionNames.Find(TaskFunctions.Fields, node));
            case YamlKind.Map:
                // As the harness does: of a mapping of choices the values count.
                return new TaskField(null, null, new JsonArray([.. node.Entries.Values.Select(value => value.ToJson())]), null);
            default:
                return new TaskField(null, null, node.ToJson(), null);
        }
    }

    /// <summary>The value for a document: a text, a number or a list.</summary>
    /// <exception cref="JinjaException">The template fails for this document.</exception>
    public JsonNode? Resolve(JsonObject document)
    {
        if (function is not null)
        {
            return function(document);
        }

        if (text is null)
        {
            return constant;
        }

        return document.TryGetPropertyValue(text, out JsonNode? column) ? column : template!.Evaluate(document);
    }

    /// <summary>Whether what <see cref="Resolve"/> gives for a document was rendered, and not taken as it is.</summary>
    public bool IsRendered(JsonObject document) => text is not null && !document.ContainsKey(text);

    /// <summary>A rendered text of digits as a number; all else as it is.</summary>
    public static JsonNode? DigitsAsNumber(JsonNode? value) =>
        value is JsonValue single && single.TryGetValue(out string? text) && text.Length > 0 && !text.AsSpan().ContainsAnyExceptInRange('0', '9')
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? JsonValue.Create(number)
            : value;
}
