using System.Text.Json.Nodes;
using Lapidary.Workbench.Compression;

namespace Lapidary.Workbench.Training;

/// <summary>
/// Magnitude pruning in the course of a full fine-tuning (Zhu and Gupta 2017): now and then the weights of the smallest magnitude become
/// zero, more of them each time, and what is zero stays zero.
/// </summary>
public sealed record GradualPruningOptions
{
    /// <summary>Share of zeros at the end, above 0 and below 1; a <see cref="Pattern"/> says it itself.</summary>
    public double FinalSparsity { get; init; }

    /// <summary>Share of zeros after the first pruning.</summary>
    public double InitialSparsity { get; init; }

    /// <summary>Steps of the run before the first pruning, or below 1 their share of all steps.</summary>
    public double Start { get; init; }

    /// <summary>Steps of the run before the last pruning, or below 1 their share of all steps.</summary>
    public double End { get; init; } = 0.75;

    /// <summary>Steps between two prunings; null for a hundredth of the run.</summary>
    public long? Every { get; init; }

    /// <summary>Zeros in groups of consecutive weights of a row, or null for zeros anywhere.</summary>
    public SparsityPattern? Pattern { get; init; }

    /// <summary>Among which weights the smallest are looked for: those of a matrix, of a layer or of all.</summary>
    public PruningScope Scope { get; init; }

    /// <summary>Regular expressions of the matrices' names; where there are none, the linear layers of the decoder.</summary>
    public IReadOnlyList<string> Tensors { get; init; } = [];

    /// <summary>The course of the sparsity in a run.</summary>
    /// <param name="totalSteps">Steps of the run.</param>
    /// <exception cref="ArgumentException">The sparsity falls, or the prunings do not lie in the run one after the other.</exception>
    public PruningSchedule ScheduleOf(long totalSteps) => new(
        InitialSparsity,
        Pattern?.Sparsity ?? FinalSparsity,
        StepsOf(Start, totalSteps),
        StepsOf(End, totalSteps),
        Every ?? Math.Max(1, totalSteps / 100),
        totalSteps);

    /// <summary>What decides the outcome: a resumed run must have the same.</summary>
    internal JsonObject Fingerprint(long totalSteps)
    {
        PruningSchedule schedule = ScheduleOf(totalSteps);
        return new JsonObject
        {
            ["to"] = schedule.FinalSparsity,
            ["from"] = schedule.InitialSparsity,
            ["start"] = schedule.Start,
            ["end"] = schedule.End,
            ["every"] = schedule.Every,
            ["pattern"] = Pattern?.ToString(),
            ["scope"] = Scope.ToString(),
            ["tensors"] = new JsonArray([.. Tensors.Select(pattern => (JsonNode)pattern)]),
        };
    }

    // Shares are rounded up, as those of the warm-up.
    private static long StepsOf(double value, long totalSteps)
    {
        if (!(value >= 0 && value < long.MaxValue))
        {
            throw new ArgumentException(FormattableString.Invariant($"Pruning begins and ends at a share or a number of steps, not at {value}."));
        }

        return value < 1 ? (long)Math.Ceiling(value * totalSteps) : (long)value;
    }
}
