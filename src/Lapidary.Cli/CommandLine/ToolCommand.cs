using System.CommandLine;
using System.Diagnostics;
using Lapidary.Workbench.Recipes;

namespace Lapidary.Cli.CommandLine;

/// <summary>One command of the tool: its options are its fields, its help ends with examples.</summary>
internal abstract class ToolCommand : Command
{
    /// <summary>Creates a command with its examples, each a complete command line.</summary>
    protected ToolCommand(string name, string description, params string[] examples)
        : base(name, description)
    {
        Examples = examples;
        SetAction(arguments => Tool.Guard(arguments, invocation =>
        {
            DateTimeOffset started = DateTimeOffset.UtcNow;
            var watch = Stopwatch.StartNew();
            Execute(invocation);
            LineageRecord.Write(this, arguments, started, watch.Elapsed);
        }));
    }

    /// <summary>The version of what the command computes: raised when the same options begin to give other results.</summary>
    public virtual int ResultVersion => 1;

    /// <summary>Complete command lines that show the usual uses.</summary>
    public IReadOnlyList<string> Examples { get; }

    /// <summary>
    /// What stands behind the name of a step in the names of what it writes, see <see cref="StepCommand.Extensions"/>; null where the command is
    /// no step of a recipe.
    /// </summary>
    public virtual IReadOnlyList<string>? StepExtensions => null;

    /// <summary>The option, without dashes, with which a step of a recipe writes a folder instead; null where there is none.</summary>
    public virtual string? StepFolderOption => null;

    /// <summary>Whether a step of a recipe writes into what is there already instead of beginning with nothing.</summary>
    public virtual bool KeepsOutput => false;

    /// <summary>Does the work; returns normally for exit code 0 and throws for every other.</summary>
    protected abstract void Execute(Invocation invocation);
}
