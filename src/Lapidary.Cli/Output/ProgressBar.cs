using Lapidary.Cli.Commands.Texts;
using Lapidary.Networks;
using Lapidary.Text.Tokenizers.Training;
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
            work(new Report<double>(static _ => { }));
            return;
        }

        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                ProgressTask task = context.AddTask(Markup.Escape(title), maxValue: 1);
                work(new Report<double>(done => task.Value = done));
            });
    }

    /// <summary>The share of the bytes of a conversion.</summary>
    public static IProgress<ConversionProgress> OfConversion(this IProgress<double> progress) =>
        new Report<ConversionProgress>(step => progress.Report(step.ByteCount == 0 ? 1 : (double)step.BytesDone / step.ByteCount));

    /// <summary>The share of a tokenizer's training: half of it is reading, half learning.</summary>
    public static IProgress<BpeTrainerProgress> OfTokenizer(this IProgress<double> progress, TextSource source) =>
        new Report<BpeTrainerProgress>(step => progress.Report(step.Pieces > 0
            ? 0.5 + (0.5 * step.Pieces / step.VocabularySize)
            : 0.5 * source.BytesRead / Math.Max(1, source.ByteCount)));

    // Progress<T> would post to the thread pool and report out of order.
    private sealed class Report<T>(Action<T> report) : IProgress<T>
    {
        void IProgress<T>.Report(T value) => report(value);
    }
}
