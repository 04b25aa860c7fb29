using System.CommandLine;
using Lapidary.Cli.CommandLine;
using Lapidary.Workbench.Evaluation.Markers;

namespace Lapidary.Cli.Commands.Evaluation;

/// <summary>Files of prompts whose answers are searched for markers, the short way to a rate of refusals.</summary>
internal sealed class PromptsInput
{
    private const string Name = "--prompts";

    private readonly Option<string[]> prompts = Values.TextList(
        Name, "[NAME=]FILE", "Ask the prompts of a file and count the answers that hold a marker, as task markers_NAME. May be repeated.").As(OptionRole.NamedPath);

    private readonly Option<string> markers = Values.Text(
        "--markers", "FILE", "The markers, one in each line; those of refusals where it is left out.").As(OptionRole.Path);

    private readonly Option<bool> raw = new("--raw-prompts")
    {
        Description = "Put the prompts to the model as they stand, also where it has a chat template.",
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(prompts);
        command.Options.Add(markers);
        command.Options.Add(raw);
    }

    /// <summary>Whether there are prompts.</summary>
    public bool Has(Invocation invocation) => invocation.Has(prompts);

    /// <summary>Whether prompts are put to the model as they stand.</summary>
    public bool IsRaw(Invocation invocation) => invocation.Get(raw);

    /// <summary>The prompts that were named; none where none were.</summary>
    /// <exception cref="RequestException">A name is none or stands twice, or markers are given to no prompts.</exception>
    /// <exception cref="Lapidary.Checkpoints.CheckpointException">A file cannot be used.</exception>
    public IReadOnlyList<PromptSet> Read(Invocation invocation)
    {
        if (!Has(invocation))
        {
            return invocation.Has(markers) || invocation.Has(raw)
                ? throw RequestException.Expected(invocation.Has(markers) ? "--markers" : "--raw-prompts", $"{Name} as well", "none")
                : [];
        }

        IReadOnlyList<string>? list = invocation.Get(markers) is { } file ? MarkerList.Read(file) : null;
        var sets = new List<PromptSet>();
        foreach (string given in invocation.Get(prompts)!)
        {
            (string name, string path) = Parse(given);
            sets.Add(new PromptSet(MarkerTask.Create(name, path, list), PromptFile.Read(path, invocation.Cancellation)));
        }

        return sets;
    }

    // A file may have an equals sign in its own name.
    private static (string Name, string Path) Parse(string given)
    {
        int equals = given.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0 || File.Exists(given))
        {
            return (MarkerTask.NameOf(given), given);
        }

        string name = given[..equals];
        return MarkerTask.IsName(name) && equals + 1 < given.Length
            ? (name, given[(equals + 1)..])
            : throw RequestException.Expected(Name, "NAME=FILE with a name of letters, digits, '-', '_' and '.', or FILE", Quote.Text(given));
    }
}
