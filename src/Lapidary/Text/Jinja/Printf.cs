using System.Globalization;
using System.Numerics;
using System.Text;
using Lapidary.Text.Jinja.Values;

namespace Lapidary.Text.Jinja;

/// <summary>Formatting with <c>%</c>, as Python does it for texts.</summary>
internal sealed class Printf
{
    private const int WidthLimit = 10_000;

    private readonly Interpreter interpreter;
    private readonly string format;
    private readonly Value argument;
    private readonly StringBuilder result = new();
    private int next;
    private int at;

    private Printf(Interpreter interpreter, string format, Value argument)
    {
        this.interpreter = interpreter;
        this.format = format;
        this.argument = argument;
    }

    /// <summary>Puts the values of a tuple, or one value, or the values of a dictionary into a text.</summary>
    public static string Format(Interpreter interpreter, string format, Value argument)
    {
        var printf = new Printf(interpreter, format, argument);
        printf.Run();
        return printf.result.ToString();
    }

    private void Run()
    {
        while (at < format.Length)
        {
            int percent = format.IndexOf('%', at);
            int end = percent < 0 ? format.Length : percent;
            Append(format[at..end]);
            at = end + 1;
            if (percent >= 0)
            {
                AppendConversion();
            }
        }

        int given = argument.Kind == ValueKind.Tuple ? argument.Items.Count : 1;
        if (next < given && argument.Kind != ValueKind.Dictionary && (argument.Kind == ValueKind.Tuple || next == 0))
        {
            throw interpreter.Fail($"the format takes {next} values but was given {given}");
        }
    }

    private void Append(string text)
    {
        interpreter.AllocateText(2L * text.Length);
        result.Append(text);
    }

    private void AppendConversion()
    {
        Value? named = TakeName();
        string flags = TakeWhile("-+ #0");
        int width = TakeNumber() ?? 0;
        int? precision = null;
        if (at < format.Length && format[at] == '.')
        {
            at++;
            precision = TakeNumber() ?? 0;
        }

        char kind = at < format.Length ? format[at++] : throw interpreter.Fail("the format ends inside of a conversion");
        if (kind == '%')
        {
            Append("%");
            return;
        }

        Value value = named ?? TakeValue();
        string text = Convert(kind, value, precision, flags);
        if (text.Length < width)
        {
            text = flags.Contains('-') ? text.PadRight(width)
                : flags.Contains('0') && kind != 's' && kind != 'r' && kind != 'c' ? PadWithZeros(text, width)
                : text.PadLeft(width);
        }

        Append(text);
    }

    private static string PadWithZeros(string text, int width)
    {
        int sign = text.Length > 0 && text[0] is '-' or '+' or ' ' ? 1 : 0;
        return text[..sign] + text[sign..].PadLeft(width - sign, '0');
    }

    private string Convert(char kind, Value value, int? precision, string flags)
    {
        switch (kind)
        {
            case 's' or 'r' or 'a':
                string text = kind == 's' ? interpreter.TextOf(value) : PythonRepr.Write(interpreter, value);
                return precision is { } most && most < text.Length ? text[..most] : text;
            case 'd' or 'i' or 'u':
                RequireNumber(kind, value);
                BigInteger whole = value.IsWhole ? value.Whole
                    : double.IsFinite(value.Number) ? new BigInteger(value.Number)
                    : throw interpreter.Fail($"{Interpreter.Describe(value)} is no whole number");
                return Sign(whole.Sign < 0, BigInteger.Abs(whole).ToString(CultureInfo.InvariantCulture).PadLeft(precision ?? 0, '0'), flags);
            case 'x' or 'X' or 'o':
                RequireNumber(kind, value);
                if (!value.TryGetInt64(out long number) || number == long.MinValue)
                {
                    throw interpreter.Fail($"'%{kind}' needs a whole number but found {Interpreter.Describe(value)}");
                }

                string digits = kind == 'o' ? System.Convert.ToString(Math.Abs(number), 8) : Math.Abs(number).ToString(kind == 'x' ? "x" : "X", CultureInfo.InvariantCulture);
                return Sign(number < 0, digits, flags);
            case 'f' or 'F':
                RequireNumber(kind, value);
                string fixedText = PythonNumber.Fixed(Math.Abs(value.Number), precision ?? 6);
                return Sign(double.IsNegative(value.Number), fixedText, flags);
            default:
                throw interpreter.Fail($"the conversion '%{kind}' is not supported");
        }
    }

    private void RequireNumber(char kind, Value value)
    {
        if (!value.IsNumber)
        {
            throw interpreter.Fail($"'%{kind}' needs a number but found {Interpreter.Describe(value)}");
        }
    }

    private static string Sign(bool negative, string digits, string flags) =>
        (negative ? "-" : flags.Contains('+') ? "+" : flags.Contains(' ') ? " " : string.Empty) + digits;

    private Value? TakeName()
    {
        if (at >= format.Length || format[at] != '(')
        {
            return null;
        }

        int end = format.IndexOf(')', at);
        if (end < 0 || argument.Kind != ValueKind.Dictionary)
        {
            throw interpreter.Fail("the format names values, which needs a dictionary and a ')'");
        }

        string name = format[(at + 1)..end];
        at = end + 1;
        return argument.Entries.TryGetValue(Value.Of(name), out Value value) ? value : throw interpreter.Fail($"the format names '{name}', which was not given");
    }

    private string TakeWhile(string characters)
    {
        int from = at;
        while (at < format.Length && characters.Contains(format[at]))
        {
            at++;
        }

        return format[from..at];
    }

    private int? TakeNumber()
    {
        string digits = TakeWhile("0123456789");
        if (digits.Length == 0)
        {
            return null;
        }

        return digits.Length < 6 && int.Parse(digits, CultureInfo.InvariantCulture) is var number and <= WidthLimit
            ? number
            : throw interpreter.Fail($"a width of a format is above {WidthLimit}");
    }

    private Value TakeValue()
    {
        if (argument.Kind != ValueKind.Tuple)
        {
            return next++ == 0 ? argument : throw interpreter.Fail("the format takes more values than it was given");
        }

        return next < argument.Items.Count ? argument.Items[next++] : throw interpreter.Fail("the format takes more values than it was given");
    }
}
