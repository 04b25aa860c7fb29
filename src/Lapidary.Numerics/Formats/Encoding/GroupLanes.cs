using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Formats.Encoding;

/// <summary>
/// Working memory of the searches. They run on as many groups at a time as a vector has elements, one group in each lane: every lane adds
/// in the order of plain scalar code, so that all instruction sets find the same scales, and nothing has to be summed across a vector.
/// <see cref="ChunkLength"/> elements are worked on together, two super-blocks, which is a whole number of vectors of groups for every
/// width.
/// </summary>
internal unsafe struct GroupLanes
{
    /// <summary>Elements of a chunk.</summary>
    public const int ChunkLength = 512;

    /// <summary>Length of the shortest group.</summary>
    public const int ShortestGroup = 16;

    private const int MaxGroups = ChunkLength / ShortestGroup;

    /// <summary>The elements: vectors of element 0, 1, ... of a batch of groups, batch after batch.</summary>
    public fixed float Values[ChunkLength];

    /// <summary>Their importance, in the same order.</summary>
    public fixed float Importance[ChunkLength];

    /// <summary>Their weights, in the same order.</summary>
    public fixed float Weights[ChunkLength];

    /// <summary>Quants of a search, in the same order.</summary>
    public fixed float Quants[ChunkLength];

    /// <summary>For each group, the variance that <see cref="WeightRule.ScaledImportance"/> adds.</summary>
    public fixed float Variances[MaxGroups];

    /// <summary>For each group, the sum of its weights.</summary>
    public fixed float WeightSums[MaxGroups];

    /// <summary>For each group, the scale that was found.</summary>
    public fixed float Scales[MaxGroups];

    /// <summary>For each group, the minimum that was found.</summary>
    public fixed float Minimums[MaxGroups];

    /// <summary>For each group, what the quants were found with: q = inverse * (x - base), rounded and limited.</summary>
    public fixed float Inverses[MaxGroups];

    /// <summary>See <see cref="Inverses"/>.</summary>
    public fixed float Bases[MaxGroups];

    private fixed float paddedValues[ChunkLength];
    private fixed float paddedImportance[ChunkLength];

    /// <summary>
    /// Arranges <paramref name="length"/> elements, at most <see cref="ChunkLength"/>, and gives the number of batches. Groups behind the
    /// end are zero.
    /// </summary>
    public int Load<V, TIsa>(float* values, float* importance, int length, int groupLength)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        int batchLength = groupLength * TIsa.Width;
        int batches = (length + batchLength - 1) / batchLength;
        fixed (GroupLanes* self = &this)
        {
            Arrange<V, TIsa>(values, length, batches, groupLength, self->paddedValues, self->Values);
            if (importance is not null)
            {
                Arrange<V, TIsa>(importance, length, batches, groupLength, self->paddedImportance, self->Importance);
            }
        }

        return batches;
    }

    /// <summary>Quant <paramref name="index"/> of group <paramref name="group"/>.</summary>
    public readonly float Quant(int group, int index, int groupLength, int width) =>
        Quants[(((group / width * groupLength) + index) * width) + (group % width)];

    private static void Arrange<V, TIsa>(float* source, int length, int batches, int groupLength, float* padded, float* lanes)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        int batchLength = groupLength * TIsa.Width;
        if (length < batches * batchLength)
        {
            new ReadOnlySpan<float>(source, length).CopyTo(new Span<float>(padded, length));
            new Span<float>(padded + length, (batches * batchLength) - length).Clear();
            source = padded;
        }

        for (int start = 0; start < batches * batchLength; start += batchLength)
        {
            for (int i = 0; i < groupLength; i += TIsa.Width)
            {
                TIsa.Transpose(source + start + i, groupLength, lanes + start + (i * TIsa.Width), TIsa.Width);
            }
        }
    }
}
