using System.Globalization;
using System.Text;
using Lapidary.Workbench.Recipes;
using Lapidary.Workbench.Training;

namespace Lapidary.Workbench.Reports.Cards;

/// <summary>How a model was made: every command that led to it, and what its trainings measured.</summary>
internal static class TrainingSection
{
    /// <summary>The section; null where nothing was recorded.</summary>
    public static CardSection? Create(CardFacts facts, string? lossChart)
    {
        if (facts.Chain.Count == 0)
        {
            return null;
        }

        var text = new StringBuilder("## How it was made\n\n");
        for (int i = 0; i < facts.Chain.Count; i++)
        {
            Lineage one = facts.Chain[i];
            text.Append(CultureInfo.InvariantCulture, $"{i + 1}. `{Command(one)}`");
            text.Append(CultureInfo.InvariantCulture, $", {Duration(one.Seconds)} on {one.Machine.Processors} threads of {one.Machine.Processor ?? one.Machine.Architecture} ({one.Program.InstructionSet}), Lapidary {one.Program.Version.Split('+')[0]}\n");
        }

        foreach ((string name, string path) in Runs(facts))
        {
            Measured(text, name, path);
        }

        if (lossChart is not null)
        {
            text.Append("\n![Loss over the steps of the training](").Append(lossChart).Append(")\n");
        }

        return new CardSection("training", text.ToString());
    }

    /// <summary>Folders of training runs that led to the model, with what they are called.</summary>
    public static IReadOnlyList<(string Name, string Path)> Runs(CardFacts facts)
    {
        IEnumerable<(string, string)> inputs = facts.Chain
            .SelectMany(one => one.Inputs)
            .Select(input => (input.Value, Path: facts.Options.FindModel(input.Value)))
            .Where(input => input.Path is not null)
            .Select(input => (input.Value, input.Path!));
        return [.. inputs.Append((facts.Name, facts.Folder)).Where(run => File.Exists(Path.Combine(run.Item2, MetricsLog.FileName))).DistinctBy(run => Path.GetFullPath(run.Item2))];
    }

    /// <summary>A command as somebody would type it, without paths of the machine: names of files and folders alone.</summary>
    public static string Command(Lineage lineage)
    {
        var text = new StringBuilder("lapidary ").Append(lineage.Command);
        foreach (LineageOption option in lineage.Options)
        {
            bool isArgument = option.Name is "model" or "student" or "results" or "preset";
            IEnumerable<string> values = option.Values.Select(value => Shown(lineage, option.Name, value));
            text.Append(isArgument ? " " + string.Join(' ', values)
                : option.Values.Count == 0 ? $" --{option.Name}"
                : string.Concat(values.Select(value => $" --{option.Name} {value}")));
        }

        return text.ToString();
    }

    private static string Shown(Lineage lineage, string option, string value)
    {
        bool isInput = lineage.Inputs.Any(input => input.Option == option && input.Value == value);
        string shown = isInput && (Path.IsPathRooted(value) || value.Contains("..", StringComparison.Ordinal))
            ? Path.GetFileName(Path.TrimEndingDirectorySeparator(value))
            : value;
        return shown.Any(c => c is ' ' or '"' or '\'' or '`' or '|' || char.IsControl(c)) ? $"'{shown.Replace('`', '\'').ReplaceLineEndings(" ")}'" : shown;
    }

    private static void Measured(StringBuilder text, string name, string path)
    {
        IReadOnlyList<MetricsEntry> entries = [.. MetricsLog.Read(Path.Combine(path, MetricsLog.FileName))];
        MetricsEntry[] steps = [.. entries.Where(entry => entry.Loss is not null)];
        MetricsEntry[] validations = [.. entries.Where(entry => entry.ValidationLoss is not null)];
        if (steps.Length == 0)
        {
            return;
        }

        text.Append(CultureInfo.InvariantCulture, $"\nTraining `{Path.GetFileName(Path.TrimEndingDirectorySeparator(name))}`: {steps[^1].Step:N0} steps");
        if (steps[^1].Tokens is long tokens)
        {
            text.Append(CultureInfo.InvariantCulture, $", {tokens:N0} tokens");
        }

        text.Append(CultureInfo.InvariantCulture, $"; loss of the first step {steps[0].Loss:0.0000}, of the last {steps[^1].Loss:0.0000}");
        if (validations.Length > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"; validation loss {validations[0].ValidationLoss:0.0000} at step {validations[0].Step:N0}, {validations[^1].ValidationLoss:0.0000} at the end");
        }

        text.Append(" (nats per learned token).\n");
    }

    private static string Duration(double seconds) => seconds switch
    {
        < 60 => seconds.ToString("0.0", CultureInfo.InvariantCulture) + " s",
        < 3600 => string.Create(CultureInfo.InvariantCulture, $"{(int)seconds / 60} min {(int)seconds % 60} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)seconds / 3600} h {(int)seconds / 60 % 60} min"),
    };
}
