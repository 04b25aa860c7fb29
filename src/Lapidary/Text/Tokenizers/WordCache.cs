using System.Runtime.InteropServices;

namespace Lapidary.Text.Tokenizers;

/// <summary>
/// The ids of stretches of text that were merged lately. Of bounded size: each stretch has two slots, and a new one takes the place of the
/// older. Entries never change, so several threads may read and replace them without a lock.
/// </summary>
internal sealed class WordCache
{
    /// <summary>Longer stretches are rare and not kept.</summary>
    public const int LengthLimit = 32;

    private const int Slots = 1 << 15;

    // Number of ids, number of characters, the ids, the characters: one array each, because what a hit costs is waiting for memory.
    private readonly int[]?[] entries = new int[]?[Slots];

    /// <summary>Finds the ids of a stretch.</summary>
    public bool TryFind(ReadOnlySpan<char> text, out ReadOnlySpan<int> ids, out int slot)
    {
        slot = (int)PieceHash.Of(MemoryMarshal.AsBytes(text)) & (Slots - 1);
        return Matches(entries[slot], text, out ids) || Matches(entries[slot ^ 1], text, out ids);
    }

    /// <summary>Keeps the ids of a stretch in the slot that <see cref="TryFind"/> gave for it.</summary>
    public void Keep(int slot, ReadOnlySpan<char> text, ReadOnlySpan<int> ids)
    {
        var entry = new int[2 + ids.Length + ((text.Length + 1) / 2)];
        entry[0] = ids.Length;
        entry[1] = text.Length;
        ids.CopyTo(entry.AsSpan(2));
        text.CopyTo(MemoryMarshal.Cast<int, char>(entry.AsSpan(2 + ids.Length)));
        entries[slot ^ 1] = entries[slot];
        entries[slot] = entry;
    }

    private static bool Matches(int[]? entry, ReadOnlySpan<char> text, out ReadOnlySpan<int> ids)
    {
        if (entry is null || entry[1] != text.Length)
        {
            ids = default;
            return false;
        }

        ids = entry.AsSpan(2, entry[0]);
        return text.SequenceEqual(MemoryMarshal.Cast<int, char>(entry.AsSpan(2 + ids.Length))[..text.Length]);
    }
}
