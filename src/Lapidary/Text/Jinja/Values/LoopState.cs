namespace Lapidary.Text.Jinja.Values;

/// <summary>What the variable <c>loop</c> knows.</summary>
internal sealed class LoopState(IReadOnlyList<Value> items, int depth, Func<Arguments, Value>? recurse)
{
    /// <summary>What is walked over.</summary>
    public IReadOnlyList<Value> Items => items;

    /// <summary>Which item it is, from 0.</summary>
    public int Index { get; set; }

    /// <summary>How many recursive loops there are around this one.</summary>
    public int Depth => depth;

    /// <summary>Renders the loop over other items, where it is recursive.</summary>
    public Func<Arguments, Value>? Recurse => recurse;

    /// <summary>What <c>loop.changed</c> was asked about last.</summary>
    public IReadOnlyList<Value>? Watched { get; set; }
}
