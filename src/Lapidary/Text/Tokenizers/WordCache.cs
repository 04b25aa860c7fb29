using System.Runtime.InteropServices;

namespace Lapidary.Text.Tokenizers;

/// <summary>
/// The ids of stretches of text that were merged lately. Of bounded size: a new entry takes the place of the one in its slot. Entries never
/// change, so several threads may read and replace them without a lock.
/// </summary>
internal sealed class WordCache
{
    /// <summary>Longer stretches are rare and not kept.</summary>
    public const int LengthLimit = 32;

    private const int Slots = 1 << 14;

    private readonly Entry?[] entries = new Entry?[Slots];

    /// <summary>The ids of a stretch, or null.</summary>
    public int[]? Find(ReadOnlySpan<char> text, out int slot)
    {
        slot = (int)PieceHash.Of(MemoryMarshal.AsBytes(text)) & (Slots - 1);
        return entries[slot] is { } entry && text.SequenceEqual(entry.Text) ? entry.Ids : null;
    }

    /// <summary>Keeps the ids of a stretch in the slot that <see cref="Find"/> gave for it.</summary>
    public void Keep(int slot, ReadOnlySpan<char> text, ReadOnlySpan<int> ids) => entries[slot] = new Entry(text.ToString(), ids.ToArray());

    private sealed record Entry(string Text, int[] Ids);
}
