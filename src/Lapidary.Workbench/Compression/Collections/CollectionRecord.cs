using System.Text.Json.Nodes;
using Lapidary.Checkpoints;
using Lapidary.Workbench.Evaluation.Texts;
using Lapidary.Workbench.Training;

namespace Lapidary.Workbench.Compression.Collections;

/// <summary>What <c>collection.json</c> says: the facts and the files in order.</summary>
internal static class CollectionRecord
{
    /// <summary>The version of the file that this program writes and reads.</summary>
    private const long Version = 1;

    // Far above any real one.
    private const int FileLimit = 1 << 20;
    private const int EntryLimit = 256;

    /// <summary>The file as JSON.</summary>
    public static JsonObject Write(CollectionFacts facts, IEnumerable<CollectionEntry> entries) => new()
    {
        ["version"] = Version,
        ["model"] = facts.Model,
        ["source"] = facts.Source,
        ["imatrix"] = facts.Importance,
        ["text"] = facts.Text,
        ["chunks"] = facts.Chunks,
        ["base"] = facts.Base,
        ["base_perplexity"] = facts.BasePerplexity?.Value,
        ["base_perplexity_stderr"] = facts.BasePerplexity?.Uncertainty,
        ["files"] = new JsonArray([.. entries.Select(Write)]),
    };

    /// <summary>Reads a file.</summary>
    /// <exception cref="CheckpointException">It cannot be read or is none.</exception>
    public static (CollectionFacts Facts, IReadOnlyList<CollectionEntry> Entries) Read(string path)
    {
        StateFields fields = StateFields.Parse(Content(path), path);
        if (fields.Whole("version") is var version and not Version)
        {
            throw new CheckpointException(path, $"is of version {version} where {Version} was expected");
        }

        var facts = new CollectionFacts(fields.Text("model"), fields.Text("source"))
        {
            Importance = fields.OptionalText("imatrix"),
            Text = fields.OptionalText("text"),
            Chunks = fields.OptionalText("chunks"),
            Base = fields.OptionalText("base"),
            BasePerplexity = Value(fields, "base_perplexity"),
        };
        CollectionEntry[] entries = [.. fields.Objects("files", EntryLimit).Select(entry => Entry(entry, path))];
        return entries.Select(entry => entry.Type).Distinct(StringComparer.Ordinal).Count() == entries.Length
            ? (facts, entries)
            : throw new CheckpointException(path, "has two files of one type");
    }

    private static ReadOnlySpan<byte> Content(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (stream.Length > FileLimit)
            {
                throw new CheckpointException(path, $"has {stream.Length} bytes where at most {FileLimit} were expected");
            }

            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            return content;
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"cannot be read: {thrown.Message.TrimEnd('.')}", thrown);
        }
    }

    private static JsonNode Write(CollectionEntry entry) => new JsonObject
    {
        ["type"] = entry.Type,
        ["file"] = entry.File,
        ["bytes"] = entry.FileBytes,
        ["tensor_bytes"] = entry.TensorBytes,
        ["parameters"] = entry.Parameters,
        ["bits_per_weight"] = entry.BitsPerWeight,
        ["compression"] = entry.Compression,
        ["sha256"] = entry.Sha256,
        ["made_from"] = entry.MadeFrom,
        ["perplexity"] = entry.Scores?.Perplexity.Value,
        ["perplexity_stderr"] = entry.Scores?.Perplexity.Uncertainty,
        ["kl_divergence"] = entry.Scores?.Divergence.Value,
        ["kl_divergence_stderr"] = entry.Scores?.Divergence.Uncertainty,
        ["same_top"] = entry.Scores?.SameTop.Value,
        ["same_top_stderr"] = entry.Scores?.SameTop.Uncertainty,
        ["scored_on"] = entry.Scores?.ScoredOn,
        ["prompt_tokens"] = entry.Speed?.PromptTokens,
        ["prompt_tokens_per_second"] = entry.Speed?.PromptRate,
        ["generated_tokens"] = entry.Speed?.GeneratedTokens,
        ["generation_tokens_per_second"] = entry.Speed?.GenerationRate,
        ["timed_on"] = entry.Speed?.Machine,
    };

    private static CollectionEntry Entry(StateFields fields, string path)
    {
        string type = fields.Text("type"), file = fields.Text("file");
        if (QuantizationMix.Find(type)?.Name != type || file.Length == 0 || Path.GetFileName(file) != file)
        {
            throw new CheckpointException(path, "names a file that is none of a collection");
        }

        long parameters = fields.Whole("parameters"), bytes = fields.Whole("tensor_bytes");
        if (parameters == 0 || bytes == 0)
        {
            throw new CheckpointException(path, $"says that {file} is empty");
        }

        return new CollectionEntry(type, file, fields.Whole("bytes"), bytes, parameters, fields.Text("sha256"), fields.Text("made_from"))
        {
            Scores = Scores(fields),
            Speed = Speed(fields, path),
        };
    }

    private static CollectionScores? Scores(StateFields fields) =>
        fields.OptionalText("scored_on") is { } scored
        && Value(fields, "perplexity") is { } perplexity && Value(fields, "kl_divergence") is { } divergence && Value(fields, "same_top") is { } sameTop
            ? new CollectionScores(perplexity, divergence, sameTop, scored)
            : null;

    private static CollectionSpeed? Speed(StateFields fields, string path)
    {
        if (fields.OptionalText("timed_on") is not { } machine
            || fields.Number("prompt_tokens_per_second") is not double prompt
            || fields.Number("generation_tokens_per_second") is not double generation)
        {
            return null;
        }

        long promptTokens = fields.Whole("prompt_tokens"), generated = fields.Whole("generated_tokens");
        return promptTokens <= int.MaxValue && generated <= int.MaxValue
            ? new CollectionSpeed((int)promptTokens, prompt, (int)generated, generation, machine)
            : throw new CheckpointException(path, "timed more tokens than there can be");
    }

    private static UncertainValue? Value(StateFields fields, string name) =>
        fields.Number(name) is double value && fields.Number(name + "_stderr") is double error ? new UncertainValue(value, error) : null;
}
