using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Lapidary.Cli.Output;

namespace Lapidary.Cli.CommandLine;

/// <summary>One call of a command: its arguments, its two outputs, and the wish to stop.</summary>
internal sealed class Invocation(ParseResult arguments, CancellationToken cancellation)
{
    // Text in other scripts and special tokens stay readable; nobody embeds this in a web page.
    private static readonly JsonWriterOptions ReadableJson = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Set when the user pressed Ctrl-C.</summary>
    public CancellationToken Cancellation { get; } = cancellation;

    /// <summary>Whether stdout carries one JSON document and nothing else.</summary>
    public bool Json { get; } = arguments.GetValue(CommonOptions.Json);

    /// <summary>Whether the user wants to see more of what happens.</summary>
    public bool Verbose { get; } = arguments.GetValue(CommonOptions.Verbose);

    /// <summary>
    /// Asked first when the user presses Ctrl-C: true where the command has taken care of it and goes on. Runs on another thread.
    /// </summary>
    public Func<bool>? OnInterrupt { get; set; }

    /// <summary>Whether the command waits for its user, with nothing to finish: then a signal ends the process at once.</summary>
    public bool IsWaiting { get; set; }

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
            Write(result, type);
            return;
        }

        using var report = new TextReport();
        draw(report);
    }

    /// <summary>Writes one JSON document to stdout, or, as a step of a recipe, to where the recipe wants it.</summary>
    public void Write<T>(T document, JsonTypeInfo<T> type)
    {
        if (arguments.InvocationConfiguration is StepConfiguration step)
        {
            WriteDocument(step.Output, document, type);
            return;
        }

        using Stream stdout = Console.OpenStandardOutput();
        WriteDocument(stdout, document, type);
    }

    /// <summary>Writes one JSON document and ends its line.</summary>
    public static void WriteDocument<T>(Stream output, T document, JsonTypeInfo<T> type)
    {
        using (var writer = new Utf8JsonWriter(output, ReadableJson))
        {
            JsonSerializer.Serialize(writer, document, type);
        }

        output.WriteByte((byte)'\n');
    }

    /// <summary>A line for the user that is no result: stderr.</summary>
    public static void Log(string line) => Console.Error.WriteLine(line);
}
