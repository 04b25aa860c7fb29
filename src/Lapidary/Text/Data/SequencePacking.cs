using System.Numerics;

namespace Lapidary.Text.Data;

/// <summary>
/// Puts examples together into sequences of at most a given length: best-fit decreasing, which needs at most 11/9 of the fewest sequences
/// possible and one more (Johnson 1974), and in practice a few in a thousand.
/// </summary>
internal static class SequencePacking
{
    private const int None = -1;

    /// <summary>
    /// From the longest example to the shortest (among equal ones the earlier first), each goes into the fullest sequence that has room for
    /// it (among equal ones into the one that has waited longest), or else into a new one.
    /// </summary>
    /// <param name="lengths">The tokens of each example.</param>
    /// <param name="maxLength">The tokens that a sequence may have, none of the lengths is above it.</param>
    /// <returns>The examples of each sequence, in the order in which they were put there.</returns>
    public static int[][] Pack(ReadOnlySpan<int> lengths, int maxLength)
    {
        var sequences = new List<List<int>>();
        var rooms = new OpenSequences(maxLength);
        foreach (int example in FromLongest(lengths))
        {
            int length = lengths[example];
            int room = rooms.Take(length, out int sequence);
            if (sequence == None)
            {
                sequence = sequences.Count;
                sequences.Add([]);
                room = maxLength;
            }

            sequences[sequence].Add(example);
            rooms.Add(sequence, room - length);
        }

        return [.. sequences.Select(sequence => sequence.ToArray())];
    }

    private static int[] FromLongest(ReadOnlySpan<int> lengths)
    {
        long[] keys = new long[lengths.Length];
        for (int i = 0; i < lengths.Length; i++)
        {
            keys[i] = ((long)(int.MaxValue - lengths[i]) << 32) | (uint)i;
        }

        Array.Sort(keys);
        return Array.ConvertAll(keys, key => (int)(uint)key);
    }

    /// <summary>The sequences by the room that is left in them.</summary>
    private sealed class OpenSequences
    {
        // A queue for each room, linked through "next"; the bits say which queues are not empty.
        private readonly int[] first;
        private readonly int[] last;
        private readonly ulong[] occupied;
        private readonly List<int> next = [];

        public OpenSequences(int maxLength)
        {
            first = new int[maxLength + 1];
            last = new int[maxLength + 1];
            occupied = new ulong[(maxLength / 64) + 1];
        }

        /// <summary>Adds a sequence, which is a new one or was taken out before.</summary>
        public void Add(int sequence, int room)
        {
            if (sequence == next.Count)
            {
                next.Add(None);
            }

            if ((occupied[room / 64] & (1UL << (room % 64))) == 0)
            {
                occupied[room / 64] |= 1UL << (room % 64);
                first[room] = sequence;
            }
            else
            {
                next[last[room]] = sequence;
            }

            next[sequence] = None;
            last[room] = sequence;
        }

        /// <summary>Takes out the sequence with the least room of at least <paramref name="length"/>.</summary>
        public int Take(int length, out int sequence)
        {
            int word = length / 64;
            ulong bits = word < occupied.Length ? occupied[word] & (ulong.MaxValue << (length % 64)) : 0;
            while (bits == 0)
            {
                if (++word >= occupied.Length)
                {
                    sequence = None;
                    return 0;
                }

                bits = occupied[word];
            }

            int room = (word * 64) + BitOperations.TrailingZeroCount(bits);
            sequence = first[room];
            first[room] = next[sequence];
            if (first[room] == None)
            {
                occupied[word] &= ~(1UL << (room % 64));
            }

            return room;
        }
    }
}
