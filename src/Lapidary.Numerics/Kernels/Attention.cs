using Lapidary.Numerics.Simd;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// Causal attention of a run of tokens over a <see cref="KeyValueStore"/>, full or within a sliding window, with grouped queries:
/// out = softmax(scale * q k^T) v. The softmax is taken block by block with a running maximum (Milakov and Gimelshein 2018; Dao et al.
/// 2022), blocks at absolute positions, so that a row depends on nothing but its query and the keys that it sees.
/// </summary>
public static unsafe class Attention
{
    /// <summary>Attends for <paramref name="tokens"/> queries whose keys and values are in <paramref name="store"/> already.</summary>
    /// <param name="pool">Workers that share the heads and tokens.</param>
    /// <param name="queries">q [tokens, heads, dimension].</param>
    /// <param name="output">out [tokens, heads, dimension].</param>
    /// <param name="store">Keys and values, positions up to firstPosition + tokens - 1.</param>
    /// <param name="tokens">Number of queries.</param>
    /// <param name="firstPosition">Position of the first query.</param>
    /// <param name="heads">Query heads, a multiple of the store's heads; head h reads key-value head h / (heads / store heads).</param>
    /// <param name="window">A query at position p sees the keys p - window + 1 to p; null: all up to p.</param>
    /// <param name="scale">Factor of the scores.</param>
    /// <param name="cap">Where the scores are capped, see <see cref="SoftCap"/>; null for no cap.</param>
    public static void Forward(
        WorkerPool pool,
        float* queries,
        float* output,
        KeyValueStore store,
        int tokens,
        int firstPosition,
        int heads,
        int? window,
        float scale,
        float? cap = null)
    {
        int reach = Math.Min(window ?? int.MaxValue, firstPosition + tokens);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(
            Math.Min((long)reach + tokens - 1, (long)firstPosition + tokens), store.Slots, nameof(tokens));
        var job = new AttentionJob
        {
            Pool = pool,
            Store = store,
            Queries = queries,
            Output = output,
            Tokens = tokens,
            FirstPosition = firstPosition,
            Heads = heads,
            Group = heads / store.Heads,
            Window = window ?? int.MaxValue,
            Scale = scale,
            Cap = cap ?? 0,
        };
        job.Plan();
        pool.EnsureScratch(job.ScratchBytes);
        long keysPerQuery = Math.Min(reach, firstPosition + tokens);
        SharedWork.Run(pool, ref job, job.TaskCount == 1 ? 0 : tokens * keysPerQuery * heads * store.HeadDimension / 8);
    }

    /// <summary>The same in plain scalar code and double precision, for one query over all keys that it sees.</summary>
    /// <param name="query">q [dimension].</param>
    /// <param name="keys">[count, dimension], the visible ones.</param>
    /// <param name="values">[count, dimension].</param>
    /// <param name="output">out [dimension].</param>
    /// <param name="scale">Factor of the scores.</param>
    /// <param name="cap">Where the scores are capped; null for no cap.</param>
    public static void Reference(
        ReadOnlySpan<float> query, ReadOnlySpan<float> keys, ReadOnlySpan<float> values, Span<float> output, float scale, float? cap = null)
    {
        int dimension = query.Length;
        int count = keys.Length / dimension;
        var scores = new double[count];
        double largest = double.NegativeInfinity;
        for (int k = 0; k < count; k++)
        {
            double dot = 0;
            for (int d = 0; d < dimension; d++)
            {
                dot += (double)query[d] * keys[(k * dimension) + d];
            }

            scores[k] = cap is float limit ? limit * Math.Tanh(dot * scale / limit) : dot * scale;
            largest = Math.Max(largest, scores[k]);
        }

        double total = 0;
        for (int k = 0; k < count; k++)
        {
            scores[k] = Math.Exp(scores[k] - largest);
            total += scores[k];
        }

        for (int d = 0; d < dimension; d++)
        {
            double sum = 0;
            for (int k = 0; k < count; k++)
            {
                sum += scores[k] * values[(k * dimension) + d];
            }

            output[d] = (float)(sum / total);
        }
    }
}
