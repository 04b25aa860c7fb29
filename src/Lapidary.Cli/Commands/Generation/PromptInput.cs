using System.CommandLine;
using Lapidary.Cli.CommandLine;

namespace Lapidary.Cli.Commands.Generation;

/// <summary>The ways to give a prompt as text: on the line, in a file, or on stdin where that is no terminal.</summary>
internal sealed class PromptInput
{
    private readonly Option<string> prompt = Values.Text("--prompt", "TEXT", "The prompt; without it, what comes on stdin.", "-p");
    private readonly Option<string> file = Values.Text("--file", "FILE", "Read the prompt from a file, in UTF-8.", "-f");

    /// <summary>Adds both options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(prompt);
        command.Options.Add(file);
    }

    /// <summary>Whether an option gives a prompt.</summary>
    public bool IsGiven(Invocation invocation) => invocation.Has(prompt) || invocation.Has(file);

    /// <summary>The prompt.</summary>
    /// <exception cref="RequestException">There is none, there are two, or the file is not text.</exception>
    public string Read(Invocation invocation, string command)
    {
        switch (invocation.Get(prompt), invocation.Get(file))
        {
            case ({ } text, null):
                return text;
            case (null, { } path):
                return ReadFile(path);
            case (not null, not null):
                throw RequestException.Expected(command, "--prompt or --file", "both");
        }

        string piped = Console.IsInputRedirected ? TextFile.ReadInput("a prompt") : string.Empty;
        return piped.Length > 0
            ? piped
            : throw RequestException.Expected(command, "--prompt, --file, --tokens or a prompt on stdin", "none of them");
    }

    private static string ReadFile(string path)
    {
        string text = TextFile.Read(path, "a file with a prompt");
        return text.Length > 0 ? text : throw RequestException.Expected(path, "a file with a prompt", "an empty one");
    }
}
