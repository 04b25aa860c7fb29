using Lapidary.Text.Jinja.Values;

namespace Lapidary.Text.Jinja;

/// <content>Attributes, items and slices.</content>
internal sealed partial class Interpreter
{
    /// <summary><c>value.name</c>: the attribute, and where there is none the item.</summary>
    public Value AttributeOf(Value value, string name)
    {
        Value attribute = FindAttribute(value, name);
        return attribute.IsUndefined && value.Kind == ValueKind.Dictionary && value.Entries.TryGetValue(Value.Of(name), out Value item)
            ? item
            : attribute;
    }

    /// <summary><c>value[index]</c>: the item, and where there is none the attribute.</summary>
    public Value ItemOf(Value value, Value index)
    {
        RequireDefined(index);
        switch (value.Kind)
        {
            case ValueKind.Dictionary when value.Entries.TryGetValue(RequireKeyOrUndefined(index), out Value item):
                return item;
            case ValueKind.List or ValueKind.Tuple or ValueKind.Range or ValueKind.Text when index.IsWhole:
                return ElementAt(value, index);
            default:
                return index.IsText ? FindAttribute(value, index.Text) : NoItem(value, index);
        }
    }

    /// <summary>The item at a path such as <c>a.0.b</c>, as filters take it.</summary>
    public Value ItemAtPath(Value value, Value path)
    {
        if (!path.IsText)
        {
            return ItemOf(value, path);
        }

        foreach (string part in path.Text.Split('.'))
        {
            Spend(1);
            value = ItemOf(value, part.Length is > 0 and < 10 && part.All(char.IsAsciiDigit) ? Value.Of(long.Parse(part)) : Value.Of(part));
        }

        return value;
    }

    /// <summary><c>value[start:stop:step]</c>.</summary>
    public Value SliceOf(Value value, Value start, Value stop, Value step)
    {
        if (!value.IsText && !value.IsSequence)
        {
            return value.IsUndefined ? throw Fail(value.Absence) : Value.Missing(() => $"{Describe(value)} has no slices");
        }

        if (value.IsText)
        {
            AllocateItems(PythonText.HasPairs(value.Text) ? 3L * value.Text.Length : 0);
        }

        List<string>? characters = value.IsText && PythonText.HasPairs(value.Text) ? PythonText.Characters(value.Text) : null;
        int length = characters?.Count ?? (value.IsText ? value.Text.Length : value.Items.Count);
        if (!IsBound(start) || !IsBound(stop) || !IsBound(step))
        {
            return Value.Missing(() => "a slice needs whole numbers");
        }

        long by = Bound(step) ?? 1;
        if (by == 0)
        {
            throw Fail("the step of a slice is 0");
        }

        (long from, long to) = by > 0
            ? (Clamp(Bound(start) ?? 0, length, 0, length), Clamp(Bound(stop) ?? length, length, 0, length))
            : (Clamp(Bound(start) ?? length - 1, length, -1, length - 1), Bound(stop) is { } given ? Clamp(given, length, -1, length - 1) : -1);
        var places = new RangeItems(from, to, by, RangeCount(from, to, by));
        if (value.Kind == ValueKind.Range)
        {
            return Value.Of(((RangeItems)value.Items).Slice(from, to, by, places.Count));
        }

        if (!value.IsText)
        {
            AllocateItems(places.Count);
            Value[] items = [.. places.Select(place => value.Items[(int)place.Whole])];
            return value.Kind == ValueKind.Tuple ? Value.Tuple(items) : Value.List(items);
        }

        AllocateText(2L * places.Count);
        return Value.Of(
            characters is not null ? string.Concat(places.Select(place => characters[(int)place.Whole]))
            : by == 1 ? value.Text.Substring((int)from, places.Count)
            : string.Concat(places.Select(place => value.Text[(int)place.Whole])));
    }

    /// <summary>How many numbers a range has.</summary>
    public static int RangeCount(long start, long stop, long step)
    {
        Int128 distance = step > 0 ? (Int128)stop - start : (Int128)start - stop;
        Int128 width = step > 0 ? step : -(Int128)step;
        return distance <= 0 ? 0 : (int)Int128.Min((distance + width - 1) / width, int.MaxValue);
    }

    private Value FindAttribute(Value value, string name)
    {
        switch (value.Kind)
        {
            case ValueKind.Undefined:
                throw Fail(value.Absence);
            case ValueKind.Text:
                return TextMethods.Find(value.Text, name) ?? NoAttribute(value, name);
            case ValueKind.Dictionary or ValueKind.List or ValueKind.Tuple:
                return CollectionMethods.Find(value, name) ?? NoAttribute(value, name);
            case ValueKind.Namespace:
                return value.Attributes.TryGetValue(name, out Value attribute) ? attribute : NoAttribute(value, name);
            case ValueKind.Loop:
                return LoopAttribute(value.Loop, name);
            case ValueKind.Function when name == "name":
                return Value.Of(value.Function.Name);
            default:
                return NoAttribute(value, name);
        }
    }

    private static Value NoAttribute(Value value, string name) => Value.Missing(() => $"{Describe(value)} has no attribute '{name}'");

    private Value NoItem(Value value, Value index) =>
        value.IsUndefined ? throw Fail(value.Absence) : Value.Missing(() => $"{Describe(value)} has no item {Describe(index)}");

    private Value RequireKeyOrUndefined(Value index) => index.IsUndefined ? index : RequireKey(index);

    private Value ElementAt(Value value, Value index)
    {
        List<string>? characters = null;
        if (value.IsText && PythonText.HasPairs(value.Text))
        {
            SpendOn(16 * value.Text.Length);
            characters = PythonText.Characters(value.Text);
        }

        int length = characters?.Count ?? (value.IsText ? value.Text.Length : value.Items.Count);
        if (!index.TryGetInt64(out long place) || place < -length || place >= length)
        {
            return NoItem(value, index);
        }

        int at = (int)(place < 0 ? place + length : place);
        return value.IsText ? Value.Of(characters?[at] ?? value.Text[at].ToString()) : value.Items[at];
    }

    private static bool IsBound(Value value) => value.IsNone || value.IsWhole;

    private static long? Bound(Value value) =>
        value.IsNone ? null : value.TryGetInt64(out long bound) ? bound : value.Whole.Sign * (long)int.MaxValue;

    private static long Clamp(long bound, int length, long least, long most) => Math.Clamp(bound < 0 ? bound + length : bound, least, most);
}
