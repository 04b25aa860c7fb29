using System.Globalization;
using System.Text;
using Lapidary.Text.Jinja.Values;

namespace Lapidary.Text.Jinja;

/// <summary>What every template can call.</summary>
internal static class Globals
{
    /// <summary>As in Jinja2's sandbox.</summary>
    private const int LongestRange = 100_000;

    /// <summary>The functions of an environment.</summary>
    public static Dictionary<string, Value> Create(JinjaOptions options)
    {
        List<Function> functions = [new("range", Range), new("dict", Dictionary), new("namespace", Namespace), new("joiner", Joiner)];
        if (options.ChatFunctions)
        {
            functions.Add(new Function("raise_exception", Raise));
            functions.Add(new Function("strftime_now", arguments => Now(arguments, options.Clock)));
        }

        return functions.ToDictionary(function => function.Name, Value.Of, StringComparer.Ordinal);
    }

    private static Value Range(Arguments arguments)
    {
        Interpreter interpreter = arguments.Interpreter;
        long[] bounds = [.. arguments.TakeRest().Select(value => value.TryGetInt64(out long bound)
            ? bound
            : throw interpreter.Fail($"'range' needs whole numbers but found {Interpreter.Describe(value)}"))];
        arguments.End();
        if (bounds.Length is 0 or > 3)
        {
            throw interpreter.Fail($"'range' needs 1 to 3 numbers but found {bounds.Length}");
        }

        (long start, long stop, long step) = bounds.Length switch
        {
            1 => (0, bounds[0], 1),
            2 => (bounds[0], bounds[1], 1),
            _ => (bounds[0], bounds[1], bounds[2]),
        };
        if (step == 0)
        {
            throw interpreter.Fail("the step of a range is 0");
        }

        int count = Interpreter.RangeCount(start, stop, step);
        return count <= LongestRange
            ? Value.Of(new RangeItems(start, stop, step, count))
            : throw interpreter.Fail($"a range has more than {LongestRange} numbers");
    }

    private static Value Dictionary(Arguments arguments)
    {
        OrderedDictionary<Value, Value> entries = new(KeyComparer.Instance);
        foreach ((Value key, Value value) in Pairs(arguments))
        {
            arguments.Interpreter.AllocateItems(3);
            entries[key] = value;
        }

        return Value.Of(entries);
    }

    private static Value Namespace(Arguments arguments)
    {
        OrderedDictionary<string, Value> attributes = new(StringComparer.Ordinal);
        foreach ((Value key, Value value) in Pairs(arguments))
        {
            arguments.Interpreter.AllocateItems(3);
            attributes[key.IsText ? key.Text : throw arguments.Interpreter.Fail("the attributes of a namespace need names")] = value;
        }

        return Value.Of(attributes);
    }

    // A dictionary or pairs, and then what has a name.
    private static IEnumerable<(Value Key, Value Value)> Pairs(Arguments arguments)
    {
        Interpreter interpreter = arguments.Interpreter;
        if (arguments.PositionalLeft > 0)
        {
            Value given = arguments.Require("mapping");
            IReadOnlyList<Value> pairs = given.Kind == ValueKind.Dictionary ? CollectionMethods.Pairs(given, interpreter) : interpreter.Iterate(given);
            foreach (Value pair in pairs)
            {
                IReadOnlyList<Value> items = interpreter.Iterate(pair);
                yield return items.Count == 2
                    ? (interpreter.RequireKey(items[0]), items[1])
                    : throw interpreter.Fail($"{arguments.Callee} needs pairs but found {Interpreter.Describe(pair)}");
            }
        }

        foreach ((string name, Value value) in arguments.TakeNamedRest())
        {
            yield return (Value.Of(name), value);
        }

        arguments.End();
    }

    private static Value Joiner(Arguments arguments)
    {
        Value separator = arguments.Take("sep") ?? Value.Of(", ");
        arguments.End();
        bool used = false;
        return Value.Of(new Function("joiner", call =>
        {
            call.End();
            Value result = used ? separator : Value.Of(string.Empty);
            used = true;
            return result;
        }));
    }

    private static Value Raise(Arguments arguments)
    {
        string message = arguments.Interpreter.TextOf(arguments.Require("message"));
        arguments.End();
        throw arguments.Interpreter.Fail(message, isRefusal: true);
    }

    private static Value Now(Arguments arguments, TimeProvider clock)
    {
        string format = arguments.RequireText("format");
        arguments.End();
        DateTimeOffset now = clock.GetLocalNow();
        var result = new StringBuilder();
        for (int i = 0; i < format.Length; i++)
        {
            arguments.Interpreter.AllocateText(16);
            if (format[i] != '%' || i + 1 == format.Length)
            {
                result.Append(format[i]);
                continue;
            }

            // glibc's %-d is %d without the zero in front.
            bool plain = format[i + 1] == '-' && i + 2 < format.Length;
            i += plain ? 2 : 1;
            string text = TimePart(now, format[i]) ?? "%" + (plain ? "-" : string.Empty) + format[i];
            result.Append(plain && text.Length > 1 && char.IsAsciiDigit(text[^1]) ? text.TrimStart('0') is { Length: > 0 } trimmed ? trimmed : "0" : text);
        }

        return Value.Of(result.ToString());
    }

    private static string? TimePart(DateTimeOffset now, char kind)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        return kind switch
        {
            'Y' => now.ToString("yyyy", culture),
            'm' => now.ToString("MM", culture),
            'd' => now.ToString("dd", culture),
            'e' => now.Day.ToString(culture).PadLeft(2),
            'H' => now.ToString("HH", culture),
            'M' => now.ToString("mm", culture),
            'S' => now.ToString("ss", culture),
            'B' => now.ToString("MMMM", culture),
            'b' or 'h' => now.ToString("MMM", culture),
            'A' => now.ToString("dddd", culture),
            'a' => now.ToString("ddd", culture),
            'y' => now.ToString("yy", culture),
            'I' => now.ToString("hh", culture),
            'p' => now.Hour < 12 ? "AM" : "PM",
            'j' => now.DayOfYear.ToString("000", culture),
            'w' => ((int)now.DayOfWeek).ToString(culture),
            'u' => (now.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)now.DayOfWeek).ToString(culture),
            'f' => now.ToString("ffffff", culture),
            'F' => now.ToString("yyyy-MM-dd", culture),
            'T' => now.ToString("HH:mm:ss", culture),
            'R' => now.ToString("HH:mm", culture),
            'D' => now.ToString("MM/dd/yy", culture),
            'n' => "\n",
            't' => "\t",
            'z' or 'Z' => string.Empty,
            '%' => "%",
            _ => null,
        };
    }
}
