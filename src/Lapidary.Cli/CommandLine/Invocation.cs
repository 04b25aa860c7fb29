using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Lapidary.Cli.Output;

namespace Lapidary.Cli.CommandLine;

/// <summary>One call of a command: its arguments, its two outputs, and the wish to stop.</summary>
internal sealed class Invocation(ParseResult arguments, CancellationToken cancellation)
{
    /// <summary>Set when the user pressed Ctrl-C.</summary>
    public CancellationToken Cancellation { get; } = cancellation;

    /// <summary>Whether stdout carries one JSON document and nothing else.</summary>
    public bool Json { get; } = arguments.GetValue(CommonOptions.Json);

    /// <summary>What stands on disk or on stdout if the work is stopped now: the sentence that Ctrl-C prints.</summary>
    public string Kept { get; set; } = "nothing was written";

    /// <summary>Value of an option, or its default.</summary>
    public T? Get<T>(Option<T> option) => arguments.GetValue(option);

    /// <summary>A list that was given, or <paramref name="fallback"/>; the parser's own default of a list is an empty one.</summary>
    public T[] Get<T>(Option<T[]> option, T[] fallback) => Has(option) ? arguments.GetValue(option)! : fallback;

    /// <summary>Value of an argument, or its default.</summary>
    public T? Get<T>(Argument<T> argument) => arguments.GetValue(argument);

    /// <summary>Whether the user gave this option.</summary>
    public bool Has(Option option) => arguments.GetResult(option) is { Implicit: false };

    /// <summary>Writes the result of the command: as JSON where it was asked for, drawn for a reader otherwise.</summary>
    public void Present<T>(T result, JsonTypeInfo<T> type, Action<TextReport> draw)
    {
        if (Json)
        {
            using Stream stdout = Console.OpenStandardOutput();
            JsonSerializer.Serialize(stdout, result, type);
            stdout.WriteByte((byte)'\n');
            return;
        }

        using var report = new TextReport();
        draw(report);
    }

    /// <summary>A line for the user that is no result: stderr.</summary>
    public static void Log(string line) => Console.Error.WriteLine(line);
}
