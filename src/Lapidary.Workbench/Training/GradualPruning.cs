using Lapidary.Numerics;
using Lapidary.Numerics.Threading;
using Lapidary.Workbench.Compression;

namespace Lapidary.Workbench.Training;

/// <summary>
/// Prunes matrices while they are trained. The masks are the zeros of the weights themselves: what has become zero has the smallest
/// magnitude there is, so each pruning takes it again and adds to it, and no mask has to be kept beside a checkpoint. In the paper a weight
/// that was cut keeps its value and could come back when others shrink below it; here its value is gone.
/// </summary>
internal sealed class GradualPruning
{
    private readonly GradualPruningOptions options;
    private readonly PruningSchedule schedule;
    private readonly IReadOnlyList<Parameter> matrices;
    private readonly Tensor[][] groups;

    /// <summary>Prepares the pruning of a run.</summary>
    /// <param name="options">How.</param>
    /// <param name="totalSteps">Steps of the run.</param>
    /// <param name="matrices">What is pruned, in a fixed order; their zeros are held from now on.</param>
    /// <exception cref="ArgumentException">The options do not fit the run, or a pattern does not fit a matrix.</exception>
    public GradualPruning(GradualPruningOptions options, long totalSteps, IReadOnlyList<Parameter> matrices)
    {
        this.options = options;
        this.matrices = matrices;
        schedule = options.ScheduleOf(totalSteps);
        groups = [.. matrices.GroupBy(GroupOf).Select(group => group.Select(matrix => matrix.Value).ToArray())];
        foreach (Parameter matrix in matrices)
        {
            if (options.Pattern is { } pattern && matrix.Value.RowLength % pattern.Group != 0)
            {
                throw new ArgumentException(
                    $"{matrix.Name} has {matrix.Value.RowLength} columns, which is not a multiple of the {pattern.Group} of {pattern}.");
            }

            matrix.HoldZeros();
        }
    }

    /// <summary>Prunes, if it is time to.</summary>
    /// <param name="steps">Steps of the optimizer that are done.</param>
    /// <param name="optimizer">Forgets what it keeps for weights that became zero: it would move them again.</param>
    /// <param name="pool">Workers.</param>
    /// <returns>Whether weights may have changed.</returns>
    public bool Apply(long steps, Optimizer optimizer, WorkerPool pool)
    {
        if (!schedule.IsDue(steps))
        {
            return false;
        }

        double sparsity = schedule.At(steps);
        foreach (Tensor[] group in groups)
        {
            SmallestMagnitudes.Zero(group, CountOf(sparsity, group.Sum(matrix => matrix.Length)), options.Pattern);
        }

        foreach (Parameter matrix in matrices)
        {
            optimizer.ForgetZeros(matrix.Name, matrix.Value, pool);
        }

        return true;
    }

    private string GroupOf(Parameter matrix) => options.Scope switch
    {
        PruningScope.Global => string.Empty,
        PruningScope.Layer when SelectedMatrices.LayerOf(matrix.Name) is >= 0 and int layer => FormattableString.Invariant($"{layer}"),
        PruningScope.Layer or PruningScope.Tensor => matrix.Name,
        _ => throw new ArgumentException("Pruning in the course of a training compares the weights of a matrix, of a layer or of all."),
    };

    // Halves to even, as the pruning of a whole checkpoint.
    private static long CountOf(double sparsity, long weights) => (long)Math.Round(sparsity * weights);
}
