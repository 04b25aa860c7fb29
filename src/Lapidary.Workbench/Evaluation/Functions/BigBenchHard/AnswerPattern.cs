using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using Lapidary.Text.Jinja;
using Lapidary.Workbench.Evaluation.Patterns;
using Lapidary.Workbench.Evaluation.Tasks.Configuration;

namespace Lapidary.Workbench.Evaluation.Functions.BigBenchHard;

/// <summary>What the filters of the tasks without examples have in common: a pattern, what is removed before it is tried, and a fallback.</summary>
internal sealed class AnswerPattern
{
    private readonly ImmutableArray<PythonRegex> removed;
    private readonly bool ignoreCase;
    private readonly bool ignorePunctuation;
    private readonly int selected;

    /// <summary>Reads the settings of a filter as a task file writes them.</summary>
    /// <param name="function">The function, for errors.</param>
    /// <param name="settings">
    /// <c>group_select</c>, <c>fallback</c>, <c>ignore_case</c>, <c>ignore_punctuation</c> and <c>regexes_to_ignore</c>; all may be left
    /// out, and others are not looked at.
    /// </param>
    /// <exception cref="TaskFunctionException">A setting has another type.</exception>
    /// <exception cref="Checkpoints.CheckpointException">A pattern is malformed.</exception>
    public AnswerPattern(string function, JsonObject settings)
    {
        var fields = new DocumentFields(function, settings);
        selected = fields.Has("group_select") ? fields.Integer("group_select") : 0;
        Fallback = fields.Has("fallback") ? fields.Text("fallback") : "[invalid]";
        ignoreCase = IsOn(fields, settings, "ignore_case");
        ignorePunctuation = IsOn(fields, settings, "ignore_punctuation");
        removed = fields.Has("regexes_to_ignore") ? [.. fields.Texts("regexes_to_ignore").Select(pattern => new PythonRegex(pattern))] : [];
    }

    /// <summary>Takes settings that were read.</summary>
    /// <param name="step">A filter of a task file.</param>
    public AnswerPattern(FilterStep step)
    {
        selected = step.GroupSelect;
        Fallback = step.Fallback;
        ignoreCase = step.IgnoreCase;
        ignorePunctuation = step.IgnorePunctuation;
        removed = [.. step.RegexesToIgnore];
    }

    /// <summary>What stands for an answer in which nothing was found.</summary>
    public string Fallback { get; }

    /// <summary>A text without what is to be removed: patterns, case, punctuation of any script.</summary>
    public string Prepare(string text)
    {
        foreach (PythonRegex pattern in removed)
        {
            text = pattern.Remove(text);
        }

        text = ignoreCase ? PythonText.Lower(text) : text;
        if (!ignorePunctuation)
        {
            return text;
        }

        var kept = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (!Rune.IsPunctuation(rune))
            {
                kept.Append(rune);
            }
        }

        return kept.ToString();
    }

    /// <summary>The match that is chosen, of several groups the first that is not empty, without white space around it; null for none.</summary>
    public string? Find(PythonRegex pattern, string text)
    {
        IReadOnlyList<IReadOnlyList<string>> found = pattern.FindAll(text);
        int index = selected < 0 ? found.Count + selected : selected;
        if ((uint)index >= (uint)found.Count)
        {
            return null;
        }

        string match = PythonText.Strip(PythonRegex.FirstGroup(found[index]) ?? string.Empty, null);
        return match.Length > 0 ? match : null;
    }

    private static bool IsOn(DocumentFields fields, JsonObject settings, string name) =>
        fields.Has(name) && (settings[name] is JsonValue value && value.TryGetValue(out bool on) ? on : throw fields.Fault(name, "true or false"));
}
