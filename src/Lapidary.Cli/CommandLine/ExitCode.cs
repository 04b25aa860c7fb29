namespace Lapidary.Cli.CommandLine;

/// <summary>What the process says to the shell that called it.</summary>
internal static class ExitCode
{
    /// <summary>The work is done.</summary>
    public const int Success = 0;

    /// <summary>The request was right, but the work failed.</summary>
    public const int Failed = 1;

    /// <summary>The request was wrong: arguments, or a file that is missing or broken.</summary>
    public const int WrongRequest = 2;

    /// <summary>Stopped by Ctrl-C, as shells count it: 128 + SIGINT.</summary>
    public const int Interrupted = 130;
}
