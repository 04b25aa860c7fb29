using Spectre.Console;

namespace Lapidary.Cli.Output;

/// <summary>Progress of a longer piece of work, on stderr: a bar where that is a terminal, nothing where it is a file.</summary>
internal static class ProgressBar
{
    /// <summary>Runs the work; it reports how much of it is done, from 0 to 1.</summary>
    public static void Run(string title, Action<IProgress<double>> work)
    {
        if (Console.IsErrorRedirected)
        {
            work(new Report(static _ => { }));
            return;
        }

        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                ProgressTask task = context.AddTask(Markup.Escape(title), maxValue: 1);
                work(new Report(done => task.Value = done));
            });
    }

    // Progress<T> would post to the thread pool and report out of order.
    private sealed class Report(Action<double> report) : IProgress<double>
    {
        void IProgress<double>.Report(double value) => report(value);
    }
}
