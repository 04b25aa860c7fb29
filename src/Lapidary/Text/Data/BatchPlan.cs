using Lapidary.Numerics;

namespace Lapidary.Text.Data;

/// <summary>
/// Which examples form which step: a pure function of the data, the settings and the seed, so that a run that was interrupted goes on from
/// the number of its next step alone. An epoch goes over all examples once; its last step has fewer of them where the number does not
/// divide. Safe for use by several threads.
/// </summary>
public sealed class BatchPlan
{
    private readonly TrainingData data;
    private readonly int batchSize;
    private readonly int gradientAccumulation;
    private readonly bool shuffle;
    private readonly ulong seed;

    // What a micro-batch counts: packs of examples, or null where each example is one by itself.
    private readonly int[][]? packs;
    private EpochOrder? latest;

    /// <summary>Plans the steps.</summary>
    /// <param name="data">The data, at least one example.</param>
    /// <param name="batchSize">Sequences in a micro-batch: examples, or packs of them.</param>
    /// <param name="gradientAccumulation">Micro-batches in a step.</param>
    /// <param name="maxLength">The tokens that a pack may have; no example has more.</param>
    /// <param name="pack">
    /// Whether short examples are put together into sequences of at most <paramref name="maxLength"/> tokens (best-fit decreasing). The packs
    /// are the same in every epoch, their order is not.
    /// </param>
    /// <param name="shuffle">Whether each epoch has an order of its own; if not, it is that of the file (of the packs: the fullest first).</param>
    /// <param name="seed">The seed of the orders.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is below 1.</exception>
    /// <exception cref="ArgumentException">There is no example, or one of more than <paramref name="maxLength"/> tokens.</exception>
    public BatchPlan(
        TrainingData data, int batchSize, int gradientAccumulation, int maxLength, bool pack, bool shuffle, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(gradientAccumulation, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, 1);
        if (data.Count == 0)
        {
            throw new ArgumentException("There is no example to train on.", nameof(data));
        }

        this.data = data;
        this.batchSize = batchSize;
        this.gradientAccumulation = gradientAccumulation;
        this.shuffle = shuffle;
        this.seed = seed;
        int[] lengths = LengthsOf(data, maxLength);
        packs = pack ? SequencePacking.Pack(lengths, maxLength) : null;
        SequenceCount = packs?.Length ?? data.Count;
        long perStep = (long)batchSize * gradientAccumulation;
        StepsPerEpoch = (SequenceCount + perStep - 1) / perStep;
    }

    /// <summary>Sequences of an epoch: examples, or packs of them.</summary>
    public int SequenceCount { get; }

    /// <summary>Steps that go over all examples once.</summary>
    public long StepsPerEpoch { get; }

    /// <summary>The data of a step. A step behind the first epoch goes on with the order of the next one.</summary>
    /// <param name="step">The step, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="step"/> is negative.</exception>
    public StepBatches Step(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        long epoch = Math.DivRem(step, StepsPerEpoch, out long within);
        int[]? order = shuffle ? OrderOf(epoch) : null;
        var batches = new List<TrainingBatch>();
        long start = within * batchSize * gradientAccumulation;
        for (int i = 0; i < gradientAccumulation && start < SequenceCount; i++, start += batchSize)
        {
            int count = (int)Math.Min(batchSize, SequenceCount - start);
            var examples = new List<int>(count);
            for (int at = (int)start; at < start + count; at++)
            {
                int sequence = order is null ? at : order[at];
                examples.AddRange(packs is null ? [sequence] : packs[sequence]);
            }

            batches.Add(new TrainingBatch(data, [.. examples]));
        }

        return new StepBatches(step, epoch, batches);
    }

    private static int[] LengthsOf(TrainingData data, int maxLength)
    {
        int[] lengths = new int[data.Count];
        for (int i = 0; i < lengths.Length; i++)
        {
            lengths[i] = data.Tokens(i).Length;
            if (lengths[i] > maxLength)
            {
                throw new ArgumentException($"Example {i} has {lengths[i]} tokens where at most {maxLength} were expected.", nameof(data));
            }
        }

        return lengths;
    }

    // Only the order of one epoch is kept; a step of another one makes that anew, from the seed alone.
    private int[] OrderOf(long epoch)
    {
        EpochOrder? known = latest;
        if (known is null || known.Epoch != epoch)
        {
            known = new EpochOrder(epoch, TrainingData.Shuffled(SequenceCount, SplitMix64.SeedOf(seed, (int)(epoch + 1))));
            latest = known;
        }

        return known.Order;
    }

    private sealed record EpochOrder(long Epoch, int[] Order);
}
