using System.Buffers;
using System.Runtime.CompilerServices;

namespace Lapidary.Text.Tokenizers;

/// <summary>Ids as they are found, in a pooled array that grows.</summary>
internal sealed class IdList(int capacity) : IDisposable
{
    private int[] ids = ArrayPool<int>.Shared.Rent(Math.Max(capacity, 16));

    /// <summary>Number of ids so far.</summary>
    public int Count { get; private set; }

    /// <summary>The ids so far.</summary>
    public ReadOnlySpan<int> Ids => ids.AsSpan(0, Count);

    /// <summary>Adds an id.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int id)
    {
        if (Count == ids.Length)
        {
            Grow(1);
        }

        ids[Count++] = id;
    }

    /// <summary>Adds several ids.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(ReadOnlySpan<int> more)
    {
        if (ids.Length - Count < more.Length)
        {
            Grow(more.Length);
        }

        more.CopyTo(ids.AsSpan(Count));
        Count += more.Length;
    }

    /// <inheritdoc/>
    public void Dispose() => ArrayPool<int>.Shared.Return(ids);

    private void Grow(int room)
    {
        int[] larger = ArrayPool<int>.Shared.Rent(checked(Math.Max(Count + room, Count * 2)));
        Ids.CopyTo(larger);
        ArrayPool<int>.Shared.Return(ids);
        ids = larger;
    }
}
