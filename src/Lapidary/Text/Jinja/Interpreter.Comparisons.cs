using Lapidary.Text.Jinja.Values;

namespace Lapidary.Text.Jinja;

/// <content>Equality, order and membership.</content>
internal sealed partial class Interpreter
{
    /// <summary>What <see cref="Order(Value, Value, string)"/> gives for a number that is none: no comparison holds.</summary>
    public const int Unordered = 2;

    /// <summary>Whether two values are equal.</summary>
    public bool AreEqual(Value left, Value right)
    {
        RequireDefined(left);
        RequireDefined(right);
        Spend(1);
        if (left.IsNumber && right.IsNumber)
        {
            return KeyComparer.NumbersEqual(left, right);
        }

        if (left.Kind != right.Kind)
        {
            return false;
        }

        switch (left.Kind)
        {
            case ValueKind.Undefined:
                return true;
            case ValueKind.Text:
                SpendOn(Math.Min(left.Text.Length, right.Text.Length));
                return left.Text == right.Text;
            case ValueKind.List or ValueKind.Tuple or ValueKind.Range:
                return AreEqual(left.Items, right.Items);
            case ValueKind.Dictionary:
                return AreEqual(left.Entries, right.Entries);
            default:
                return left.IsSameAs(right);
        }
    }

    /// <summary>
    /// Below, at or above zero as the left value comes before, with or after the right one; <see cref="Unordered"/> where one is not a
    /// number.
    /// </summary>
    /// <exception cref="JinjaException">Values of these types have no order.</exception>
    public int Order(Value left, Value right, string sign = "<")
    {
        Spend(1);
        if (left.IsUndefined || right.IsUndefined)
        {
            throw Fail((left.IsUndefined ? left : right).Absence);
        }

        if (left.IsNumber && right.IsNumber)
        {
            return left.TryGetInt64(out long first) && right.TryGetInt64(out long second) ? first.CompareTo(second)
                : left.IsWhole && right.IsWhole ? left.Whole.CompareTo(right.Whole)
                : Order(left.Number, right.Number);
        }

        if (left.IsText && right.IsText)
        {
            SpendOn(Math.Min(left.Text.Length, right.Text.Length));
            return PythonText.Compare(left.Text, right.Text);
        }

        return left.Kind == right.Kind && left.Kind is ValueKind.List or ValueKind.Tuple
            ? Order(left.Items, right.Items, sign)
            : throw Unfit(sign, left, right);
    }

    /// <summary>Whether a value is among the items of another, or a text in a text.</summary>
    public bool Contains(Value container, Value value)
    {
        if (container.IsText)
        {
            if (!value.IsText)
            {
                throw Fail($"only a text can be in a text, but {Describe(value)} was found");
            }

            SpendOn(container.Text.Length);
            return container.Text.Contains(value.Text, StringComparison.Ordinal);
        }

        if (container.Kind == ValueKind.Dictionary)
        {
            return container.Entries.ContainsKey(RequireKey(value));
        }

        foreach (Value item in Iterate(container))
        {
            if (AreEqual(item, value))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Items in their order; equal ones stay as they were.</summary>
    public List<Value> Sort(IReadOnlyList<Value> items, Func<Value, Value> keyOf, bool reverse)
    {
        AllocateItems(4L * items.Count);
        (Value Key, Value Item)[] sorted = [.. items.Select(item => (keyOf(item), item))];
        MergeSort(sorted, new (Value, Value)[sorted.Length], reverse);
        return [.. sorted.Select(pair => pair.Item)];
    }

    // The sorting of .NET wraps what a comparison throws, and is not stable.
    private void MergeSort(Span<(Value Key, Value Item)> items, Span<(Value Key, Value Item)> scratch, bool reverse)
    {
        if (items.Length < 2)
        {
            return;
        }

        int middle = items.Length / 2;
        MergeSort(items[..middle], scratch[..middle], reverse);
        MergeSort(items[middle..], scratch[middle..], reverse);
        items.CopyTo(scratch);
        (int left, int right) = (0, middle);
        for (int i = 0; i < items.Length; i++)
        {
            bool takeRight = left == middle || (right < items.Length
                && (reverse ? Order(scratch[left].Key, scratch[right].Key) < 0 : Order(scratch[right].Key, scratch[left].Key) < 0));
            items[i] = takeRight ? scratch[right++] : scratch[left++];
        }
    }

    /// <summary>Refuses what cannot be the key of a dictionary, and counts what it takes to compare it.</summary>
    public Value RequireKey(Value key)
    {
        Spend(1);
        RequireDefined(key);
        switch (key.Kind)
        {
            case ValueKind.List or ValueKind.Dictionary:
                throw Fail($"{Describe(key)} cannot be a key");
            case ValueKind.Text:
                SpendOn(key.Text.Length);
                break;
            case ValueKind.Tuple:
                Enter();
                foreach (Value item in key.Items)
                {
                    RequireKey(item);
                }

                Leave();
                break;
            default:
                break;
        }

        return key;
    }

    private static int Order(double left, double right) =>
        double.IsNaN(left) || double.IsNaN(right) ? Unordered : left.CompareTo(right);

    private bool AreEqual(IReadOnlyList<Value> left, IReadOnlyList<Value> right)
    {
        if (left.Count != right.Count)
        {
            return false;
        }

        Enter();
        bool equal = true;
        for (int i = 0; i < left.Count && equal; i++)
        {
            equal = AreEqual(left[i], right[i]);
        }

        Leave();
        return equal;
    }

    private bool AreEqual(OrderedDictionary<Value, Value> left, OrderedDictionary<Value, Value> right)
    {
        if (left.Count != right.Count)
        {
            return false;
        }

        Enter();
        bool equal = true;
        foreach ((Value key, Value value) in left)
        {
            equal = equal && right.TryGetValue(RequireKey(key), out Value other) && AreEqual(value, other);
        }

        Leave();
        return equal;
    }

    private int Order(IReadOnlyList<Value> left, IReadOnlyList<Value> right, string sign)
    {
        Enter();
        for (int i = 0; i < Math.Min(left.Count, right.Count); i++)
        {
            if (!AreEqual(left[i], right[i]))
            {
                int order = Order(left[i], right[i], sign);
                Leave();
                return order;
            }
        }

        Leave();
        return left.Count.CompareTo(right.Count);
    }
}
