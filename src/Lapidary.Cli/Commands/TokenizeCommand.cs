using System.CommandLine;
using System.Text;
using System.Text.Json;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Models;
using Lapidary.Cli.Output;
using Lapidary.Text;

namespace Lapidary.Cli.Commands;

/// <summary><c>lapidary tokenize</c>: text to token ids and back. Needs nothing of a model but its tokenizer.</summary>
internal sealed class TokenizeCommand : ToolCommand
{
    private readonly Argument<string> model = CommonOptions.Model();
    private readonly Option<string> text = new("--text")
    {
        Description = "The text; standard input, as one text, where neither --text nor --file is given.",
        HelpName = "TEXT",
        Arity = ArgumentArity.ExactlyOne,
    };

    private readonly Option<string> file = Values.Text("--file", "FILE", "Read texts from a file with one JSON string a line; '-' is standard input.");
    private readonly Option<int[]> decode = Values.IntegerList(
        "--decode", "Print the text of these token ids instead.", 0, int.MaxValue, "token ids such as 1,2,3");

    private readonly Option<bool> noBos = new("--no-bos") { Description = "Do not put the begin of a text in front." };
    private readonly Option<bool> noSpecial = new("--no-special")
    {
        Description = "Take text such as <start_of_turn> for what it is, not for a special token; with --decode, leave special tokens out.",
    };

    public TokenizeCommand()
        : base(
            "tokenize",
            "Turn text into token ids, or ids into text.",
            "lapidary tokenize --text \"Hello, world\"",
            "lapidary tokenize google/gemma-3-270m --file lines.jsonl --json",
            "lapidary tokenize --decode 2,424,1953")
    {
        Arguments.Add(model);
        foreach (Option option in new Option[] { text, file, decode, noBos, noSpecial })
        {
            Options.Add(option);
        }
    }

    protected override void Execute(Invocation invocation)
    {
        string? given = invocation.Get(text);
        string? path = invocation.Get(file);
        int[]? ids = invocation.Has(decode) ? invocation.Get(decode) : null;
        if ((given is null ? 0 : 1) + (path is null ? 0 : 1) + (ids is null ? 0 : 1) > 1)
        {
            throw RequestException.Expected(Name, "one of --text, --file and --decode", "several");
        }

        Tokenizer tokenizer = Tokenizer.Open(ModelLocator.Find(invocation.Get(model)!));
        if (ids is not null)
        {
            TokenInput.CheckVocabulary("--decode", ids, tokenizer.VocabularySize);
            var decoded = new DecodeResult(tokenizer.Decode(ids, skipSpecial: invocation.Get(noSpecial)));
            invocation.Present(decoded, ResultJson.Default.DecodeResult, report => report.Line(decoded.Text));
            return;
        }

        // One stream for all lines: a file may have a million of them.
        using var output = new BufferedStream(Console.OpenStandardOutput(), 1 << 16);
        foreach (string one in path is null ? [given ?? ReadAll()] : ReadLines(path))
        {
            invocation.Cancellation.ThrowIfCancellationRequested();
            Write(output, tokenizer.Encode(one, !invocation.Get(noBos), !invocation.Get(noSpecial)), tokenizer, invocation.Json, table: path is null);
        }
    }

    // A table of one text is for reading; the ids of many are for other programs, a line each.
    private static void Write(Stream output, int[] ids, Tokenizer tokenizer, bool json, bool table)
    {
        if (json)
        {
            Invocation.WriteDocument(output, new TokenizeResult(ids, [.. ids.Select(tokenizer.PieceOf)]), ResultJson.Default.TokenizeResult);
            return;
        }

        string lines = table
            ? string.Join('\n', ids.Select(id => $"{id,7}  {Visible(tokenizer.PieceOf(id))}"))
            : string.Join(',', ids);
        output.Write(Encoding.UTF8.GetBytes(lines + "\n"));
    }

    private static string Visible(string piece) =>
        string.Concat(piece.Select(c => c switch
        {
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            _ when char.IsControl(c) => $"\\u{(int)c:x4}",
            _ => c.ToString(),
        }));

    private static string ReadAll()
    {
        using var reader = new StreamReader(Console.OpenStandardInput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        return reader.ReadToEnd();
    }

    private static IEnumerable<string> ReadLines(string path)
    {
        using StreamReader reader = Open(path);
        for (int number = 1; reader.ReadLine() is string line; number++)
        {
            if (line.Length > 0)
            {
                yield return Parse(line) ?? throw RequestException.Expected($"{path}, line {number}", "a JSON string", Quote.Text(line));
            }
        }
    }

    private static StreamReader Open(string path)
    {
        try
        {
            return path == "-" ? new StreamReader(Console.OpenStandardInput()) : new StreamReader(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw RequestException.Expected(
                path, "a file that can be read", Directory.Exists(path) ? "a folder" : File.Exists(path) ? "one that may not" : "no such file");
        }
    }

    private static string? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, ResultJson.Default.String);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
