using System.Globalization;
using Lapidary.Workbench.Reports;

namespace Lapidary.Workbench.Training;

/// <summary>What a run needs: memory with its parts, and time. The sums are those of the counts; nothing is tried out.</summary>
public sealed class TrainingEstimate
{
    private readonly TrainingWorkload workload;

    /// <summary>Estimates a run.</summary>
    public TrainingEstimate(TrainingWorkload workload)
    {
        this.workload = workload;
        long perToken = workload.ActivationCheckpointing
            ? workload.CheckpointedActivationBytesPerToken ?? workload.ActivationBytesPerToken
            : workload.ActivationBytesPerToken;
        TokensPerMicroBatch = workload.BatchSize * workload.TokensPerSequence;
        Breakdown =
        [
            ("frozen weights", workload.FrozenBytes),
            ("trained weights", workload.TrainedParameters * workload.ValueBytesPerParameter),
            ("gradients", workload.TrainedParameters * workload.GradientBytesPerParameter),
            ("optimizer state", (long)Math.Ceiling(workload.TrainedParameters * workload.StateBytesPerParameter)),
            ("activations", TokensPerMicroBatch * perToken),
            ("work buffers", workload.FixedBytes),
        ];
        Bytes = Breakdown.Sum(part => part.Bytes);
        long tokens = workload.Tokens ?? workload.Steps * workload.GradientAccumulation * TokensPerMicroBatch;
        Seconds = tokens * workload.FlopsPerToken / (workload.GigaflopsPerSecond * 1e9);
        TokensPerSecond = workload.GigaflopsPerSecond * 1e9 / workload.FlopsPerToken;
    }

    /// <summary>Memory at its highest, in bytes.</summary>
    public long Bytes { get; }

    /// <summary>The parts of <see cref="Bytes"/>.</summary>
    public IReadOnlyList<(string Name, long Bytes)> Breakdown { get; }

    /// <summary>The most tokens that are in memory at once.</summary>
    public long TokensPerMicroBatch { get; }

    /// <summary>Time of the whole run in seconds, without validation and checkpoints.</summary>
    public double Seconds { get; }

    /// <summary>Tokens a second.</summary>
    public double TokensPerSecond { get; }

    /// <summary>Why the run cannot begin, as one sentence with what would help, or null where it fits.</summary>
    /// <param name="availableBytes">Memory that is free.</param>
    /// <param name="alternatives">
    /// Other runs that the user might ask for and the options that ask for them, such as <c>--method lora</c>; those that fit are named.
    /// </param>
    public string? Refusal(long availableBytes, params IReadOnlyList<(string Options, TrainingWorkload Workload)> alternatives)
    {
        if (Bytes <= availableBytes)
        {
            return null;
        }

        string need = $"training needs {ByteSize.Text(Bytes)} of memory, {ByteSize.Text(availableBytes)} are free";
        List<(string Options, long Bytes)> ways =
        [
            .. SameResult(availableBytes),
            .. alternatives.Select(way => (way.Options, new TrainingEstimate(way.Workload).Bytes)),
        ];
        (string Options, long Bytes)[] fitting = [.. ways.Where(way => way.Bytes <= availableBytes).Take(3)];
        if (fitting.Length > 0)
        {
            return $"{need}: {string.Join(", ", fitting.Select(Describe))}";
        }

        return ways.Count == 0 ? need : $"{need}, and even {Describe(ways.MinBy(way => way.Bytes))}";
    }

    // Ways to the same trained weights within rounding, the fastest first: smaller micro-batches and more of them, then computing the
    // activations again, then both. Of the batch sizes the largest that fits, or else the smallest.
    private List<(string Options, long Bytes)> SameResult(long availableBytes)
    {
        var ways = new List<(string, long)>();
        bool[] choices = workload.ActivationCheckpointing || workload.CheckpointedActivationBytesPerToken is null
            ? [workload.ActivationCheckpointing]
            : [false, true];
        foreach (bool checkpointing in choices)
        {
            if (checkpointing && !workload.ActivationCheckpointing)
            {
                ways.Add(("--activation-checkpointing", new TrainingEstimate(workload with { ActivationCheckpointing = true }).Bytes));
            }

            (string Options, long Bytes)[] batches =
            [
                .. Enumerable.Range(1, workload.BatchSize - 1)
                    .Where(size => workload.BatchSize % size == 0)
                    .Reverse()
                    .Select(size => WithBatch(size, checkpointing)),
            ];
            if (batches.Length > 0)
            {
                ways.Add(batches.FirstOrDefault(batch => batch.Bytes <= availableBytes, batches[^1]));
            }
        }

        return ways;
    }

    private (string Options, long Bytes) WithBatch(int size, bool checkpointing)
    {
        TrainingWorkload changed = workload with
        {
            BatchSize = size,
            GradientAccumulation = workload.GradientAccumulation * (workload.BatchSize / size),
            ActivationCheckpointing = checkpointing,
        };
        string options = string.Create(
            CultureInfo.InvariantCulture, $"--batch-size {size} --grad-accum {changed.GradientAccumulation}");
        if (checkpointing && !workload.ActivationCheckpointing)
        {
            options += " --activation-checkpointing";
        }

        return (options, new TrainingEstimate(changed).Bytes);
    }

    private static string Describe((string Options, long Bytes) way) => $"{way.Options} needs {ByteSize.Text(way.Bytes)}";
}
