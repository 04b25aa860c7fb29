using Lapidary.Text.Jinja.Values;

namespace Lapidary.Text.Jinja;

/// <content>Filters that walk over a value.</content>
internal static partial class Filters
{
    private static Value Length(Value value, Arguments arguments)
    {
        arguments.End();
        arguments.Interpreter.RequireDefined(value);
        switch (value.Kind)
        {
            case ValueKind.Undefined:
                return Value.Of(0L);
            case ValueKind.Text:
                arguments.Interpreter.SpendOn(value.Text.Length);
                return Value.Of((long)PythonText.Length(value.Text));
            case ValueKind.List or ValueKind.Tuple or ValueKind.Range:
                return Value.Of((long)value.Items.Count);
            case ValueKind.Dictionary:
                return Value.Of((long)value.Entries.Count);
            default:
                throw arguments.Interpreter.Fail($"{Interpreter.Describe(value)} has no length");
        }
    }

    private static Value First(Value value, Arguments arguments)
    {
        arguments.End();
        IReadOnlyList<Value> items = arguments.Interpreter.Iterate(value);
        return items.Count > 0 ? items[0] : Value.Missing(() => "there is no first item: there are none");
    }

    private static Value Last(Value value, Arguments arguments)
    {
        arguments.End();
        if (value.Kind == ValueKind.Iterator)
        {
            throw arguments.Interpreter.Fail("a generator has no last item until it is made a list");
        }

        IReadOnlyList<Value> items = arguments.Interpreter.Iterate(value);
        return items.Count > 0 ? items[^1] : Value.Missing(() => "there is no last item: there are none");
    }

    private static Value ToList(Value value, Arguments arguments)
    {
        arguments.End();
        IReadOnlyList<Value> items = arguments.Interpreter.Iterate(value);
        return Value.List(items is RangeItems ? Copied(items, arguments) : items);
    }

    private static Value[] Copied(IReadOnlyList<Value> items, Arguments arguments)
    {
        arguments.Interpreter.AllocateItems(items.Count);
        return [.. items];
    }

    private static Value Items(Value value, Arguments arguments)
    {
        arguments.End();
        return value.IsUndefined ? Value.Iterator([])
            : value.Kind == ValueKind.Dictionary ? Value.Iterator(CollectionMethods.Pairs(value, arguments.Interpreter))
            : throw arguments.Interpreter.Fail($"the filter 'items' needs a dictionary but found {Interpreter.Describe(value)}");
    }

    private static Value Reverse(Value value, Arguments arguments)
    {
        arguments.End();
        if (value.IsText)
        {
            arguments.Interpreter.AllocateItems(3L * value.Text.Length);
            return Value.Of(string.Concat(Enumerable.Reverse(PythonText.Characters(value.Text))));
        }

        return Value.Iterator([.. Copied(arguments.Interpreter.Iterate(value), arguments).Reverse()]);
    }

    private static Value Join(Value value, Arguments arguments)
    {
        string separator = arguments.Take("d") is { } given ? arguments.Interpreter.TextOf(given) : string.Empty;
        Value? attribute = TakeAttribute(arguments);
        arguments.End();
        Interpreter interpreter = arguments.Interpreter;
        return Value.Of(TextMethods.Join(
            interpreter, separator, interpreter.Iterate(value), item => interpreter.TextOf(attribute is { } path ? interpreter.ItemAtPath(item, path) : item)));
    }

    private static Value Map(Value value, Arguments arguments)
    {
        Interpreter interpreter = arguments.Interpreter;
        if (arguments.PositionalLeft == 0)
        {
            Value path = arguments.TakeNamed("attribute") ?? throw interpreter.Fail("the filter 'map' needs the name of a filter or an attribute");
            Value? fallback = arguments.TakeNamed("default");
            arguments.End();
            return Mapped(value, interpreter, item => interpreter.ItemAtPath(item, path) is { IsUndefined: false } found ? found : fallback ?? interpreter.ItemAtPath(item, path));
        }

        string name = arguments.RequireText("filter");
        List<Value> positional = arguments.TakeRest();
        OrderedDictionary<string, Value> named = new(arguments.TakeNamedRest());
        return Mapped(value, interpreter, item => interpreter.ApplyFilter(name, item, positional, named));
    }

    private static Value Mapped(Value value, Interpreter interpreter, Func<Value, Value> map)
    {
        IReadOnlyList<Value> items = interpreter.Iterate(value);
        interpreter.AllocateItems(items.Count);
        return Value.Iterator([.. items.Select(map)]);
    }

    private static Value Select(Value value, Arguments arguments, bool keep, bool byAttribute)
    {
        Interpreter interpreter = arguments.Interpreter;
        Value? path = byAttribute ? arguments.Require("attribute") : null;
        string? test = arguments.PositionalLeft > 0 ? arguments.RequireText("test") : null;
        List<Value> positional = arguments.TakeRest();
        OrderedDictionary<string, Value> named = new(arguments.TakeNamedRest());
        IReadOnlyList<Value> items = interpreter.Iterate(value);
        interpreter.AllocateItems(items.Count);
        return Value.Iterator([.. items.Where(item =>
        {
            interpreter.Spend(1);
            Value tested = path is { } given ? interpreter.ItemAtPath(item, given) : item;
            return (test is null ? interpreter.IsTrue(tested) : interpreter.ApplyTest(test, tested, positional, named)) == keep;
        })]);
    }

    private static Value Sort(Value value, Arguments arguments)
    {
        bool reverse = arguments.TakeBoolean("reverse", false);
        bool caseSensitive = arguments.TakeBoolean("case_sensitive", false);
        Value? attribute = TakeAttribute(arguments);
        arguments.End();
        Func<Value, Value> keyOf = SortKey(arguments.Interpreter, attribute, caseSensitive);
        return Value.List(arguments.Interpreter.Sort(arguments.Interpreter.Iterate(value), keyOf, reverse));
    }

    // Several attributes with commas between them sort by one after the other.
    private static Func<Value, Value> SortKey(Interpreter interpreter, Value? attribute, bool caseSensitive)
    {
        if (attribute is not { } path)
        {
            return item => Folded(interpreter, item, caseSensitive);
        }

        string[] paths = path.IsText ? path.Text.Split(',') : [];
        return paths.Length > 1
            ? item => Value.List([.. paths.Select(one => Folded(interpreter, interpreter.ItemAtPath(item, Value.Of(one)), caseSensitive))])
            : item => Folded(interpreter, interpreter.ItemAtPath(item, path), caseSensitive);
    }

    private static Value Folded(Interpreter interpreter, Value value, bool caseSensitive)
    {
        if (caseSensitive || !value.IsText)
        {
            return value;
        }

        interpreter.AllocateText(value.Text.Length);
        return Value.Of(PythonText.Lower(value.Text));
    }

    private static Value SortDictionary(Value value, Arguments arguments)
    {
        bool caseSensitive = arguments.TakeBoolean("case_sensitive", false);
        string by = arguments.TakeText("by") ?? "key";
        bool reverse = arguments.TakeBoolean("reverse", false);
        arguments.End();
        Interpreter interpreter = arguments.Interpreter;
        if (value.Kind != ValueKind.Dictionary || by is not ("key" or "value"))
        {
            throw interpreter.Fail(
                value.IsUndefined ? value.Absence
                : value.Kind != ValueKind.Dictionary ? $"the filter 'dictsort' needs a dictionary but found {Interpreter.Describe(value)}"
                : $"'{by}' is nothing to sort a dictionary by: 'key' or 'value' was expected");
        }

        int place = by == "key" ? 0 : 1;
        return Value.List(interpreter.Sort(
            CollectionMethods.Pairs(value, interpreter), pair => Folded(interpreter, pair.Items[place], caseSensitive), reverse));
    }

    private static Value Unique(Value value, Arguments arguments)
    {
        bool caseSensitive = arguments.TakeBoolean("case_sensitive", false);
        Value? attribute = TakeAttribute(arguments);
        arguments.End();
        Interpreter interpreter = arguments.Interpreter;
        IReadOnlyList<Value> items = interpreter.Iterate(value);
        interpreter.AllocateItems(4L * items.Count);
        var seen = new HashSet<Value>(KeyComparer.Instance);
        return Value.Iterator([.. items.Where(item => seen.Add(interpreter.RequireKey(
            Folded(interpreter, attribute is { } path ? interpreter.ItemAtPath(item, path) : item, caseSensitive))))]);
    }

    private static Value Extreme(Value value, Arguments arguments, int sign)
    {
        bool caseSensitive = arguments.TakeBoolean("case_sensitive", false);
        Value? attribute = TakeAttribute(arguments);
        arguments.End();
        Interpreter interpreter = arguments.Interpreter;
        Func<Value, Value> keyOf = SortKey(interpreter, attribute, caseSensitive);
        IReadOnlyList<Value> items = interpreter.Iterate(value);
        if (items.Count == 0)
        {
            return Value.Missing(() => "there is no largest or smallest item: there are none");
        }

        Value best = items[0];
        for (int i = 1; i < items.Count; i++)
        {
            (Value one, Value other) = sign > 0 ? (keyOf(best), keyOf(items[i])) : (keyOf(items[i]), keyOf(best));
            best = interpreter.Order(one, other) < 0 ? items[i] : best;
        }

        return best;
    }

    private static Value Sum(Value value, Arguments arguments)
    {
        Value? attribute = TakeAttribute(arguments);
        Value sum = arguments.Take("start") ?? Value.Of(0L);
        arguments.End();
        Interpreter interpreter = arguments.Interpreter;
        foreach (Value item in interpreter.Iterate(value))
        {
            interpreter.Spend(1);
            sum = interpreter.Combine("+", sum, attribute is { } path ? interpreter.ItemAtPath(item, path) : item);
        }

        return sum;
    }

    private static Value Batch(Value value, Arguments arguments)
    {
        long size = arguments.TakeInteger("linecount") ?? 0;
        Value? fill = arguments.Take("fill_with");
        arguments.End();
        Interpreter interpreter = arguments.Interpreter;
        if (size is < 1 or > int.MaxValue)
        {
            throw interpreter.Fail("the filter 'batch' needs a positive number");
        }

        IReadOnlyList<Value> items = interpreter.Iterate(value);
        interpreter.AllocateItems(2L * items.Count);
        List<List<Value>> batches = [.. items.Chunk((int)size).Select(chunk => chunk.ToList())];
        if (fill is { IsNone: false } given && batches.Count > 0)
        {
            Fill(batches[^1], (int)size, given, interpreter);
        }

        return Value.Iterator([.. batches.Select(Value.List)]);
    }

    private static void Fill(List<Value> items, int count, Value value, Interpreter interpreter)
    {
        interpreter.AllocateItems(count);
        while (items.Count < count)
        {
            items.Add(value);
        }
    }

    private static Value Slice(Value value, Arguments arguments)
    {
        long slices = arguments.TakeInteger("slices") ?? 0;
        Value? fill = arguments.Take("fill_with");
        arguments.End();
        Interpreter interpreter = arguments.Interpreter;
        if (slices is < 1 or > 100_000)
        {
            throw interpreter.Fail("the filter 'slice' needs a positive number");
        }

        IReadOnlyList<Value> items = interpreter.Iterate(value);
        interpreter.AllocateItems(items.Count + (4 * slices));
        var result = new List<Value>();
        (int each, int longer) = ((int)(items.Count / slices), (int)(items.Count % slices));
        for (int i = 0, from = 0; i < slices; i++)
        {
            int count = each + (i < longer ? 1 : 0);
            List<Value> slice = [.. items.Skip(from).Take(count)];
            if (fill is { IsNone: false } given && i >= longer)
            {
                slice.Add(given);
            }

            from += count;
            result.Add(Value.List(slice));
        }

        return Value.Iterator(result);
    }

    private static Value GroupBy(Value value, Arguments arguments)
    {
        Value path = arguments.Require("attribute");
        Value? fallback = arguments.Take("default");
        bool caseSensitive = arguments.TakeBoolean("case_sensitive", false);
        arguments.End();
        Interpreter interpreter = arguments.Interpreter;
        Value Grouper(Value item) => interpreter.ItemAtPath(item, path) is { IsUndefined: true } missing ? fallback ?? missing : interpreter.ItemAtPath(item, path);
        Value KeyOf(Value item) => Folded(interpreter, Grouper(item), caseSensitive);
        List<Value> sorted = interpreter.Sort(interpreter.Iterate(value), KeyOf, reverse: false);
        var groups = new List<(Value Key, List<Value> Items)>();
        foreach (Value item in sorted)
        {
            interpreter.AllocateItems(2);
            if (groups.Count == 0 || !interpreter.AreEqual(KeyOf(groups[^1].Items[0]), KeyOf(item)))
            {
                groups.Add((Grouper(item), []));
            }

            groups[^1].Items.Add(item);
        }

        return Value.List([.. groups.Select(group => Value.Tuple(group.Key, Value.List(group.Items)))]);
    }

    private static Value? TakeAttribute(Arguments arguments) => arguments.Take("attribute") is { IsNone: false } attribute ? attribute : null;

}
