using Lapidary.Checkpoints;

namespace Lapidary.Networks;

/// <summary>Counts the zeros of weights while updates are merged into them, and keeps them where that is asked for.</summary>
internal sealed class ZeroTally(bool keep)
{
    // From here on a matrix counts as pruned: chance leaves no twentieth of a matrix at exactly zero.
    private const double PrunedShare = 0.05;

    private long before;
    private long after;

    /// <summary>The sums over the pruned matrices so far.</summary>
    public MergedZeros Result { get; private set; }

    /// <summary>A change of a weight with the count around it; pieces may come from several threads.</summary>
    public TensorCopy.Change Around(TensorCopy.Change change) => (start, values) =>
    {
        int zeros = values.Count(0f);
        if (zeros == 0 || !keep)
        {
            change(start, values);
        }
        else
        {
            ChangeOthers(change, start, values);
        }

        Interlocked.Add(ref before, zeros);
        Interlocked.Add(ref after, values.Count(0f));
    };

    /// <summary>A weight is complete: its zeros count, if it was pruned. Those of a quantized one come from its rounding.</summary>
    public void Complete(TensorInfo weight)
    {
        if (weight.Type.IsPlainFloat && before >= PrunedShare * weight.Length)
        {
            Result = new MergedZeros(
                Result.Matrices + 1, Result.Weights + weight.Length, Result.Before + before, Result.After + after);
        }

        before = 0;
        after = 0;
    }

    private static void ChangeOthers(TensorCopy.Change change, long start, Span<float> values)
    {
        float[] old = values.ToArray();
        change(start, values);
        for (int i = 0; i < old.Length; i++)
        {
            values[i] = old[i] == 0 ? 0 : values[i];
        }
    }
}
