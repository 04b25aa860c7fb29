using Lapidary.Cli.CommandLine;

namespace Lapidary.Cli.Commands;

/// <summary>Every command of the tool, in the order of the help.</summary>
internal static class AllCommands
{
    /// <summary>Creates them anew.</summary>
    public static IReadOnlyList<ToolCommand> Create() =>
    [
        new InfoCommand(),
        new RunCommand(),
        new ChatCommand(),
        new TokenizeCommand(),
        new LogitsCommand(),
        new BenchCommand(),
        new CompareCommand(),
        new TuneCommand(),
        new DistillCommand(),
        new RecordTeacherCommand(),
        new EvalCommand(),
        new PerplexityCommand(),
        new PullCommand(),
        new InitCommand(),
        new ConvertCommand(),
        new QuantizeCommand(),
        new PruneCommand(),
        new TrainTokenizerCommand(),
        new MergeCommand(),
        new ImatrixCommand(),
        new MakeCommand(),
        new CardCommand(),
    ];
}
