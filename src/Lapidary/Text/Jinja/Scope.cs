using Lapidary.Text.Jinja.Values;

namespace Lapidary.Text.Jinja;

/// <summary>Variables, and those around them.</summary>
internal sealed class Scope(Scope? outer)
{
    private readonly Dictionary<string, Value> variables = new(StringComparer.Ordinal);

    /// <summary>Assigns a variable here, whatever there is around.</summary>
    public void Set(string name, Value value) => variables[name] = value;

    /// <summary>Looks for a variable from here outward.</summary>
    public bool TryGet(string name, out Value value)
    {
        for (Scope? scope = this; scope is not null; scope = scope.Outer)
        {
            if (scope.variables.TryGetValue(name, out value))
            {
                return true;
            }
        }

        value = default;
        return false;
    }

    private Scope? Outer => outer;
}
