using Lapidary.Checkpoints;
using Lapidary.Networks;

namespace Lapidary.Inference.Sampling;

/// <summary>
/// How a checkpoint wants to be sampled: <c>generation_config.json</c> of a folder, the keys <c>general.sampling.*</c> of a GGUF file.
/// A checkpoint that says nothing gets <see cref="GenerationPreset.Gemma3"/>.
/// </summary>
/// <param name="Sampling">How tokens are chosen.</param>
/// <param name="MaxTokens">At how many tokens an answer ends, or null where nothing is said.</param>
public sealed record GenerationDefaults(SamplingOptions Sampling, int? MaxTokens)
{
    /// <summary>Reads what a checkpoint says.</summary>
    /// <exception cref="CheckpointException">A value is not what it should be.</exception>
    public static GenerationDefaults Read(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        return checkpoint switch
        {
            HuggingFaceFolder folder when folder.ReadGenerationConfig() is { } json =>
                FromHuggingFace(new ConfigFields(json, folder.PathOf("generation_config.json"), string.Empty)),
            GgufCheckpoint file => FromGguf(file.Gguf.Metadata, file.Path),
            _ => new GenerationDefaults(GenerationPreset.Gemma3.Sampling, null),
        };
    }

    /// <summary>Reads the fields of <c>generation_config.json</c>.</summary>
    internal static GenerationDefaults FromHuggingFace(ConfigFields fields)
    {
        int? maxTokens = fields.FindInteger("max_new_tokens");
        if (maxTokens < 1)
        {
            throw fields.Wrong("max_new_tokens", fields.Find("max_new_tokens")!.Value, "a whole number above 0");
        }

        var sampling = new SamplingOptions
        {
            Temperature = Number(fields, "temperature", 1, value => value is >= 0 and <= float.MaxValue, "a number of at least 0"),
            TopK = (int)Number(fields, "top_k", 50, value => value is >= 0 and <= int.MaxValue && value == Math.Floor(value), "a whole number of at least 0"),
            TopP = Number(fields, "top_p", 1, value => value is > 0 and <= 1, "a number above 0 and at most 1"),
            MinP = Number(fields, "min_p", 0, value => value is >= 0 and <= 1, "a number from 0 to 1"),
            RepetitionPenalty = Number(fields, "repetition_penalty", 1, value => value is > 1e-30 and <= float.MaxValue, "a number above 0"),

            // transformers looks at the whole sequence.
            PenaltyWindow = null,
        };

        // Without do_sample, transformers is greedy and looks at none of the filters.
        return new GenerationDefaults(
            fields.Boolean("do_sample", otherwise: false)
                ? sampling
                : SamplingOptions.Greedy with { RepetitionPenalty = sampling.RepetitionPenalty, PenaltyWindow = null },
            maxTokens);
    }

    /// <summary>Reads the metadata of a GGUF file.</summary>
    internal static GenerationDefaults FromGguf(IReadOnlyDictionary<string, GgufValue> metadata, string path)
    {
        const string Prefix = "general.sampling.";
        SamplingOptions otherwise = GenerationPreset.Gemma3.Sampling;
        float window = Find("penalty_last_n", otherwise.PenaltyWindow!.Value, value => value is >= -1 and <= int.MaxValue, "a number of at least -1");
        return new GenerationDefaults(
            new SamplingOptions
            {
                Temperature = Find("temp", otherwise.Temperature, value => value is >= 0 and <= float.MaxValue, "a number of at least 0"),
                TopK = (int)Find("top_k", otherwise.TopK, value => value is >= 0 and <= int.MaxValue, "a number of at least 0"),
                TopP = Find("top_p", otherwise.TopP, value => value is > 0 and <= 1, "a number above 0 and at most 1"),
                MinP = Find("min_p", otherwise.MinP, value => value is >= 0 and <= 1, "a number from 0 to 1"),
                RepetitionPenalty = Find("penalty_repeat", 1, value => value is > 1e-30 and <= float.MaxValue, "a number above 0"),
                PenaltyWindow = window < 0 ? null : (int)window,
            },
            null);

        float Find(string name, float absent, Func<double, bool> valid, string expected)
        {
            if (!metadata.TryGetValue(Prefix + name, out GgufValue? value))
            {
                return absent;
            }

            double number = value.ToDouble();
            return valid(number) && float.IsFinite((float)number)
                ? (float)number
                : throw new CheckpointException(path, $"key {Prefix}{name} is {number:R} where {expected} was expected");
        }
    }

    private static float Number(ConfigFields fields, string name, float absent, Func<double, bool> valid, string expected) =>
        fields.FindNumber(name) is not double number
            ? absent
            : valid(number) ? (float)number : throw fields.Wrong(name, fields.Find(name)!.Value, expected);
}
