using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.InteropServices;
using Lapidary.Checkpoints;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Commands;
using Lapidary.Hub;
using Lapidary.Inference;
using Lapidary.Text.Tokenizers.Training;
using Lapidary.Workbench.Evaluation.Running;
using Lapidary.Workbench.Recipes;
using Lapidary.Workbench.Training;

namespace Lapidary.Cli;

/// <summary>The tool: its commands, and the one place where an outcome becomes a sentence and an exit code.</summary>
internal static class Tool
{
    /// <summary>Runs one command line and returns the exit code of the process.</summary>
    public static int Run(string[] line)
    {
        ParseResult arguments = Parse(line);
        if (arguments.Action is not { ClearsParseErrors: true } && ParseFault.Describe(arguments, line) is { } fault)
        {
            return Fail(fault, ExitCode.WrongRequest);
        }

        return arguments.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    }

    /// <summary>Runs one command line as a step of a recipe, in this process.</summary>
    /// <param name="line">The command and its options, <c>--json</c> among them.</param>
    /// <param name="output">Receives what the command prints as JSON.</param>
    /// <returns>The exit code that a process would have.</returns>
    public static int RunStep(IReadOnlyList<string> line, Stream output)
    {
        ParseResult arguments = Parse(line);
        return ParseFault.Describe(arguments, line) is { } fault
            ? Fail(fault, ExitCode.WrongRequest)
            : arguments.Invoke(new StepConfiguration(output) { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    }

    /// <summary>What is wrong with the values of a command line, a sentence each; what is missing does not count.</summary>
    public static IReadOnlyList<string> Check(IReadOnlyList<string> line) => [.. Parse(line).Errors.Select(error => error.Message)];

    /// <summary>Runs the body of a command; turns what it throws into one sentence on stderr and an exit code.</summary>
    public static int Guard(ParseResult arguments, Action<Invocation> execute)
    {
        using var stop = new CancellationTokenSource();

        var invocation = new Invocation(arguments, stop.Token);

        // The first signal asks; the second is left to the system, for whoever cannot wait.
        void Stop(PosixSignalContext signal)
        {
            if (signal.Signal == PosixSignal.SIGINT && invocation.OnInterrupt?.Invoke() == true)
            {
                signal.Cancel = true;
                return;
            }

            signal.Cancel = !stop.IsCancellationRequested && !invocation.IsWaiting;
            stop.Cancel();
        }

        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            execute(invocation);
            return ExitCode.Success;
        }
        catch (Exception exception)
        {
            return Fail(exception, invocation);
        }
    }

    /// <summary>The root of the command line with every command.</summary>
    public static RootCommand Create()
    {
        var root = new RootCommand("A workbench for Gemma models: run, change, measure.") { HelpName = "lapidary" };
        root.Options.Add(CommonOptions.Json);
        root.Options.Add(CommonOptions.Verbose);
        foreach (Command command in AllCommands.Create())
        {
            root.Subcommands.Add(command);
        }

        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);

        // The tool alone is a question, not a mistake.
        root.SetAction(arguments => help.Action is HelpWithExamples action ? action.Invoke(arguments) : ExitCode.Failed);
        return root;
    }

    // A model called "@x" is a model, not a file with more arguments.
    private static ParseResult Parse(IReadOnlyList<string> line) =>
        Create().Parse(line, new ParserConfiguration { ResponseFileTokenReplacer = null });

    private static int Fail(Exception exception, Invocation invocation)
    {
        if (exception is RecipeException recipe)
        {
            foreach (RecipeFault fault in recipe.Faults)
            {
                Fail($"{recipe.Path}: line {fault.Line}: {fault.Sentence}", ExitCode.WrongRequest);
            }

            return ExitCode.WrongRequest;
        }

        (string sentence, int code) = exception switch
        {
            OperationCanceledException when invocation.Cancellation.IsCancellationRequested =>
                ($"stopped: {invocation.Kept}", ExitCode.Interrupted),
            CheckpointWriteException => (exception.Message, ExitCode.Failed),
            RequestException or CheckpointException or TokenizerTrainingException or EvaluationException => (exception.Message, ExitCode.WrongRequest),
            HubException { Fault: HubFault.WrongRequest or HubFault.NotFound or HubFault.NoAccess or HubFault.Offline } => (exception.Message, ExitCode.WrongRequest),
            StepFailedException failed => (exception.Message, failed.ExitCode),
            LineageFailedException failed => (exception.Message, failed.ExitCode),
            HubException or NonFiniteException or TrainingDivergedException => (exception.Message, ExitCode.Failed),
            IOException or UnauthorizedAccessException => (exception.Message, ExitCode.Failed),
            OutOfMemoryException => ("memory: expected enough for the model and its cache, found less", ExitCode.Failed),
            _ => ($"internal: {exception.GetType().Name}: {exception.Message}", ExitCode.Failed),
        };
        Fail(sentence, code);
        if (invocation.Verbose && code != ExitCode.Interrupted)
        {
            Console.Error.WriteLine(exception);
        }

        return code;
    }

    private static int Fail(string sentence, int code)
    {
        string line = Quote.Line(sentence);
        Console.Error.WriteLine(code == ExitCode.Interrupted ? line : "error: " + line);
        return code;
    }

    private sealed class HelpWithExamples(HelpAction inner) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            int code = inner.Invoke(parseResult);
            if (parseResult.CommandResult.Command is ToolCommand { Examples.Count: > 0 } command)
            {
                TextWriter output = parseResult.InvocationConfiguration.Output;
                output.WriteLine("Examples:");
                foreach (string example in command.Examples)
                {
                    output.WriteLine("  " + example);
                }

                output.WriteLine();
            }

            return code;
        }
    }
}
