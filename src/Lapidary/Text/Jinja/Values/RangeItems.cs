using System.Collections;

namespace Lapidary.Text.Jinja.Values;

/// <summary>The numbers of a range; none is stored.</summary>
internal sealed class RangeItems(long start, long stop, long step, int count) : IReadOnlyList<Value>
{
    /// <inheritdoc/>
    public int Count => count;

    /// <inheritdoc/>
    public Value this[int index] => Value.Of(start + (index * step));

    /// <summary>Every <paramref name="by"/>th number from one place to before another.</summary>
    public RangeItems Slice(long from, long to, long by, int length) => new(start + (from * step), start + (to * step), step * by, length);

    /// <inheritdoc/>
    public IEnumerator<Value> GetEnumerator()
    {
        for (int i = 0; i < count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public override string ToString() => step == 1 ? $"range({start}, {stop})" : $"range({start}, {stop}, {step})";
}
