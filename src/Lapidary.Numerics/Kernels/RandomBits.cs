using System.Runtime.CompilerServices;
using System.Text;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// Random bits that are a pure function of a key, a stream and a position: Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011, "Parallel
/// Random Numbers: As Easy as 1, 2, 3"). Nothing has to be stored to make the same bits again, whoever asks for them, in any order.
/// </summary>
/// <remarks>
/// A counter of 128 bits gives four words. Word number e of a stream comes from group e / 64: its place i in the group means word i / 16
/// of the counter 16 * group + i % 16. So a vector of any width holds one word each of neighbouring counters, and no word has to move.
/// </remarks>
public static unsafe class RandomBits
{
    /// <summary>Words that are made at a time.</summary>
    public const int GroupLength = 64;

    private const int Lanes = 16;
    private const int Rounds = 10;
    private const uint FirstMultiplier = 0xD251_1F53;
    private const uint SecondMultiplier = 0xCD9E_8D57;
    private const uint FirstIncrement = 0x9E37_79B9;
    private const uint SecondIncrement = 0xBB67_AE85;

    private static ReadOnlySpan<uint> LaneNumbers => [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

    /// <summary>A key for one purpose of many: what is drawn for one name tells nothing of what is drawn for another.</summary>
    /// <param name="seed">The seed of the whole run.</param>
    /// <param name="name">What the bits are for, such as the name of a tensor.</param>
    public static ulong KeyOf(ulong seed, string name)
    {
        // FNV-1a (Fowler, Noll and Vo) over the UTF-8 bytes, then one step of SplitMix64, without which similar names give similar keys.
        ulong hash = 0xCBF2_9CE4_8422_2325;
        foreach (byte b in Encoding.UTF8.GetBytes(name))
        {
            hash = (hash ^ b) * 0x0000_0100_0000_01B3;
        }

        var random = new SplitMix64(seed ^ hash);
        return random.NextBits();
    }

    /// <summary>The four words of one counter, in plain scalar code: the definition of the generator.</summary>
    /// <param name="counter">The lower 64 bits of the counter.</param>
    /// <param name="stream">The upper 64 bits of the counter.</param>
    /// <param name="key">The key.</param>
    /// <param name="words">Receives four words.</param>
    public static void Reference(ulong counter, ulong stream, ulong key, Span<uint> words)
    {
        uint c0 = (uint)counter, c1 = (uint)(counter >> 32), c2 = (uint)stream, c3 = (uint)(stream >> 32);
        uint k0 = (uint)key, k1 = (uint)(key >> 32);
        for (int round = 0; round < Rounds; round++)
        {
            ulong first = (ulong)FirstMultiplier * c0, second = (ulong)SecondMultiplier * c2;
            c0 = (uint)(second >> 32) ^ c1 ^ k0;
            c1 = (uint)second;
            c2 = (uint)(first >> 32) ^ c3 ^ k1;
            c3 = (uint)first;
            k0 += FirstIncrement;
            k1 += SecondIncrement;
        }

        words[0] = c0;
        words[1] = c1;
        words[2] = c2;
        words[3] = c3;
    }

    /// <summary>Word number <paramref name="index"/> of a stream, as <see cref="Fill"/> gives it, in plain scalar code.</summary>
    public static uint Reference(ulong index, ulong stream, ulong key)
    {
        Span<uint> words = stackalloc uint[4];
        int place = (int)(index % GroupLength);
        Reference((index / GroupLength * Lanes) + (ulong)(place % Lanes), stream, key, words);
        return words[place / Lanes];
    }

    /// <summary>Writes the 64 words of a group.</summary>
    /// <param name="destination">Receives <see cref="GroupLength"/> words.</param>
    /// <param name="group">Which group of the stream.</param>
    /// <param name="stream">Which stream of the key.</param>
    /// <param name="key">The key.</param>
    public static void Fill(uint* destination, ulong group, ulong stream, ulong key)
    {
        var kernel = new FillKernel { Destination = destination, Group = group, Stream = stream, Key = key };
        VectorDispatch.Run(ref kernel);
    }

    /// <inheritdoc cref="Fill(uint*, ulong, ulong, ulong)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Fill<V, TIsa>(uint* destination, ulong group, ulong stream, ulong key)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        ulong counter = group * Lanes;
        V firstMultiplier = TIsa.CreateBits(FirstMultiplier), secondMultiplier = TIsa.CreateBits(SecondMultiplier);
        for (int lane = 0; lane < Lanes; lane += TIsa.Width)
        {
            // Sixteen neighbouring counters differ in their last four bits only: there is no carry.
            V c0 = TIsa.AddBits(
                TIsa.CreateBits((uint)counter), TIsa.Load((float*)Unsafe.AsPointer(ref Unsafe.AsRef(in LaneNumbers[lane]))));
            V c1 = TIsa.CreateBits((uint)(counter >> 32));
            V c2 = TIsa.CreateBits((uint)stream), c3 = TIsa.CreateBits((uint)(stream >> 32));
            uint k0 = (uint)key, k1 = (uint)(key >> 32);
            for (int round = 0; round < Rounds; round++)
            {
                TIsa.MultiplyBits(c0, firstMultiplier, out V firstLow, out V firstHigh);
                TIsa.MultiplyBits(c2, secondMultiplier, out V secondLow, out V secondHigh);
                c0 = TIsa.XorBits(TIsa.XorBits(secondHigh, c1), TIsa.CreateBits(k0));
                c1 = secondLow;
                c2 = TIsa.XorBits(TIsa.XorBits(firstHigh, c3), TIsa.CreateBits(k1));
                c3 = firstLow;
                k0 += FirstIncrement;
                k1 += SecondIncrement;
            }

            TIsa.Store((float*)(destination + lane), c0);
            TIsa.Store((float*)(destination + Lanes + lane), c1);
            TIsa.Store((float*)(destination + (2 * Lanes) + lane), c2);
            TIsa.Store((float*)(destination + (3 * Lanes) + lane), c3);
        }
    }

    private struct FillKernel : IVectorKernel
    {
        public uint* Destination;
        public ulong Group;
        public ulong Stream;
        public ulong Key;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<V, TIsa>()
            where V : struct
            where TIsa : struct, IVectorIsa<V>
            => Fill<V, TIsa>(Destination, Group, Stream, Key);
    }
}
