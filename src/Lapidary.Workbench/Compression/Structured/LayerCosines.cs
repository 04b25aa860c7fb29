namespace Lapidary.Workbench.Compression;

/// <summary>
/// How far each layer turns the residual stream: 1 - cosine of what goes in and what comes out, averaged over the tokens (block influence, Men
/// et al. 2024, equation 1; the depth score of Minitron). A layer that hardly turns it is hardly missed.
/// </summary>
internal sealed class LayerCosines(int layerCount, int hiddenSize)
{
    private readonly double[] sums = new double[layerCount];
    private readonly long[] tokens = new long[layerCount];
    private float[] before = [];

    /// <summary>Takes the residual stream of a pass, place by place in the order in which the network has it.</summary>
    /// <param name="depth">Behind how many layers.</param>
    /// <param name="rows">[tokens, hidden].</param>
    public void Observe(int depth, ReadOnlySpan<float> rows)
    {
        if (depth > 0)
        {
            for (int start = 0; start < rows.Length; start += hiddenSize)
            {
                sums[depth - 1] += 1 - Cosine(before.AsSpan(start, hiddenSize), rows.Slice(start, hiddenSize));
                tokens[depth - 1]++;
            }
        }

        if (before.Length < rows.Length)
        {
            before = new float[rows.Length];
        }

        rows.CopyTo(before);
    }

    /// <summary>The score of each layer, from 0 (out is in, but for its length) to 2.</summary>
    public double[] Scores() => [.. sums.Select((sum, layer) => tokens[layer] == 0 ? 0 : sum / tokens[layer])];

    // The order of these sums is that of the channels, whatever the width of vectors. Nothing has no direction: its cosine is 0.
    private static double Cosine(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        double product = 0, xx = 0, yy = 0;
        for (int i = 0; i < x.Length; i++)
        {
            product += (double)x[i] * y[i];
            xx += (double)x[i] * x[i];
            yy += (double)y[i] * y[i];
        }

        return xx == 0 || yy == 0 ? 0 : product / (Math.Sqrt(xx) * Math.Sqrt(yy));
    }
}
