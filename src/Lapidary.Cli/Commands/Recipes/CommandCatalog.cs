using System.CommandLine;
using Lapidary.Checkpoints;
using Lapidary.Cli.CommandLine;
using Lapidary.Workbench.Recipes;

namespace Lapidary.Cli.Commands.Recipes;

/// <summary>The commands of the tool as steps of a recipe: their options are those of the command line, said once.</summary>
internal static class CommandCatalog
{
    /// <summary>The catalogue.</summary>
    public static StepCatalog Create() => new(
        [.. AllCommands.Create().Where(command => command.StepExtensions is not null).Select(Describe)], Tool.Check, FindInput, Tool.RunStep);

    private static StepCommand Describe(ToolCommand command) => new(
        command.Name,
        command.Description ?? string.Empty,
        [
            .. command.Arguments.Select(argument => Describe(argument, argument.ValueType, true)),
            .. command.Options.Where(IsChosen).Select(option => Describe(option, option.ValueType, false) with { IsRequired = option.Required }),
        ])
    {
        Extensions = command.StepExtensions!,
        ResultVersion = command.ResultVersion,
        FolderOption = command.StepFolderOption,
        KeepsOutput = command.KeepsOutput,
        CanResume = command.Options.Any(option => option.Name == "--resume"),
    };

    // Where it writes and whether it goes on the recipe decides; looking only is no step.
    private static bool IsChosen(Option option) =>
        OptionRoles.RoleOf(option) is not (OptionRole.Output or OptionRole.Presentation or OptionRole.LookOnly or OptionRole.Consent) && option.Name is not ("--overwrite" or "--resume" or "--help");

    private static StepOption Describe(Symbol symbol, Type type, bool isArgument)
    {
        OptionRole role = OptionRoles.RoleOf(symbol);
        return new StepOption(OptionRoles.NameOf(symbol), ValueOf(symbol, Nullable.GetUnderlyingType(type) ?? type), InputOf(role), symbol.Description ?? string.Empty)
        {
            IsArgument = isArgument,
            CanStandAlone = symbol is Option { Arity: { MinimumNumberOfValues: 0, MaximumNumberOfValues: 1 } } && type != typeof(bool),
            ChangesResult = role != OptionRole.Neutral,
            Choices = Nullable.GetUnderlyingType(type) is { IsEnum: true } && symbol is Option { HelpName: { } words } ? words.Split('|') : [],
        };
    }

    private static StepValue ValueOf(Symbol symbol, Type type) =>
        type == typeof(bool) ? StepValue.Flag
        : type == typeof(int) || type == typeof(long) ? StepValue.Integer
        : type == typeof(double) || type == typeof(float) ? StepValue.Number
        : !type.IsArray ? StepValue.Text
        : symbol is Option { Arity.MaximumNumberOfValues: 1 } ? StepValue.Words
        : StepValue.Texts;

    private static StepInput InputOf(OptionRole role) => role switch
    {
        OptionRole.Model => StepInput.Model,
        OptionRole.Adapter => StepInput.Adapter,
        OptionRole.Path => StepInput.Path,
        OptionRole.NamedPath => StepInput.NamedPath,
        OptionRole.Data => StepInput.Data,
        _ => StepInput.None,
    };

    private static string[] FindInput(StepInput input, string value)
    {
        OptionRole role = input switch
        {
            StepInput.Model => OptionRole.Model,
            StepInput.Adapter => OptionRole.Adapter,
            StepInput.Path => OptionRole.Path,
            StepInput.NamedPath => OptionRole.NamedPath,
            StepInput.Data => OptionRole.Data,
            _ => OptionRole.Setting,
        };
        try
        {
            string[] paths = [.. LineageRecord.PathsOf(role, value)];
            return paths.FirstOrDefault(path => !File.Exists(path) && !Directory.Exists(path)) is { } missing
                ? throw new CheckpointException(missing, "is neither a file nor a folder")
                : paths;
        }
        catch (RequestException wrong)
        {
            string prefix = value + ": ";
            throw new CheckpointException(
                value, wrong.Message.StartsWith(prefix, StringComparison.Ordinal) ? wrong.Message[prefix.Length..] : wrong.Message, wrong);
        }
    }
}
