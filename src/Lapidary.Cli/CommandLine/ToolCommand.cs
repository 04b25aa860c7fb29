using System.CommandLine;

namespace Lapidary.Cli.CommandLine;

/// <summary>One command of the tool: its options are its fields, its help ends with examples.</summary>
internal abstract class ToolCommand : Command
{
    /// <summary>Creates a command with its examples, each a complete command line.</summary>
    protected ToolCommand(string name, string description, params string[] examples)
        : base(name, description)
    {
        Examples = examples;
        SetAction(arguments => Tool.Guard(arguments, Execute));
    }

    /// <summary>Complete command lines that show the usual uses.</summary>
    public IReadOnlyList<string> Examples { get; }

    /// <summary>Does the work; returns normally for exit code 0 and throws for every other.</summary>
    protected abstract void Execute(Invocation invocation);
}
