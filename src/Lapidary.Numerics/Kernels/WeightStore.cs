using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// Weights that an optimizer updates, in F32, or in BF16 with stochastic rounding. A bfloat16 has 8 bits of precision: an update
/// below 1/256 of a weight, which nearly all are, would vanish if the sum went to the nearest one, and training would stall while the
/// loss is still high. Rounding up with the probability of the part that is cut off (Gupta et al. 2015, "Deep Learning with Limited
/// Numerical Precision") keeps the expectation of the weight exact. The bits come from <see cref="RandomBits"/>: element i of the
/// tensor takes the lower half of word i of the step's stream, so that a run that is resumed repeats itself.
/// </summary>
internal unsafe struct WeightStore
{
    /// <summary>Address of the weights.</summary>
    public void* Values;

    /// <summary>Whether they are BF16; otherwise they are F32.</summary>
    public bool IsBFloat16;

    /// <summary>Key of the random bits: run and tensor.</summary>
    public ulong Key;

    /// <summary>Stream of the random bits: the step.</summary>
    public ulong Stream;

    /// <summary>Weights that a tensor holds.</summary>
    /// <exception cref="ArgumentException">The tensor is neither F32 nor BF16, or lies in a mapped file.</exception>
    public static WeightStore Of(Tensor tensor, ulong key, long step)
    {
        if (tensor.Type is not (ElementType.F32 or ElementType.BF16) || tensor.IsMapped)
        {
            string found = tensor.IsMapped ? "a mapped file" : tensor.Type.ToString();
            throw new ArgumentException($"Weights that are trained are F32 or BF16 in memory that can be written, not {found}.");
        }

        return new WeightStore
        {
            Values = tensor.Data, IsBFloat16 = tensor.Type == ElementType.BF16, Key = key, Stream = (ulong)step,
        };
    }

    /// <summary>Random words for the group of weights that a following <see cref="Store"/> is about; nothing for F32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Draw<V, TIsa>(uint* words, long group)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        if (IsBFloat16)
        {
            RandomBits.Fill<V, TIsa>(words, (ulong)group, Stream, Key);
        }
    }

    /// <summary>Reads a vector of weights.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly V Load<V, TIsa>(long index)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
        => IsBFloat16 ? TIsa.LoadBFloat16((ushort*)Values + index) : TIsa.Load((float*)Values + index);

    /// <summary>Writes a vector of weights; <paramref name="words"/> are those of its elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store<V, TIsa>(long index, V value, uint* words)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        if (IsBFloat16)
        {
            // The 16 bits that are cut off, plus 16 random ones, carry with just the probability that rounding up should have.
            V random = TIsa.AndBits(TIsa.Load((float*)words), TIsa.CreateBits(0xffff));
            TIsa.StoreUpperHalves((ushort*)Values + index, TIsa.AddBits(value, random));
        }
        else
        {
            TIsa.Store((float*)Values + index, value);
        }
    }

    /// <summary>Copies weights one by one to a place where a whole vector can be read.</summary>
    public readonly void CopyTo(long index, int count, void* destination)
    {
        int size = IsBFloat16 ? sizeof(ushort) : sizeof(float);
        Buffer.MemoryCopy((byte*)Values + (index * size), destination, count * size, count * size);
    }

    /// <summary>Copies weights back from there.</summary>
    public readonly void CopyFrom(void* source, long index, int count)
    {
        int size = IsBFloat16 ? sizeof(ushort) : sizeof(float);
        Buffer.MemoryCopy(source, (byte*)Values + (index * size), count * size, count * size);
    }
}
