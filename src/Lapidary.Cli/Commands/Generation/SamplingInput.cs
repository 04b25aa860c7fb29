using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Lapidary.Cli.CommandLine;
using Lapidary.Inference.Sampling;

namespace Lapidary.Cli.Commands.Generation;

/// <summary>The options that say how tokens are chosen; what is left out is the model's own, or that of a preset.</summary>
internal sealed class SamplingInput
{
    private readonly Option<string> preset = Values.Text(
        "--preset", "NAME", $"Begin with recommended values: {string.Join(", ", GenerationPreset.All.Select(preset => preset.Name))}.");

    private readonly Option<float?> temperature = Values.OptionalNumber(
        "--temp", "Temperature; 0 takes the most likely token.", x => x >= 0, "a number of at least 0", "--temperature");

    private readonly Option<int?> topK = Values.OptionalInteger("--top-k", "Keep the K most likely tokens; 0 keeps all.", 0, int.MaxValue);

    private readonly Option<float?> topP = Values.OptionalNumber(
        "--top-p", "Keep the most likely tokens up to this probability; 1 keeps all.", x => x is > 0 and <= 1, "a number above 0 and at most 1");

    private readonly Option<float?> minP = Values.OptionalNumber(
        "--min-p", "Keep tokens at least this fraction as likely as the likeliest.", x => x is >= 0 and <= 1, "a number from 0 to 1");

    private readonly Option<float?> repetition = Values.OptionalNumber(
        "--repeat-penalty", "Make tokens of the window less likely by this factor; 1 does nothing.", x => x > 0, "a number above 0");

    private readonly Option<float?> presence = Values.OptionalNumber(
        "--presence-penalty", "Take this from the logit of each token in the window.", _ => true, "a number");

    private readonly Option<float?> frequency = Values.OptionalNumber(
        "--frequency-penalty", "Take this from the logit of a token for each time in the window.", _ => true, "a number");

    private readonly Option<int?> window = Values.OptionalInteger(
        "--repeat-last-n", "Tokens that the penalties look back at; -1 for all.", -1, int.MaxValue);

    private readonly Option<string[]> bias = Values.TextList("--logit-bias", "ID=X", "Add to the logit of a token; '-inf' forbids it. May be repeated.");

    private readonly Option<long?> seed = Values.OptionalLong("--seed", "Seed of the random numbers; the same seed gives the same tokens. Random where it is left out.");

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in new Option[]
            { preset, temperature, topK, topP, minP, repetition, presence, frequency, window, bias, seed })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The preset that was asked for, or null.</summary>
    /// <exception cref="RequestException">There is none of that name.</exception>
    public GenerationPreset? Preset(Invocation invocation)
    {
        if (invocation.Get(preset) is not { } name)
        {
            return null;
        }

        IEnumerable<string> names = GenerationPreset.All.Select(known => known.Name);
        return GenerationPreset.Find(name)
            ?? throw RequestException.Expected(
                "--preset", $"one of {string.Join(", ", names)}", Quote.Text(name) + Suggestion.For(name, names));
    }

    /// <summary>The options over <paramref name="defaults"/>, or over the preset where one was asked for.</summary>
    /// <exception cref="RequestException">A preset or a bias is not right.</exception>
    public SamplingOptions Read(Invocation invocation, SamplingOptions defaults)
    {
        SamplingOptions start = Preset(invocation)?.Sampling ?? defaults;
        return start with
        {
            Temperature = invocation.Get(temperature) ?? start.Temperature,
            TopK = invocation.Get(topK) ?? start.TopK,
            TopP = invocation.Get(topP) ?? start.TopP,
            MinP = invocation.Get(minP) ?? start.MinP,
            RepetitionPenalty = invocation.Get(repetition) ?? start.RepetitionPenalty,
            PresencePenalty = invocation.Get(presence) ?? start.PresencePenalty,
            FrequencyPenalty = invocation.Get(frequency) ?? start.FrequencyPenalty,
            PenaltyWindow = invocation.Get(window) is int tokens ? (tokens < 0 ? null : tokens) : start.PenaltyWindow,
            LogitBias = invocation.Has(bias) ? ReadBias(invocation.Get(bias)!) : start.LogitBias,
            Seed = invocation.Get(seed) is long number ? (ulong)number : start.Seed,
        };
    }

    private static ImmutableDictionary<int, float> ReadBias(string[] entries)
    {
        var biases = ImmutableDictionary.CreateBuilder<int, float>();
        foreach (string entry in entries)
        {
            string[] sides = entry.Split('=');
            float number = 0;
            bool valid = sides.Length == 2
                && int.TryParse(sides[0], NumberStyles.None, CultureInfo.InvariantCulture, out _)
                && (sides[1] == "-inf" || Values.ParseNumber(sides[1]) is not null);
            if (!valid)
            {
                throw RequestException.Expected("--logit-bias", "a token id and a number such as 15=-2.5 or 15=-inf", Quote.Text(entry));
            }

            number = sides[1] == "-inf" ? float.NegativeInfinity : Values.ParseNumber(sides[1])!.Value;
            biases[int.Parse(sides[0], CultureInfo.InvariantCulture)] = number;
        }

        return biases.ToImmutable();
    }
}
