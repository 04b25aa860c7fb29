using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Lapidary.Cli.CommandLine;

/// <summary>Options whose values are checked while the line is parsed, each with a sentence of its own when they are wrong.</summary>
internal static class Values
{
    /// <summary>A whole number between two bounds.</summary>
    public static Option<int> Integer(
        string name, string description, int minimum, int maximum, int? fallback, params string[] aliases)
    {
        string expected = Range(minimum, maximum, int.MaxValue);
        return Create<int>(name, description, "N", fallback is int value ? () => value : null, aliases, text =>
            int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
                && number >= minimum && number <= maximum
                ? (number, null)
                : (0, expected));
    }

    /// <summary>A whole number between two bounds, or none.</summary>
    public static Option<int?> OptionalInteger(string name, string description, int minimum, int maximum, params string[] aliases)
    {
        string expected = Range(minimum, maximum, int.MaxValue);
        return Create<int?>(name, description, "N", null, aliases, text =>
            int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
                && number >= minimum && number <= maximum
                ? (number, null)
                : (null, expected));
    }

    /// <summary>A whole number of 64 bits between two bounds.</summary>
    public static Option<long> Long(
        string name, string description, long minimum, long maximum, long? fallback, params string[] aliases)
    {
        string expected = Range(minimum, maximum, long.MaxValue);
        return Create<long>(name, description, "N", fallback is long value ? () => value : null, aliases, text =>
            long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
                && number >= minimum && number <= maximum
                ? (number, null)
                : (0, expected));
    }

    /// <summary>A whole number of 64 bits of at least 0, or none.</summary>
    public static Option<long?> OptionalLong(string name, string description, params string[] aliases)
    {
        string expected = Range(0, long.MaxValue, long.MaxValue);
        return Create<long?>(name, description, "N", null, aliases, text =>
            long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? (number, null) : (null, expected));
    }

    /// <summary>A number that <paramref name="valid"/> accepts, or none.</summary>
    public static Option<float?> OptionalNumber(
        string name, string description, Func<float, bool> valid, string expected, params string[] aliases) =>
        Create<float?>(name, description, "X", null, aliases, text =>
            ParseNumber(text) is float number && valid(number) ? (number, null) : (null, expected));

    /// <summary>A number of double precision that <paramref name="valid"/> accepts.</summary>
    public static Option<double> Number(
        string name, string description, double fallback, Func<double, bool> valid, string expected, params string[] aliases) =>
        Create<double>(name, description, "X", () => fallback, aliases, text =>
            ParseDouble(text) is double number && valid(number) ? (number, null) : (0, expected));

    /// <summary>A number of double precision that <paramref name="valid"/> accepts, or none.</summary>
    public static Option<double?> OptionalDouble(
        string name, string description, Func<double, bool> valid, string expected, params string[] aliases) =>
        Create<double?>(name, description, "X", null, aliases, text =>
            ParseDouble(text) is double number && valid(number) ? (number, null) : (null, expected));

    /// <summary>Texts, one for each time that the option is given.</summary>
    public static Option<string[]> TextList(string name, string helpName, string description)
    {
        var option = new Option<string[]>(name)
        {
            Description = description, HelpName = helpName, Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = false,
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => token.Value.Length == 0))
            {
                result.AddError($"{name}: expected a value, found nothing");
            }
        });
        return option;
    }

    /// <summary>A finite number in the invariant form, or null.</summary>
    public static float? ParseNumber(string text) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float number) && float.IsFinite(number) ? number : null;

    private static double? ParseDouble(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : null;

    /// <summary>
    /// Whole numbers separated by commas, each between two bounds. Without a default, because the help would not write it as it has
    /// to be typed: the description names it.
    /// </summary>
    public static Option<int[]> IntegerList(
        string name, string description, int minimum, int maximum, string expected, params string[] aliases) =>
        Create<int[]>(name, description, "N,N,...", null, aliases, text =>
            ParseIntegers(text, minimum, maximum) is { } numbers ? (numbers, null) : ([], expected));

    /// <summary>Names separated by commas.</summary>
    public static Option<string[]> NameList(string name, string description, params string[] aliases) =>
        Create<string[]>(name, description, "NAME,...", null, aliases, text =>
        {
            string[] names = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            return names.Length > 0 ? (names, null) : ([], "names separated by commas");
        });

    /// <summary>One of a few words; upper and lower case are the same.</summary>
    public static Option<T?> Choice<T>(
        string name, string description, IReadOnlyList<(string Word, T Value)> choices, params string[] aliases)
        where T : struct
    {
        string expected = "one of " + string.Join(", ", choices.Select(choice => choice.Word));
        Option<T?> option = Create<T?>(name, description, string.Join('|', choices.Select(choice => choice.Word)), null, aliases, text =>
        {
            foreach ((string word, T value) in choices)
            {
                if (word.Equals(text, StringComparison.OrdinalIgnoreCase))
                {
                    return (value, null);
                }
            }

            return (null, expected);
        });
        option.CompletionSources.Add(_ => choices.Select(choice => new System.CommandLine.Completions.CompletionItem(choice.Word)));
        return option;
    }

    /// <summary>A path or any other text that is not empty.</summary>
    public static Option<string> Text(string name, string helpName, string description, params string[] aliases) =>
        Create<string>(name, description, helpName, null, aliases, text =>
            text.Length > 0 ? (text, null) : (text, "a value"));

    /// <summary>Numbers from a text with commas or white space between them; null if any of it is something else.</summary>
    public static int[]? ParseIntegers(string text, int minimum, int maximum)
    {
        string[] parts = text.Split(
            [',', ' ', '\t', '\r', '\n'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var numbers = new int[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out numbers[i])
                || numbers[i] < minimum || numbers[i] > maximum)
            {
                return null;
            }
        }

        return numbers.Length > 0 ? numbers : null;
    }

    private static string Range(long minimum, long maximum, long unbounded) =>
        maximum == unbounded ? $"a whole number of at least {minimum}" : $"a whole number from {minimum} to {maximum}";

    private static Option<T> Create<T>(
        string name,
        string description,
        string helpName,
        Func<T>? fallback,
        string[] aliases,
        Func<string, (T Value, string? Expected)> parse)
    {
        var option = new Option<T>(name, aliases)
        {
            Description = description,
            HelpName = helpName,
            Arity = ArgumentArity.ExactlyOne,
        };
        if (fallback is not null)
        {
            option.DefaultValueFactory = _ => fallback();
        }

        option.CustomParser = result => Parse(result, name, parse);
        return option;
    }

    private static T? Parse<T>(ArgumentResult result, string name, Func<string, (T Value, string? Expected)> parse)
    {
        string used = (result.Parent as OptionResult)?.IdentifierToken?.Value ?? name;
        if (result.Tokens.Count != 1)
        {
            // A forgotten value: the next word was another option, so the parser is called with nothing.
            result.AddError($"{used}: expected one value, found {(result.Tokens.Count == 0 ? "none" : result.Tokens.Count)}");
            return default;
        }

        string text = result.Tokens[0].Value;
        (T value, string? expected) = parse(text);
        if (expected is not null)
        {
            result.AddError($"{used}: expected {expected}, found {Quote.Text(text)}");
        }

        return value;
    }
}
