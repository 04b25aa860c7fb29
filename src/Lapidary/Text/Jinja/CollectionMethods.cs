using Lapidary.Text.Jinja.Values;

namespace Lapidary.Text.Jinja;

/// <summary>The methods of lists, tuples and dictionaries. Those that would change them do not exist, as in the sandbox of transformers.</summary>
internal static class CollectionMethods
{
    /// <summary>The method of a value, or null if there is none.</summary>
    public static Value? Find(Value value, string name)
    {
        Func<Arguments, Value>? body = value.Kind == ValueKind.Dictionary ? OfDictionary(value, name) : OfSequence(value, name);
        return body is null ? null : Value.Of(new Function(name, body));
    }

    private static Func<Arguments, Value>? OfDictionary(Value value, string name) => name switch
    {
        "get" => arguments => Get(value, arguments),
        "items" => arguments => Items(value, arguments),
        "keys" => arguments => List(arguments, value.Entries.Keys),
        "values" => arguments => List(arguments, value.Entries.Values),
        "copy" => arguments => Copy(value, arguments),
        _ => null,
    };

    private static Func<Arguments, Value>? OfSequence(Value value, string name) => name switch
    {
        "index" => arguments => IndexOf(value, arguments),
        "count" => arguments => Count(value, arguments),
        "copy" when value.Kind == ValueKind.List => arguments => Copy(value, arguments),
        _ => null,
    };

    private static Value Get(Value value, Arguments arguments)
    {
        Value key = arguments.Interpreter.RequireKey(arguments.Require("key"));
        Value fallback = arguments.Take("default") ?? Value.None;
        arguments.End();
        return value.Entries.TryGetValue(key, out Value found) ? found : fallback;
    }

    private static Value Items(Value value, Arguments arguments)
    {
        arguments.End();
        return Value.List(Pairs(value, arguments.Interpreter));
    }

    /// <summary>The entries of a dictionary as tuples.</summary>
    public static Value[] Pairs(Value value, Interpreter interpreter)
    {
        interpreter.AllocateItems(6L * value.Entries.Count);
        return [.. value.Entries.Select(pair => Value.Tuple(pair.Key, pair.Value))];
    }

    private static Value List(Arguments arguments, IEnumerable<Value> items)
    {
        arguments.End();
        Value[] list = [.. items];
        arguments.Interpreter.AllocateItems(list.Length);
        return Value.List(list);
    }

    private static Value Copy(Value value, Arguments arguments)
    {
        arguments.End();
        return value;
    }

    private static Value IndexOf(Value value, Arguments arguments)
    {
        Value wanted = arguments.Require("value");
        arguments.End();
        for (int i = 0; i < value.Items.Count; i++)
        {
            if (arguments.Interpreter.AreEqual(value.Items[i], wanted))
            {
                return Value.Of((long)i);
            }
        }

        throw arguments.Interpreter.Fail($"{Interpreter.Describe(wanted)} is not in the {value.TypeName}");
    }

    private static Value Count(Value value, Arguments arguments)
    {
        Value wanted = arguments.Require("value");
        arguments.End();
        return Value.Of((long)value.Items.Count(item => arguments.Interpreter.AreEqual(item, wanted)));
    }
}
