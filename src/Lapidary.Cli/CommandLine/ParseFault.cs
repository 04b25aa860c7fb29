using System.CommandLine;
using System.CommandLine.Parsing;

namespace Lapidary.Cli.CommandLine;

/// <summary>
/// Puts what is wrong with a command line into one sentence. The parser's own messages come in lists, name .NET types and take a
/// mistyped option for the optional argument; this looks for the first cause instead.
/// </summary>
internal static class ParseFault
{
    /// <summary>The sentence, or null if the line is right.</summary>
    public static string? Describe(ParseResult result, IReadOnlyList<string> line)
    {
        Command command = result.CommandResult.Command;
        if (command is RootCommand && result.UnmatchedTokens.Count > 0)
        {
            string word = result.UnmatchedTokens[0];
            return word.StartsWith('-')
                ? UnknownOption(word, command)
                : $"lapidary: expected a command, found {Quote.Text(word)}"
                    + Suggestion.For(word, command.Subcommands.Select(subcommand => subcommand.Name));
        }

        return Strays(result, command, line)
            ?? Flags(command, line)
            ?? Reported(result)
            ?? (result.UnmatchedTokens.Count > 0
                ? $"{command.Name}: expected nothing after {Quote.Text(LastArgument(result))}, found {Quote.Text(result.UnmatchedTokens[0])}"
                : result.Errors.Count > 0 ? $"{command.Name}: {Quote.Line(result.Errors[0].Message)}" : null);
    }

    // A word with a dash that landed in an argument, or nowhere, is an option that does not exist, unless it stands after "--".
    private static string? Strays(ParseResult result, Command command, IReadOnlyList<string> line)
    {
        if (line.Contains("--"))
        {
            return null;
        }

        IEnumerable<string> words = result.CommandResult.Children
            .OfType<ArgumentResult>()
            .SelectMany(argument => argument.Tokens)
            .Select(token => token.Value)
            .Concat(result.UnmatchedTokens);
        return words.FirstOrDefault(word => word.Length > 1 && word[0] == '-') is { } stray ? UnknownOption(stray, command) : null;
    }

    // "--json=yes" would silently become the flag and an argument.
    private static string? Flags(Command command, IReadOnlyList<string> line)
    {
        foreach (string word in line.TakeWhile(word => word != "--"))
        {
            int equals = word.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && Visible(command).Any(option => option is Option<bool> && Names(option).Contains(word[..equals])))
            {
                return $"{word[..equals]}: expected no value, found {Quote.Text(word[(equals + 1)..])}";
            }
        }

        return null;
    }

    private static string? Reported(ParseResult result)
    {
        foreach (ParseError error in result.Errors)
        {
            switch (error.SymbolResult)
            {
                case OptionResult { Implicit: false, IdentifierTokenCount: > 1, Option.Arity.MaximumNumberOfValues: <= 1 } option:
                    return $"{option.IdentifierToken?.Value}: expected it once, found it {option.IdentifierTokenCount} times";
                case OptionResult { Implicit: false, Tokens.Count: 0, Option: not VersionOption } option:
                    return $"{option.IdentifierToken?.Value}: expected one value, found none";
                case OptionResult { Option.Required: true } option when option.Implicit || option.IdentifierToken is null:
                    return $"{result.CommandResult.Command.Name}: expected {string.Join(" or ", Names(option.Option))}, found no such option";
                case OptionResult or ArgumentResult:
                    return Quote.Line(error.Message);
            }
        }

        return null;
    }

    private static string UnknownOption(string word, Command command)
    {
        string name = word.Split('=')[0];
        string suggestion = Suggestion.For(name, Visible(command).SelectMany(Names).Where(candidate => candidate.Length > 2));
        return $"{(command is RootCommand ? "lapidary" : command.Name)}: expected an option of this command, found {Quote.Text(name)}{suggestion}";
    }

    private static string LastArgument(ParseResult result) =>
        result.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens).LastOrDefault()?.Value
        ?? result.CommandResult.Command.Name;

    private static IEnumerable<Option> Visible(Command command) =>
        command.Options.Concat(command.Parents.OfType<Command>().SelectMany(parent => parent.Options.Where(option => option.Recursive)));

    private static IEnumerable<string> Names(Option option) => option.Aliases.Prepend(option.Name);
}
