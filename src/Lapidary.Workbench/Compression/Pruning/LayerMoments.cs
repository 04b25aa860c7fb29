using Lapidary.Networks;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;

namespace Lapidary.Workbench.Compression;

/// <summary>The second moments of the inputs of one layer's matrices: X^T X for each of the inputs that are asked for.</summary>
internal sealed class LayerMoments : IDisposable
{
    private readonly WorkerPool pool;
    private readonly int layer;
    private readonly Dictionary<ActivationKind, GramMatrix> moments = [];

    /// <summary>Nothing seen so far.</summary>
    /// <param name="pool">Workers.</param>
    /// <param name="config">The sizes.</param>
    /// <param name="layer">Which layer.</param>
    /// <param name="kinds">Which inputs.</param>
    public LayerMoments(WorkerPool pool, Gemma3Config config, int layer, IEnumerable<ActivationKind> kinds)
    {
        this.pool = pool;
        this.layer = layer;
        try
        {
            foreach (ActivationKind kind in kinds)
            {
                moments.Add(kind, new GramMatrix(WidthOf(config, kind)));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Takes the value of some tokens; others than inputs that were asked for are passed over.</summary>
    public void Observe(ActivationName name, int firstPosition, int width, ReadOnlySpan<float> values)
    {
        if (name.Layer == layer && moments.TryGetValue(name.Kind, out GramMatrix? sum))
        {
            sum.Add(pool, values);
        }
    }

    /// <summary>The moments of an input.</summary>
    public SquareMatrix Of(ActivationKind kind) => moments[kind].Sum;

    /// <summary>Frees the moments of an input.</summary>
    public void Free(ActivationKind kind) => moments[kind].Dispose();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (GramMatrix sum in moments.Values)
        {
            sum.Dispose();
        }
    }

    private static int WidthOf(Gemma3Config config, ActivationKind kind) => kind switch
    {
        ActivationKind.AttentionHeads => config.HeadCount * config.HeadDimension,
        ActivationKind.FeedForwardGated => config.IntermediateSize,
        _ => config.HiddenSize,
    };
}
