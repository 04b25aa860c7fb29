using Lapidary.Numerics.Memory;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// Causal attention over whole documents that lie one after the other in a batch, full or within a sliding window, with grouped queries,
/// and its gradient: out = softmax(scale * q k^T) v, where a row sees itself and earlier rows of its own document. For training: no
/// cache, and no row of padding.
/// </summary>
/// <remarks>
/// <para>
/// The forward pass keeps of the scores no more than the logarithm of the sum of their exponentials per row; the backward pass finds the
/// weights again from it (Dao et al. 2022): p = e^(s - lse), dp = do v^T, ds = p (dp - D) with D = do . o, and then
/// dq = scale * ds k, dk = scale * ds^T q, dv = p^T do. Weights and gradients of the scores of some blocks of queries at a time lie in
/// a workspace, so that nothing is computed twice.
/// </para>
/// <para>
/// Every element is one chain of multiply-adds over keys (or queries) in their order, in blocks that are counted from the start of the
/// document: neither the number of threads nor the other documents of a batch change a bit. Outputs are those of <see cref="Attention"/>,
/// bit for bit.
/// </para>
/// </remarks>
public sealed unsafe partial class DocumentAttention : IDisposable
{
    // Weights and score gradients that are kept at a time, in floats of each: 8 MB both, where a last-level cache may hold them. One
    // block of queries is the least, 64 x heads x the keys that it sees.
    private const long MaxWeights = 1 << 20;

    private readonly WorkerPool pool;
    private readonly DocumentPlan plan = new();
    private NativeMemoryBlock? workspace;
    private bool disposed;

    /// <summary>Attention whose work the pool's threads share. An instance serves one call at a time.</summary>
    public DocumentAttention(WorkerPool pool) => this.pool = pool;

    /// <summary>Computes outputs and what <see cref="Backward"/> needs of the scores.</summary>
    /// <param name="query">q [rows, heads, d].</param>
    /// <param name="key">k [rows, kvHeads, d].</param>
    /// <param name="value">v [rows, kvHeads, d].</param>
    /// <param name="output">Receives out [rows, heads, d].</param>
    /// <param name="logSumExp">Receives the logarithm of the sum of the exponentials of a row's scores [rows, heads].</param>
    /// <param name="documentStarts">First row of each document, ascending, and the end of the last; rows of none are left alone.</param>
    /// <param name="heads">Query heads, a multiple of <paramref name="kvHeads"/>; head h reads key-value head h / (heads / kvHeads).</param>
    /// <param name="kvHeads">Key-value heads.</param>
    /// <param name="d">Elements of a head.</param>
    /// <param name="window">How many rows a row sees at most, itself included; null: all before it.</param>
    /// <param name="scale">Factor of the scores.</param>
    /// <param name="cap">Where the scores are capped, see <see cref="SoftCap"/>; null for no cap.</param>
    /// <exception cref="ArgumentException">The starts do not ascend, or the heads are no multiple of the key-value heads.</exception>
    public void Forward(
        float* query,
        float* key,
        float* value,
        float* output,
        float* logSumExp,
        ReadOnlySpan<int> documentStarts,
        int heads,
        int kvHeads,
        int d,
        int? window,
        float scale,
        float? cap)
    {
        plan.Lay(documentStarts, heads, kvHeads, d, window);
        long plane = (long)kvHeads * plan.PaddedKeys * plan.PaddedDimension;
        float* memory = Workspace(2 * plane);
        Pack(key, memory, transposed: true);
        Pack(value, memory + plane, transposed: false);
        pool.EnsureScratch(DocumentForwardJob.ScratchBytes(plan));
        var job = new DocumentForwardJob
        {
            Plan = plan,
            Pool = pool,
            Query = query,
            Keys = memory,
            Values = memory + plane,
            Output = output,
            LogSumExp = logSumExp,
            Scale = scale,
            Cap = cap ?? 0,
        };
        SharedWork.Run(pool, ref job, plan.WeightCount * d / 8);
    }

    /// <summary>Computes the gradients of queries, keys and values; they are written, not added to.</summary>
    /// <param name="query">As in <see cref="Forward"/>.</param>
    /// <param name="key">As in <see cref="Forward"/>.</param>
    /// <param name="value">As in <see cref="Forward"/>.</param>
    /// <param name="output">What <see cref="Forward"/> wrote.</param>
    /// <param name="logSumExp">What <see cref="Forward"/> wrote.</param>
    /// <param name="outputGradient">do [rows, heads, d].</param>
    /// <param name="queryGradient">Receives dq [rows, heads, d].</param>
    /// <param name="keyGradient">Receives dk [rows, kvHeads, d].</param>
    /// <param name="valueGradient">Receives dv [rows, kvHeads, d].</param>
    /// <param name="documentStarts">As in <see cref="Forward"/>.</param>
    /// <param name="heads">As in <see cref="Forward"/>.</param>
    /// <param name="kvHeads">As in <see cref="Forward"/>.</param>
    /// <param name="d">As in <see cref="Forward"/>.</param>
    /// <param name="window">As in <see cref="Forward"/>.</param>
    /// <param name="scale">As in <see cref="Forward"/>.</param>
    /// <param name="cap">As in <see cref="Forward"/>.</param>
    /// <exception cref="ArgumentException">The starts do not ascend, or the heads are no multiple of the key-value heads.</exception>
    public void Backward(
        float* query,
        float* key,
        float* value,
        float* output,
        float* logSumExp,
        float* outputGradient,
        float* queryGradient,
        float* keyGradient,
        float* valueGradient,
        ReadOnlySpan<int> documentStarts,
        int heads,
        int kvHeads,
        int d,
        int? window,
        float scale,
        float? cap)
    {
        plan.Lay(documentStarts, heads, kvHeads, d, window);
        long plane = (long)kvHeads * plan.PaddedKeys * plan.PaddedDimension;
        long weights = LargestRegion();
        float* memory = Workspace((3 * plane) + (2 * weights));
        Pack(key, memory, transposed: true);
        Pack(value, memory + plane, transposed: true);
        Pack(key, memory + (2 * plane), transposed: false);
        pool.EnsureScratch(Math.Max(DocumentQueryGradientJob.ScratchBytes(plan), DocumentKeyGradientJob.ScratchBytes(plan)));
        float* tiles = memory + (3 * plane);
        int end;
        for (int first = 0; first < plan.BlockCount; first = end)
        {
            end = RegionEnd(first, out long count);
            var queryJob = new DocumentQueryGradientJob
            {
                Plan = plan,
                Pool = pool,
                FirstBlock = first,
                BlockEnd = end,
                Query = query,
                Output = output,
                LogSumExp = logSumExp,
                OutputGradient = outputGradient,
                QueryGradient = queryGradient,
                TransposedKeys = memory,
                TransposedValues = memory + plane,
                Keys = memory + (2 * plane),
                Weights = tiles,
                ScoreGradients = tiles + weights,
                Scale = scale,
                Cap = cap ?? 0,
            };
            SharedWork.Run(pool, ref queryJob, count * d / 4);
            var keyJob = new DocumentKeyGradientJob
            {
                Plan = plan,
                Pool = pool,
                FirstBlock = first,
                BlockEnd = end,
                Query = query,
                OutputGradient = outputGradient,
                KeyGradient = keyGradient,
                ValueGradient = valueGradient,
                Weights = tiles,
                ScoreGradients = tiles + weights,
                Scale = scale,
            };
            SharedWork.Run(pool, ref keyJob, count * d / 4);
        }
    }

    /// <summary>Frees the workspace.</summary>
    public void Dispose()
    {
        workspace?.Dispose();
        disposed = true;
    }

    private void Pack(float* source, float* plane, bool transposed)
    {
        var job = new DocumentPackJob { Plan = plan, Source = source, Plane = plane, Transposed = transposed };
        SharedWork.Run(pool, ref job, 2L * plan.KeyHeads * plan.PaddedKeys * plan.Dimension);
    }

    // The end of the blocks of queries from a first one on whose weights are kept together, and how many weights they have.
    private int RegionEnd(int first, out long count)
    {
        int end = first + 1;
        while (end < plan.BlockCount && WeightsBefore(end + 1) - plan[first].WeightOffset <= MaxWeights)
        {
            end++;
        }

        count = WeightsBefore(end) - plan[first].WeightOffset;
        return end;
    }

    private long WeightsBefore(int block) => block < plan.BlockCount ? plan[block].WeightOffset : plan.WeightCount;

    private long LargestRegion()
    {
        long largest = 0;
        for (int first = 0; first < plan.BlockCount;)
        {
            first = RegionEnd(first, out long count);
            largest = Math.Max(largest, count);
        }

        return largest;
    }

    private float* Workspace(long floats)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (workspace is null || workspace.ByteLength < floats * sizeof(float))
        {
            workspace?.Dispose();
            workspace = null;
            workspace = new NativeMemoryBlock(checked(floats * sizeof(float)));
        }

        return (float*)workspace.Pointer;
    }
}
