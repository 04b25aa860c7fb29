using System.Globalization;
using Lapidary.Cli.CommandLine;
using Lapidary.Inference.Generation;
using Lapidary.Inference.Sampling;

namespace Lapidary.Cli.Commands.Chat;

/// <summary>What <c>/set</c> can change while the conversation goes on.</summary>
internal sealed class ChatSettings(TextGenerationOptions options)
{
    private static readonly Setting[] Known =
    [
        Number("temp", s => s.Temperature, (s, x) => s with { Temperature = x }),
        Number("top-k", s => s.TopK, (s, x) => s with { TopK = checked((int)x) }),
        Number("top-p", s => s.TopP, (s, x) => s with { TopP = x }),
        Number("min-p", s => s.MinP, (s, x) => s with { MinP = x }),
        Number("repeat-penalty", s => s.RepetitionPenalty, (s, x) => s with { RepetitionPenalty = x }),
        Number("presence-penalty", s => s.PresencePenalty, (s, x) => s with { PresencePenalty = x }),
        Number("frequency-penalty", s => s.FrequencyPenalty, (s, x) => s with { FrequencyPenalty = x }),
        new("seed", s => s.Options.Sampling!.Seed?.ToString(CultureInfo.InvariantCulture) ?? "random", SetSeed),
        new("max-tokens", s => $"{s.Options.MaxTokens}", SetMaxTokens),
        new("timings", s => s.ShowTimings ? "on" : "off", (s, text) => Switch(text, on => s.ShowTimings = on)),
        new("prompt", s => s.ShowPrompt ? "on" : "off", (s, text) => Switch(text, on => s.ShowPrompt = on)),
    ];

    /// <summary>How answers are generated; the sampling is never null.</summary>
    public TextGenerationOptions Options { get; private set; } = options;

    /// <summary>Whether each answer is followed by what it took.</summary>
    public bool ShowTimings { get; set; }

    /// <summary>Whether each answer is preceded by the text that the model sees.</summary>
    public bool ShowPrompt { get; set; }

    /// <summary>The names and their values.</summary>
    public IEnumerable<(string Name, string Value)> List() => Known.Select(setting => (setting.Name, setting.Show(this)));

    /// <summary>Changes one.</summary>
    /// <returns>A sentence about what is wrong, or null.</returns>
    public string? Set(string name, string value)
    {
        if (Known.FirstOrDefault(setting => setting.Name == name) is not { } known)
        {
            return $"/set: expected one of {string.Join(", ", Known.Select(setting => setting.Name))}, found {Quote.Text(name)}"
                + Suggestion.For(name, Known.Select(setting => setting.Name));
        }

        try
        {
            return known.Change(this, value) is { } expected ? $"/set {name}: expected {expected}, found {Quote.Text(value)}" : null;
        }
        catch (Exception exception) when (exception is ArgumentException or OverflowException)
        {
            return $"/set {name}: {Quote.Line(exception.Message.Split(" (Parameter")[0])}";
        }
    }

    private static Setting Number(string name, Func<SamplingOptions, float> get, Func<SamplingOptions, float, SamplingOptions> with) => new(
        name,
        settings => get(settings.Options.Sampling!).ToString(CultureInfo.InvariantCulture),
        (settings, text) =>
        {
            if (Values.ParseNumber(text) is not float number || (name == "top-k" && number != MathF.Floor(number)))
            {
                return name == "top-k" ? "a whole number" : "a number";
            }

            settings.Options = settings.Options with { Sampling = with(settings.Options.Sampling!, number) };
            return null;
        });

    private static string? SetSeed(ChatSettings settings, string text)
    {
        ulong number = 0;
        if (text != "random" && !ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number))
        {
            return "a whole number or random";
        }

        settings.Options = settings.Options with { Sampling = settings.Options.Sampling! with { Seed = text == "random" ? null : number } };
        return null;
    }

    private static string? SetMaxTokens(ChatSettings settings, string text)
    {
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number == 0)
        {
            return "a whole number of at least 1";
        }

        settings.Options = settings.Options with { MaxTokens = number };
        return null;
    }

    private static string? Switch(string text, Action<bool> set)
    {
        if (text is not ("on" or "off"))
        {
            return "on or off";
        }

        set(text == "on");
        return null;
    }

    private sealed record Setting(string Name, Func<ChatSettings, string> Show, Func<ChatSettings, string, string?> Change);
}
