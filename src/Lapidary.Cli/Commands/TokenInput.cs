using System.CommandLine;
using Lapidary.Cli.CommandLine;

namespace Lapidary.Cli.Commands;

/// <summary>The two ways to give token ids: on the line, or in a file.</summary>
internal sealed class TokenInput
{
    private readonly Option<int[]> tokens = CommonOptions.Tokens();
    private readonly Option<string> file = Values.Text(
        "--tokens-file", "FILE", "Read the token ids from a file: separated by commas or white space, or a JSON array.");

    /// <summary>Adds both options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(tokens);
        command.Options.Add(file);
    }

    /// <summary>Whether one of the options is there.</summary>
    public bool IsGiven(Invocation invocation) => invocation.Has(tokens) || invocation.Has(file);

    /// <summary>The ids; each is at least 0.</summary>
    /// <exception cref="RequestException">None, both, or a file that holds something else.</exception>
    public int[] Read(Invocation invocation, string command)
    {
        // The parser's default of a list is an empty one, so absence is asked for.
        int[]? ids = invocation.Has(tokens) ? invocation.Get(tokens) : null;
        string? path = invocation.Get(file);
        return (ids, path) switch
        {
            (not null, null) => ids,
            (null, not null) => ReadFile(path),
            (null, null) => throw RequestException.Expected(command, "--tokens or --tokens-file", "neither"),
            _ => throw RequestException.Expected(command, "--tokens or --tokens-file", "both"),
        };
    }

    /// <summary>Checks the ids against the vocabulary of the model.</summary>
    /// <exception cref="RequestException">An id is not in it.</exception>
    public static void CheckVocabulary(ReadOnlySpan<int> ids, int vocabulary) => CheckVocabulary("--tokens", ids, vocabulary);

    /// <summary>Checks the ids that an option gave against the vocabulary of the model.</summary>
    /// <exception cref="RequestException">An id is not in it.</exception>
    public static void CheckVocabulary(string option, ReadOnlySpan<int> ids, int vocabulary)
    {
        foreach (int id in ids)
        {
            if (id >= vocabulary)
            {
                throw RequestException.Expected(option, $"ids below the vocabulary of {vocabulary}", $"{id}");
            }
        }
    }

    private static int[] ReadFile(string path)
    {
        string text = TextFile.Read(path, "a file with token ids").Trim();
        if (text.StartsWith('[') && text.EndsWith(']'))
        {
            text = text[1..^1];
        }

        return Values.ParseIntegers(text, 0, int.MaxValue)
            ?? throw RequestException.Expected(path, "token ids such as 1,2,3", Quote.Text(text));
    }
}
