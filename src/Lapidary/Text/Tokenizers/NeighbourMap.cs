using System.Runtime.CompilerServices;

namespace Lapidary.Text.Tokenizers;

/// <summary>
/// Which characters stand next to each other inside some piece. Where two do not, no merge can reach over, and the text may be cut there
/// without changing a single id. A bitmap over a hash: a collision costs a cut and no correctness.
/// </summary>
internal sealed class NeighbourMap
{
    // Gemma 3 has 34,000 pairs; so many bits keep false ones below 2 %, and text in one script touches few of them.
    private const int Bits = 21;

    // Stands for every character beyond the basic plane: these count as neighbours of everything.
    private const int Beyond = char.MaxValue + 1;

    private readonly ulong[] map = new ulong[1 << (Bits - 6)];

    // Without collisions for the border that matters most, the one before a space.
    private readonly bool[] beforeSpace = new bool[char.MaxValue + 1];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public NeighbourMap(PieceTable vocabulary)
    {
        for (int id = 0; id < vocabulary.Count; id++)
        {
            // Decoded by hand, because the vocabulary was checked to be valid UTF-8 and half of it begins with the three bytes of U+2581.
            ReadOnlySpan<byte> piece = vocabulary[id];
            int before = Beyond;
            while (!piece.IsEmpty)
            {
                int character = piece[0];
                int length = character < 0x80 ? 1 : character < 0xE0 ? 2 : character < 0xF0 ? 3 : 4;
                if (length > 1)
                {
                    character = length == 2 ? ((character & 0x1F) << 6) | (piece[1] & 0x3F)
                        : length == 3 ? ((character & 0xF) << 12) | ((piece[1] & 0x3F) << 6) | (piece[2] & 0x3F)
                        : Beyond;
                }

                if (before < Beyond && character < Beyond)
                {
                    uint bit = BitOf((char)before, (char)character);
                    map[bit >> 6] |= 1UL << (int)(bit & 63);
                    beforeSpace[before] |= character == TextNormalizer.SpaceMark;
                }

                before = character;
                piece = piece[length..];
            }
        }
    }

    /// <summary>Whether a piece may reach over the border between two characters.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MayJoin(char left, char right)
    {
        if (right == TextNormalizer.SpaceMark)
        {
            return beforeSpace[left] || char.IsSurrogate(left);
        }

        uint bit = BitOf(left, right);
        return (map[bit >> 6] & (1UL << (int)(bit & 63))) != 0 || char.IsSurrogate(left) || char.IsSurrogate(right);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint BitOf(char left, char right) => ((left * 2654435761u) + (right * 2246822519u)) >> (32 - Bits);
}
