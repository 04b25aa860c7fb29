using System.CommandLine;
using System.Globalization;
using Lapidary.Checkpoints.Adapters;
using Lapidary.Cli.Models;
using Lapidary.Cli.Output;

namespace Lapidary.Cli.CommandLine;

/// <summary>--adapter, which means the same in every command that has it.</summary>
internal sealed class AdapterInput
{
    private readonly Option<string[]> option;

    /// <summary>The option.</summary>
    /// <param name="description">What the command does with the adapters.</param>
    public AdapterInput(string description) => option = Values.TextList(
        "--adapter", "DIR[:SCALE]", description + " A folder of PEFT or a hub id; SCALE is how much of it, 1 where it is left out. May be repeated.").As(OptionRole.Adapter);

    /// <summary>The option as commands that only use adapters have it.</summary>
    public static AdapterInput ForUse() => new("Use the model with this adapter, without merging it.");

    /// <summary>Adds the option to a command.</summary>
    public void AddTo(Command command) => command.Options.Add(option);

    /// <summary>The adapters that were asked for.</summary>
    /// <exception cref="RequestException">One is not there, or its scale is not a number.</exception>
    public IReadOnlyList<AdapterReference> Read(Invocation invocation) => [.. invocation.Get(option, []).Select(Parse)];

    /// <summary>What a report says of the adapters; null where there are none.</summary>
    public IReadOnlyList<AdapterResult>? Report(Invocation invocation)
    {
        IReadOnlyList<AdapterReference> adapters = Read(invocation);
        return adapters.Count == 0 ? null : [.. adapters.Select(adapter => new AdapterResult(adapter.Folder, adapter.Scale))];
    }

    /// <summary>A model's name with those of its adapters, as messages say it.</summary>
    public string Title(Invocation invocation, string model) => model + string.Concat(Report(invocation)?.Select(Describe) ?? []);

    /// <summary>What stands behind a model's name for one adapter.</summary>
    public static string Describe(AdapterResult adapter) =>
        $" + {adapter.Path}" + (adapter.Scale == 1 ? string.Empty : FormattableString.Invariant($":{adapter.Scale:R}"));

    /// <summary>A folder, or a folder and a scale behind the last colon; a folder whose name has a colon in it wins.</summary>
    internal static AdapterReference Parse(string text)
    {
        int colon = text.LastIndexOf(':');
        if (Directory.Exists(text) || colon <= 0)
        {
            return new AdapterReference(Locate(text));
        }

        string scale = text[(colon + 1)..];
        return float.TryParse(scale, NumberStyles.Float, CultureInfo.InvariantCulture, out float number) && float.IsFinite(number)
            ? new AdapterReference(Locate(text[..colon]), number)
            : throw RequestException.Expected("--adapter", "a folder, or a folder and a number such as DIR:0.5", Quote.Text(text));
    }

    private static string Locate(string folder) => Directory.Exists(folder) ? folder : ModelLocator.Find(folder);
}
