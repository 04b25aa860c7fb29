namespace Lapidary.Text.Jinja.Values;

/// <summary>
/// The arguments of one call. What is called takes its parameters in their order, each by position or by name, and then says
/// <see cref="End"/>.
/// </summary>
internal sealed class Arguments(Interpreter interpreter, string callee, IReadOnlyList<Value> positional, OrderedDictionary<string, Value>? named)
{
    // Most calls have no arguments with names.
    private readonly HashSet<string>? taken = named is null ? null : new(StringComparer.Ordinal);
    private int next;

    /// <summary>Who evaluates.</summary>
    public Interpreter Interpreter => interpreter;

    /// <summary>What is called.</summary>
    public string Callee => callee;

    /// <summary>How many arguments are left that have no name.</summary>
    public int PositionalLeft => positional.Count - next;

    /// <summary>The next parameter, if it was given.</summary>
    public Value? Take(string name)
    {
        if (next == positional.Count)
        {
            return TakeNamed(name);
        }

        return named is null || !named.ContainsKey(name)
            ? positional[next++]
            : throw interpreter.Fail($"{callee} was given '{name}' twice");
    }

    /// <summary>The next parameter, which has to be there.</summary>
    public Value Require(string name) => Take(name) ?? throw interpreter.Fail($"{callee} needs the argument '{name}'");

    /// <summary>The next parameter as a text.</summary>
    public string RequireText(string name) => Text(Require(name), name);

    /// <summary>The next parameter as a text, or null where it is missing or <c>None</c>.</summary>
    public string? TakeText(string name) => Take(name) is { IsNone: false } value ? Text(value, name) : null;

    /// <summary>The next parameter as a truth value.</summary>
    public bool TakeBoolean(string name, bool fallback) => Take(name) is { } value ? interpreter.IsTrue(value) : fallback;

    /// <summary>The next parameter as a whole number, or null where it is missing or <c>None</c>.</summary>
    public long? TakeInteger(string name)
    {
        if (Take(name) is not { IsNone: false } value)
        {
            return null;
        }

        return value.TryGetInt64(out long number)
            ? number
            : throw interpreter.Fail($"{callee} needs a whole number as '{name}' but found {Interpreter.Describe(value)}");
    }

    /// <summary>The rest of the arguments without names.</summary>
    public List<Value> TakeRest()
    {
        var rest = new List<Value>(PositionalLeft);
        while (next < positional.Count)
        {
            rest.Add(positional[next++]);
        }

        return rest;
    }

    /// <summary>An argument that can only be given by its name.</summary>
    public Value? TakeNamed(string name)
    {
        if (named is null || !named.TryGetValue(name, out Value value))
        {
            return null;
        }

        taken!.Add(name);
        return value;
    }

    /// <summary>The rest of the arguments with names.</summary>
    public List<KeyValuePair<string, Value>> TakeNamedRest()
    {
        if (named is null)
        {
            return [];
        }

        List<KeyValuePair<string, Value>> rest = [.. named.Where(pair => !taken!.Contains(pair.Key))];
        taken!.UnionWith(rest.Select(pair => pair.Key));
        return rest;
    }

    /// <summary>Says that the callee takes nothing else.</summary>
    public void End()
    {
        if (next < positional.Count)
        {
            throw interpreter.Fail($"{callee} takes {next} {(next == 1 ? "argument" : "arguments")} but was given {positional.Count}");
        }

        if (named is not null && taken!.Count < named.Count)
        {
            throw interpreter.Fail($"{callee} has no argument '{named.Keys.First(name => !taken.Contains(name))}'");
        }
    }

    private string Text(Value value, string name) =>
        value.IsText ? value.Text : throw interpreter.Fail($"{callee} needs a text as '{name}' but found {Interpreter.Describe(value)}");
}
