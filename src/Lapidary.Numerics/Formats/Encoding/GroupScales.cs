namespace Lapidary.Numerics.Formats.Encoding;

/// <summary>Makes integers of the 16 scales of a super-block without minimums.</summary>
internal static unsafe class GroupScales
{
    private const int Count = 16;

    /// <summary>
    /// The scale of largest magnitude, the first of several, becomes -<paramref name="limit"/>; returns it divided by that. Where all are
    /// zero it returns zero and leaves the integers as they are.
    /// </summary>
    public static float ByExtreme(float* scales, int limit, int* integers)
    {
        float extreme = ScaleSearch.Extreme(new ReadOnlySpan<float>(scales, Count));
        if (extreme == 0)
        {
            return 0;
        }

        float inverse = -limit / extreme;
        for (int group = 0; group < Count; group++)
        {
            integers[group] = Math.Clamp(NearestInteger.Of(inverse * scales[group]), -limit, limit - 1);
        }

        return 1 / inverse;
    }

    /// <summary>As <see cref="ScaleSearch"/> finds them, with the sums of the weights of the groups.</summary>
    public static float BySearch(float* scales, float* weightSums, int limit, int* integers)
    {
        Span<byte> quants = stackalloc byte[Count];
        float scale = ScaleSearch.Find(
            new ReadOnlySpan<float>(scales, Count), new ReadOnlySpan<float>(weightSums, Count), limit, quants);
        for (int group = 0; group < Count; group++)
        {
            integers[group] = quants[group] - limit;
        }

        return scale;
    }
}
