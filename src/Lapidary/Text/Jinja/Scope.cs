using Lapidary.Text.Jinja.Values;

namespace Lapidary.Text.Jinja;

/// <summary>Variables, and those around them. Most scopes are those of loops, which have two or three.</summary>
internal sealed class Scope(Scope? outer)
{
    private const int FewNames = 6;

    private readonly Scope? outer = outer;
    private (string Name, Value Value)[] few = [];
    private int count;
    private Dictionary<string, Value>? many;

    /// <summary>Assigns a variable here, whatever there is around.</summary>
    public void Set(string name, Value value)
    {
        if (many is not null)
        {
            many[name] = value;
            return;
        }

        int place = PlaceOf(name);
        if (place >= 0)
        {
            few[place].Value = value;
        }
        else if (count < FewNames)
        {
            if (count == few.Length)
            {
                Array.Resize(ref few, count == 0 ? 2 : FewNames);
            }

            few[count++] = (name, value);
        }
        else
        {
            many = few.ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal);
            many[name] = value;
        }
    }

    /// <summary>Looks for a variable from here outward.</summary>
    public bool TryGet(string name, out Value value)
    {
        for (Scope? scope = this; scope is not null; scope = scope.outer)
        {
            if (scope.many is not null)
            {
                if (scope.many.TryGetValue(name, out value))
                {
                    return true;
                }
            }
            else if (scope.PlaceOf(name) is var place and >= 0)
            {
                value = scope.few[place].Value;
                return true;
            }
        }

        value = default;
        return false;
    }

    private int PlaceOf(string name)
    {
        for (int i = 0; i < count; i++)
        {
            if (few[i].Name == name)
            {
                return i;
            }
        }

        return -1;
    }
}
