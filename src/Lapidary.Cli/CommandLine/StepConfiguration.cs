using System.CommandLine;

namespace Lapidary.Cli.CommandLine;

/// <summary>How a command runs as a step of a recipe.</summary>
/// <param name="output">Receives what it prints as JSON.</param>
internal sealed class StepConfiguration(Stream output) : InvocationConfiguration
{
    /// <summary>Receives what the command prints as JSON.</summary>
    public new Stream Output { get; } = output;
}
