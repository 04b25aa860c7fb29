using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Lapidary.Cli.Commands.Training;
using Lapidary.Cli.Models;
using Lapidary.Workbench.Recipes;

namespace Lapidary.Cli.CommandLine;

/// <summary>Writes down where what a command has made comes from.</summary>
internal static class LineageRecord
{
    /// <summary>Writes the lineage of every artefact of a command that has done its work; nothing where it makes none.</summary>
    /// <param name="command">The command.</param>
    /// <param name="arguments">What it was called with.</param>
    /// <param name="started">When it began.</param>
    /// <param name="elapsed">How long it took.</param>
    public static void Write(ToolCommand command, ParseResult arguments, DateTimeOffset started, TimeSpan elapsed)
    {
        (Symbol Symbol, string[] Values)[] given = [.. Given(command, arguments)];
        if (given.Any(item => OptionRoles.RoleOf(item.Symbol) == OptionRole.LookOnly))
        {
            return;
        }

        string[] artefacts =
        [
            .. given
                .Where(item => OptionRoles.RoleOf(item.Symbol) == OptionRole.Output)
                .SelectMany(item => item.Values)
                .Where(path => File.Exists(path) || Directory.Exists(path)),
        ];
        if (artefacts.Length == 0)
        {
            return;
        }

        var options = new List<LineageOption>();
        var inputs = new List<LineageInput>();
        foreach ((Symbol symbol, string[] values) in given)
        {
            string name = OptionRoles.NameOf(symbol);
            OptionRole role = OptionRoles.RoleOf(symbol);
            if (role is OptionRole.Neutral or OptionRole.Output or OptionRole.Presentation)
            {
                continue;
            }

            options.Add(new LineageOption(name, values));
            inputs.AddRange(values.SelectMany(value => InputOf(role, name, value)));
        }

        foreach (string artefact in artefacts)
        {
            new Lineage
            {
                Command = command.Name,
                Options = options,
                Inputs = inputs,
                Seed = SeedOf(command, arguments),
                Program = LineageProgram.Current(command.ResultVersion),
                Machine = LineageMachine.Current(),
                Started = started,
                Seconds = Math.Round(elapsed.TotalSeconds, 3),
                Files = ContentHash.FilesOf(artefact),
            }.Write(artefact);
        }
    }

    /// <summary>The files and folders that a value of an option names.</summary>
    internal static IEnumerable<string> PathsOf(OptionRole role, string value) => role switch
    {
        OptionRole.Model => [ModelLocator.Find(value)],
        OptionRole.Adapter => [AdapterInput.Parse(value).Folder],
        OptionRole.Path => [value],
        OptionRole.NamedPath => [File.Exists(value) ? value : value[(value.IndexOf('=', StringComparison.Ordinal) + 1)..]],
        OptionRole.PathOrSetting when File.Exists(value) || Directory.Exists(value) => [value],
        OptionRole.Data => HubData.Find(value) ?? [value],
        _ => [],
    };

    // Arguments first, then options in the order of the help: the same call gives the same record however it was typed. A model that was
    // left out is one that was used all the same.
    private static IEnumerable<(Symbol Symbol, string[] Values)> Given(ToolCommand command, ParseResult arguments)
    {
        foreach (Argument argument in command.Arguments)
        {
            ArgumentResult? result = arguments.GetResult(argument);
            if (result is { Tokens.Count: > 0 })
            {
                yield return (argument, [.. result.Tokens.Select(token => token.Value)]);
            }
            else if (OptionRoles.RoleOf(argument) == OptionRole.Model && argument.GetDefaultValue() is string model)
            {
                yield return (argument, [model]);
            }
        }

        foreach (Option option in command.Options)
        {
            if (arguments.GetResult(option) is { Implicit: false } result)
            {
                yield return (option, [.. result.Tokens.Select(token => token.Value)]);
            }
        }
    }

    private static IEnumerable<LineageInput> InputOf(OptionRole role, string name, string value) =>
        PathsOf(role, value)
            .Where(path => File.Exists(path) || Directory.Exists(path))
            .Select(path => new LineageInput(name, value, ContentHash.Of(path)) { Lineage = Lineage.Of(path) });

    private static long? SeedOf(ToolCommand command, ParseResult arguments)
    {
        Option? seed = command.Options.FirstOrDefault(option => option.Name == "--seed");
        string? text = seed is null ? null : arguments.GetResult(seed)?.GetValueOrDefault<object>()?.ToString();
        return long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out long value) ? value : null;
    }
}
