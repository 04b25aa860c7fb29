using System.Runtime.CompilerServices;
using System.Text;

namespace Lapidary.Text.Tokenizers;

/// <summary>
/// Which characters stand next to each other inside some piece. Where two do not, no merge can reach over, and the text may be cut there
/// without changing a single id. A bitmap over a hash: a collision costs a cut and no correctness.
/// </summary>
internal sealed class NeighbourMap
{
    private const int Bits = 18;

    private readonly ulong[] map = new ulong[1 << (Bits - 6)];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public NeighbourMap(PieceTable vocabulary)
    {
        for (int id = 0; id < vocabulary.Count; id++)
        {
            ReadOnlySpan<byte> piece = vocabulary[id];
            int before = -1;
            while (!piece.IsEmpty)
            {
                int character = piece[0];
                int consumed = 1;
                if (character >= 0x80)
                {
                    Rune.DecodeFromUtf8(piece, out Rune rune, out consumed);
                    character = rune.Value;
                }

                // Beyond the basic plane everything counts as neighbours.
                if (before >= 0 && before <= char.MaxValue && character <= char.MaxValue)
                {
                    uint bit = BitOf((char)before, (char)character);
                    map[bit >> 6] |= 1UL << (int)(bit & 63);
                }

                before = character;
                piece = piece[consumed..];
            }
        }
    }

    /// <summary>Whether a piece may reach over the border between two characters.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MayJoin(char left, char right)
    {
        uint bit = BitOf(left, right);
        return (map[bit >> 6] & (1UL << (int)(bit & 63))) != 0 || char.IsSurrogate(left) || char.IsSurrogate(right);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint BitOf(char left, char right) => ((left * 2654435761u) + (right * 2246822519u)) >> (32 - Bits);
}
