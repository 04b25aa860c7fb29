using System.CommandLine;
using System.Text;
using Lapidary.Cli.CommandLine;

namespace Lapidary.Cli.Commands.Generation;

/// <summary>The ways to give a prompt as text: on the line, in a file, or on stdin where that is no terminal.</summary>
internal sealed class PromptInput
{
    private const int LongestFile = 64 << 20;
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

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

        string piped = Console.IsInputRedirected ? ReadAll(Console.OpenStandardInput(), "stdin") : string.Empty;
        return piped.Length > 0
            ? piped
            : throw RequestException.Expected(command, "--prompt, --file, --tokens or a prompt on stdin", "none of them");
    }

    private static string ReadFile(string path)
    {
        if (!File.Exists(path))
        {
            throw RequestException.Expected(path, "a file with a prompt", Directory.Exists(path) ? "a folder" : "no such file");
        }

        try
        {
            using FileStream stream = File.OpenRead(path);
            string text = ReadAll(stream, path);
            return text.Length > 0 ? text : throw RequestException.Expected(path, "a file with a prompt", "an empty one");
        }
        catch (UnauthorizedAccessException)
        {
            throw RequestException.Expected(path, "a file that can be read", "one that may not");
        }
    }

    private static string ReadAll(Stream stream, string name)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[1 << 16];
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            bytes.Write(buffer, 0, read);
            if (bytes.Length > LongestFile)
            {
                throw RequestException.Expected(name, "a prompt of at most 64 MiB", "a longer one");
            }
        }

        try
        {
            return StrictUtf8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
        }
        catch (DecoderFallbackException)
        {
            throw RequestException.Expected(name, "text in UTF-8", "bytes that are none");
        }
    }
}
