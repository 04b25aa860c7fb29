using Lapidary.Checkpoints;
using Lapidary.Inference;
using Lapidary.Pebble.Evaluation;
using Lapidary.Pebble.Steps;

namespace Lapidary.Pebble;

/// <summary>The tool that makes Pebble.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        if (arguments is ["--help"] or ["-h"])
        {
            Console.WriteLine(CommandLine.Usage);
            return 0;
        }

        CommandLine line;
        try
        {
            line = CommandLine.Parse(arguments);
        }
        catch (ArgumentException wrong)
        {
            Console.Error.WriteLine($"error: {wrong.Message}\n\n{CommandLine.Usage}");
            return 2;
        }

        try
        {
            Run(line);
            return 0;
        }
        catch (Exception thrown) when (thrown is CheckpointException or InvalidOperationException or ArgumentException or NonFiniteException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"error: {thrown.Message}");
            return 1;
        }
    }

    private static void Run(CommandLine line)
    {
        if (line.Step == "score")
        {
            EvaluationReport report = Evaluator.Write(line.Model!, line.Chat, line.Tests!, line.Options.Folder, line.Options.Threads, Console.Error, line.Adapter);
            Console.WriteLine(EvaluationReport.Table([report]));
            return;
        }

        var pipeline = new Pipeline(line.Options, Console.Error);
        foreach (string step in line.Step == "all" ? Pipeline.Steps : [line.Step])
        {
            pipeline.Run(step);
        }
    }
}
