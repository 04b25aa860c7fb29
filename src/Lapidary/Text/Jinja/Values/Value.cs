using System.Globalization;
using System.Numerics;

namespace Lapidary.Text.Jinja.Values;

/// <summary>
/// A value of a template. There is nothing in it but what Python's own types are: no object of .NET can be reached from a template.
/// Lists and dictionaries never change once they are made, as in the sandbox of transformers, so that only a namespace can contain itself.
/// </summary>
internal readonly struct Value
{
    private readonly object? reference;
    private readonly long bits;

    private Value(ValueKind kind, object? reference, long bits = 0)
    {
        Kind = kind;
        this.reference = reference;
        this.bits = bits;
    }

    /// <summary><c>None</c>.</summary>
    public static Value None { get; } = new(ValueKind.None, null);

    /// <summary><c>True</c>.</summary>
    public static Value True { get; } = new(ValueKind.Boolean, null, 1);

    /// <summary><c>False</c>.</summary>
    public static Value False { get; } = new(ValueKind.Boolean, null);

    /// <summary>The type.</summary>
    public ValueKind Kind { get; }

    /// <summary>Whether this is nothing at all.</summary>
    public bool IsUndefined => Kind == ValueKind.Undefined;

    /// <summary>Whether this is <c>None</c>.</summary>
    public bool IsNone => Kind == ValueKind.None;

    /// <summary>Whether this is a text.</summary>
    public bool IsText => Kind == ValueKind.Text;

    /// <summary>Whether this is a number; in Python <c>True</c> and <c>False</c> are.</summary>
    public bool IsNumber => Kind is ValueKind.Boolean or ValueKind.Integer or ValueKind.Float;

    /// <summary>Whether this is a number without fraction.</summary>
    public bool IsWhole => Kind is ValueKind.Boolean or ValueKind.Integer;

    /// <summary>Whether this is a list, a tuple or a range: items in an order, with a length.</summary>
    public bool IsSequence => Kind is ValueKind.List or ValueKind.Tuple or ValueKind.Range;

    /// <summary>The text of a text.</summary>
    public string Text => (string)reference!;

    /// <summary>The truth of a boolean.</summary>
    public bool Boolean => bits != 0;

    /// <summary>The items of a list, a tuple, a range or an iterator.</summary>
    public IReadOnlyList<Value> Items => (IReadOnlyList<Value>)reference!;

    /// <summary>The entries of a dictionary.</summary>
    public OrderedDictionary<Value, Value> Entries => (OrderedDictionary<Value, Value>)reference!;

    /// <summary>The attributes of a namespace.</summary>
    public OrderedDictionary<string, Value> Attributes => (OrderedDictionary<string, Value>)reference!;

    /// <summary>The function.</summary>
    public Function Function => (Function)reference!;

    /// <summary>The state of a loop.</summary>
    public LoopState Loop => (LoopState)reference!;

    /// <summary>A whole number that may be larger than 64 bits; false and true are 0 and 1.</summary>
    public BigInteger Whole => reference is BigInteger large ? large : bits;

    /// <summary>The number as a float.</summary>
    public double Number => Kind == ValueKind.Float ? BitConverter.Int64BitsToDouble(bits) : reference is BigInteger large ? (double)large : bits;

    /// <summary>What was looked for and not found, as a sentence.</summary>
    public string Absence => reference switch
    {
        string name => $"'{name}' is undefined",
        Func<string> describe => describe(),
        _ => "the value is undefined",
    };

    /// <summary>The name of the type as Python gives it.</summary>
    public string TypeName => Kind switch
    {
        ValueKind.Undefined => "Undefined",
        ValueKind.None => "NoneType",
        ValueKind.Boolean => "bool",
        ValueKind.Integer => "int",
        ValueKind.Float => "float",
        ValueKind.Text => "str",
        ValueKind.List => "list",
        ValueKind.Tuple => "tuple",
        ValueKind.Range => "range",
        ValueKind.Iterator => "generator",
        ValueKind.Dictionary => "dict",
        ValueKind.Namespace => "Namespace",
        ValueKind.Loop => "LoopContext",
        _ => "function",
    };

    /// <summary>A truth value.</summary>
    public static Value Of(bool value) => value ? True : False;

    /// <summary>A whole number.</summary>
    public static Value Of(long value) => new(ValueKind.Integer, null, value);

    /// <summary>A whole number of any size.</summary>
    public static Value Of(BigInteger value) =>
        value >= long.MinValue && value <= long.MaxValue ? Of((long)value) : new Value(ValueKind.Integer, value);

    /// <summary>A float.</summary>
    public static Value Of(double value) => new(ValueKind.Float, null, BitConverter.DoubleToInt64Bits(value));

    /// <summary>A text.</summary>
    public static Value Of(string value) => new(ValueKind.Text, value);

    /// <summary>A list.</summary>
    public static Value List(IReadOnlyList<Value> items) => new(ValueKind.List, items);

    /// <summary>A tuple.</summary>
    public static Value Tuple(params IReadOnlyList<Value> items) => new(ValueKind.Tuple, items);

    /// <summary>A range.</summary>
    public static Value Of(RangeItems range) => new(ValueKind.Range, range);

    /// <summary>What can only be walked over.</summary>
    public static Value Iterator(IReadOnlyList<Value> items) => new(ValueKind.Iterator, items);

    /// <summary>A dictionary.</summary>
    public static Value Of(OrderedDictionary<Value, Value> entries) => new(ValueKind.Dictionary, entries);

    /// <summary>A namespace.</summary>
    public static Value Of(OrderedDictionary<string, Value> attributes) => new(ValueKind.Namespace, attributes);

    /// <summary>A function.</summary>
    public static Value Of(Function function) => new(ValueKind.Function, function);

    /// <summary>The state of a loop.</summary>
    public static Value Of(LoopState loop) => new(ValueKind.Loop, loop);

    /// <summary>A variable that does not exist.</summary>
    public static Value Missing(string name) => new(ValueKind.Undefined, name);

    /// <summary>Something else that does not exist, which is described when somebody wants to know.</summary>
    public static Value Missing(Func<string> describe) => new(ValueKind.Undefined, describe);

    /// <summary>What an inline condition without <c>else</c> gives: Jinja2 writes it as nothing even where it is strict.</summary>
    public static Value MissingElse { get; } = new(ValueKind.Undefined, () => "the condition is false and there is no 'else'", 1);

    /// <summary>Whether this does not exist and may be used as nothing in every environment.</summary>
    public bool IsHarmless => IsUndefined && bits != 0;

    /// <summary>Whether this is a whole number of 64 bits, and which.</summary>
    public bool TryGetInt64(out long value)
    {
        value = bits;
        return IsWhole && reference is null;
    }

    /// <summary>Whether two values are the same object, as far as values without identity can be.</summary>
    public bool IsSameAs(Value other) =>
        Kind == other.Kind && bits == other.bits && (reference is string or BigInteger ? reference.Equals(other.reference) : ReferenceEquals(reference, other.reference));

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        ValueKind.Text => Text,
        ValueKind.Integer => Whole.ToString(CultureInfo.InvariantCulture),
        ValueKind.Boolean => Boolean ? "True" : "False",
        _ => TypeName,
    };
}
