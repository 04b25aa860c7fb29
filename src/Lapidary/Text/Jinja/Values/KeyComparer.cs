using System.Numerics;

namespace Lapidary.Text.Jinja.Values;

/// <summary>Equality of the keys of dictionaries: as in Python, 1, 1.0 and True are one key.</summary>
internal sealed class KeyComparer : IEqualityComparer<Value>
{
    /// <summary>The only one.</summary>
    public static KeyComparer Instance { get; } = new();

    /// <inheritdoc/>
    public bool Equals(Value x, Value y)
    {
        if (x.IsNumber && y.IsNumber)
        {
            return NumbersEqual(x, y);
        }

        if (x.Kind != y.Kind)
        {
            return false;
        }

        return x.Kind switch
        {
            ValueKind.Text => x.Text == y.Text,
            ValueKind.Tuple => x.Items.Count == y.Items.Count && x.Items.Zip(y.Items).All(pair => Equals(pair.First, pair.Second)),
            _ => x.IsSameAs(y),
        };
    }

    /// <inheritdoc/>
    public int GetHashCode(Value obj) => obj.Kind switch
    {
        ValueKind.Text => obj.Text.GetHashCode(StringComparison.Ordinal),
        ValueKind.Boolean or ValueKind.Integer => obj.Whole.GetHashCode(),
        ValueKind.Float => double.IsInteger(obj.Number) ? new BigInteger(obj.Number).GetHashCode() : obj.Number.GetHashCode(),
        ValueKind.Tuple => obj.Items.Aggregate(17, (hash, item) => HashCode.Combine(hash, GetHashCode(item))),
        _ => (int)obj.Kind,
    };

    /// <summary>Whether two numbers are equal, exactly.</summary>
    public static bool NumbersEqual(Value x, Value y)
    {
        if (x.TryGetInt64(out long first) && y.TryGetInt64(out long second))
        {
            return first == second;
        }

        if (x.IsWhole && y.IsWhole)
        {
            return x.Whole == y.Whole;
        }

        if (x.Kind == ValueKind.Float && y.Kind == ValueKind.Float)
        {
            return x.Number == y.Number;
        }

        double number = x.Kind == ValueKind.Float ? x.Number : y.Number;
        return double.IsInteger(number) && new BigInteger(number) == (x.Kind == ValueKind.Float ? y.Whole : x.Whole);
    }
}
