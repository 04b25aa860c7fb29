using Lapidary.Text.Jinja.Values;

namespace Lapidary.Text.Jinja;

/// <content>What values are worth: as truth, as text, as something to walk over.</content>
internal sealed partial class Interpreter
{
    /// <summary>Whether a value counts as true.</summary>
    public bool IsTrue(Value value)
    {
        RequireDefined(value);
        return value.Kind switch
        {
            ValueKind.Undefined or ValueKind.None => false,
            ValueKind.Boolean => value.Boolean,
            ValueKind.Integer => !value.Whole.IsZero,
            ValueKind.Float => value.Number != 0,
            ValueKind.Text => value.Text.Length > 0,
            ValueKind.List or ValueKind.Tuple or ValueKind.Range => value.Items.Count > 0,
            ValueKind.Dictionary => value.Entries.Count > 0,
            _ => true,
        };
    }

    /// <summary>A value as text: what <c>str</c> gives, and nothing for what is undefined.</summary>
    public string TextOf(Value value)
    {
        RequireDefined(value);
        return value.Kind switch
        {
            ValueKind.Text => value.Text,
            ValueKind.Undefined => string.Empty,
            _ => PythonRepr.Write(this, value),
        };
    }

    /// <summary>The items of a value, the keys of a dictionary, the characters of a text.</summary>
    public IReadOnlyList<Value> Iterate(Value value)
    {
        RequireDefined(value);
        switch (value.Kind)
        {
            case ValueKind.Undefined:
                return [];
            case ValueKind.List or ValueKind.Tuple or ValueKind.Range or ValueKind.Iterator:
                return value.Items;
            case ValueKind.Dictionary:
                AllocateItems(value.Entries.Count);
                return [.. value.Entries.Keys];
            case ValueKind.Text:
                AllocateItems(3L * value.Text.Length);
                return [.. PythonText.Characters(value.Text).Select(Value.Of)];
            default:
                throw Fail($"{Describe(value)} cannot be walked over");
        }
    }

    /// <summary>Refuses what is undefined where the environment is strict.</summary>
    public void RequireDefined(Value value)
    {
        if (value.IsUndefined && Options.StrictUndefined && !value.IsHarmless)
        {
            throw Fail(value.Absence);
        }
    }

    /// <summary>A value as errors name it.</summary>
    public static string Describe(Value value)
    {
        const int Limit = 40;
        switch (value.Kind)
        {
            case ValueKind.Undefined:
                return "something undefined";
            case ValueKind.None:
                return "None";
            case ValueKind.Boolean or ValueKind.Integer or ValueKind.Float:
                string number = value.Kind == ValueKind.Float ? PythonNumber.Format(value.Number) : value.ToString();
                return number.Length <= Limit ? number : "a large number";
            case ValueKind.Text:
                return value.Text.Length <= Limit ? $"the text \"{value.Text}\"" : $"the text \"{value.Text.AsSpan(0, Limit)}...\"";
            case ValueKind.List or ValueKind.Tuple:
                return $"a {value.TypeName} of {value.Items.Count}";
            case ValueKind.Dictionary:
                return $"a dict of {value.Entries.Count}";
            case ValueKind.Function:
                return $"the function '{value.Function.Name}'";
            default:
                return $"a {value.TypeName.ToLowerInvariant()}";
        }
    }
}
