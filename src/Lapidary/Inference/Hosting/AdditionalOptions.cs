using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Lapidary.Inference.Hosting;

/// <summary>
/// The options that the abstraction has no member for, by their usual names: <c>min_p</c>, <c>repetition_penalty</c>,
/// <c>penalty_window</c>, <c>logit_bias</c> and <c>chat_template_kwargs</c>. Other names are for others.
/// </summary>
internal sealed class AdditionalOptions
{
    /// <summary>Reads what is there.</summary>
    /// <exception cref="ArgumentException">A value is nothing of the expected kind.</exception>
    public AdditionalOptions(AdditionalPropertiesDictionary? properties)
    {
        if (properties is null)
        {
            return;
        }

        MinP = Number(properties, "min_p");
        RepetitionPenalty = Number(properties, "repetition_penalty");
        PenaltyWindow = Number(properties, "penalty_window") is float window
            ? window >= 0 && window == MathF.Floor(window) ? (int)window : throw Wrong("penalty_window", window, "a whole number of at least 0")
            : null;
        LogitBias = properties.TryGetValue("logit_bias", out object? bias) && bias is not null ? Biases(bias) : null;
        if (properties.TryGetValue("chat_template_kwargs", out object? variables) && variables is not null)
        {
            TemplateVariables = variables switch
            {
                JsonElement { ValueKind: JsonValueKind.Object } json =>
                    json.EnumerateObject().ToDictionary(property => property.Name, property => property.Value),
                IReadOnlyDictionary<string, JsonElement> dictionary => dictionary,
                _ => throw Wrong("chat_template_kwargs", variables, "a JSON object"),
            };
        }
    }

    /// <summary>See <see cref="Sampling.SamplingOptions.MinP"/>.</summary>
    public float? MinP { get; }

    /// <summary>See <see cref="Sampling.SamplingOptions.RepetitionPenalty"/>.</summary>
    public float? RepetitionPenalty { get; }

    /// <summary>See <see cref="Sampling.SamplingOptions.PenaltyWindow"/>.</summary>
    public int? PenaltyWindow { get; }

    /// <summary>See <see cref="Sampling.SamplingOptions.LogitBias"/>.</summary>
    public ImmutableDictionary<int, float>? LogitBias { get; }

    /// <summary>Further variables of the chat template.</summary>
    public IReadOnlyDictionary<string, JsonElement> TemplateVariables { get; } = new Dictionary<string, JsonElement>();

    private static float? Number(AdditionalPropertiesDictionary properties, string name) =>
        properties.TryGetValue(name, out object? value) && value is not null
            ? ToNumber(value) ?? throw Wrong(name, value, "a number")
            : null;

    private static float? ToNumber(object? value) => value switch
    {
        float number => number,
        double number => (float)number,
        decimal number => (float)number,
        int number => number,
        long number => number,
        JsonElement { ValueKind: JsonValueKind.Number } number => number.GetSingle(),
        string text when float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float number) => number,
        _ => null,
    };

    private static ImmutableDictionary<int, float> Biases(object value)
    {
        if (value is IEnumerable<KeyValuePair<int, float>> biases)
        {
            return biases.ToImmutableDictionary();
        }

        ImmutableDictionary<int, float>.Builder builder = ImmutableDictionary.CreateBuilder<int, float>();
        if (value is not JsonElement { ValueKind: JsonValueKind.Object } json)
        {
            throw Wrong("logit_bias", value, "a dictionary from token ids to numbers");
        }

        foreach (JsonProperty property in json.EnumerateObject())
        {
            if (!int.TryParse(property.Name, NumberStyles.None, CultureInfo.InvariantCulture, out int token) || ToNumber(property.Value) is not float bias)
            {
                throw Wrong("logit_bias", property, "token ids with numbers");
            }

            builder[token] = bias;
        }

        return builder.ToImmutable();
    }

    private static ArgumentException Wrong(string name, object value, string expected) =>
        new($"{name} is {value} where {expected} was expected.");
}
