using Lapidary.Numerics;
using Lapidary.Numerics.Threading;

namespace Lapidary.Workbench.Compression;

/// <summary>Pruning by the size of the weights alone.</summary>
internal sealed class MagnitudePruning
{
    private readonly WorkerPool pool;
    private readonly PruningOptions options;
    private readonly Func<int, double> sparsityOf;
    private readonly Dictionary<string, MagnitudeThreshold> thresholds = new(StringComparer.Ordinal);

    /// <summary>Decides what goes. Memory does not grow with the matrices.</summary>
    /// <param name="pool">Workers.</param>
    /// <param name="matrices">The matrices, in the order in which equal weights go.</param>
    /// <param name="options">How.</param>
    /// <param name="sparsityOf">The sparsity of a layer.</param>
    /// <param name="cancellationToken">Looked at between matrices.</param>
    /// <exception cref="Checkpoints.CheckpointException">A weight is not finite.</exception>
    public MagnitudePruning(
        WorkerPool pool,
        IReadOnlyList<SelectedMatrix> matrices,
        PruningOptions options,
        Func<int, double> sparsityOf,
        CancellationToken cancellationToken)
    {
        this.pool = pool;
        this.options = options;
        this.sparsityOf = sparsityOf;
        if (options.Pattern is not null || options.Scope == PruningScope.Row)
        {
            return;
        }

        // Order of the selection: groups are complete runs of it, and equal weights of earlier matrices go first.
        foreach (IGrouping<string, SelectedMatrix> group in matrices.GroupBy(GroupOf))
        {
            List<SelectedMatrix> members = [.. group];
            long count = CountOf(members.Sum(matrix => matrix.Info.Length), sparsityOf(members[0].Layer));
            MagnitudeThreshold[] found = MagnitudeThreshold.Of(members, count, cancellationToken);
            for (int i = 0; i < found.Length; i++)
            {
                thresholds.Add(members[i].Info.Name, found[i]);
            }
        }
    }

    /// <summary>A pruned copy of a matrix, which the caller owns.</summary>
    /// <exception cref="Checkpoints.CheckpointException">A weight is not finite.</exception>
    public Tensor Prune(SelectedMatrix matrix)
    {
        if (!thresholds.TryGetValue(matrix.Info.Name, out MagnitudeThreshold threshold))
        {
            var factors = new double[matrix.Columns];
            factors.AsSpan().Fill(1);
            return RowPruning.Prune(pool, matrix, factors, (int)CountOf(matrix.Columns, sparsityOf(matrix.Layer)), options.Pattern);
        }

        Tensor pruned = PrunedCopy.Of(matrix.Weights);
        var row = new float[matrix.Columns];
        var dropped = new bool[matrix.Columns];
        long equal = 0;
        for (int i = 0; i < matrix.Rows; i++)
        {
            matrix.Weights.DecodeRow(i, row);
            threshold.Mark(row, dropped, ref equal);
            PrunedCopy.Drop(pruned, i, dropped);
        }

        return pruned;
    }

    // Half to even, as torch.nn.utils.prune rounds an amount.
    private static long CountOf(long weights, double sparsity) => (long)Math.Round(weights * sparsity, MidpointRounding.ToEven);

    private string GroupOf(SelectedMatrix matrix) => options.Scope switch
    {
        PruningScope.Global => string.Empty,
        PruningScope.Layer when matrix.Layer >= 0 => FormattableString.Invariant($"{matrix.Layer}"),
        _ => matrix.Info.Name,
    };
}
