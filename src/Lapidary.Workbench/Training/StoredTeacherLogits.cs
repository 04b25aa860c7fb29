using Lapidary.Numerics.Threading;

namespace Lapidary.Workbench.Training;

/// <summary>
/// A teacher of which the k most likely tokens of every row were stored with their log-probabilities at temperature 1.
/// </summary>
/// <remarks>
/// What the k probabilities leave of 1 is spread evenly over the other tokens of the vocabulary. That gives a whole distribution at
/// temperature 1, whose logarithms serve as logits: at another temperature T it is raised to 1 / T and normalised like that of a live
/// teacher. The tail has at least a mass of 2^-24, about what float32 probabilities can leave: the reverse KL divergence of a student
/// would be infinite without any. If k is the whole vocabulary there is no tail.
/// </remarks>
public sealed unsafe class StoredTeacherLogits : ITeacherLogits
{
    private const double SmallestTail = 1.0 / (1 << 24);

    private int[] tokens = [];
    private float[] logProbabilities = [];
    private int topTokens;
    private int rowCount;

    /// <summary>Takes the rows of the next batch.</summary>
    /// <param name="ids">Token ids [rows, k], different ones within a row.</param>
    /// <param name="values">Their log-probabilities [rows, k], in nats at temperature 1.</param>
    /// <param name="k">Tokens stored for each row, at least 1.</param>
    /// <exception cref="ArgumentException">
    /// The lengths do not fit, an id is negative or stands twice in a row, a log-probability is above 0 or not a number, or those of a
    /// row add up to more than 1.
    /// </exception>
    public void Begin(ReadOnlySpan<int> ids, ReadOnlySpan<float> values, int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        if (ids.Length != values.Length || ids.Length % k != 0)
        {
            throw new ArgumentException($"{ids.Length} tokens and {values.Length} log-probabilities are not rows of {k} each.");
        }

        for (int row = 0; row < ids.Length / k; row++)
        {
            Check(row, ids.Slice(row * k, k), values.Slice(row * k, k));
        }

        tokens = ids.ToArray();
        logProbabilities = values.ToArray();
        topTokens = k;
        rowCount = ids.Length / k;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A row was not given, or a token is not in the vocabulary.</exception>
    public void Fill(WorkerPool pool, int firstRow, int rows, int vocabulary, float* logits)
    {
        if (firstRow < 0 || rows < 0 || firstRow > rowCount - rows)
        {
            throw new ArgumentException($"Rows {firstRow} to {firstRow + rows - 1} are wanted where {rowCount} were given.");
        }

        for (int i = 0; i < rows; i++)
        {
            int start = (firstRow + i) * topTokens;
            var row = new Span<float>(logits + ((long)i * vocabulary), vocabulary);
            FillRow(tokens.AsSpan(start, topTokens), logProbabilities.AsSpan(start, topTokens), row);
        }
    }

    private static void FillRow(ReadOnlySpan<int> ids, ReadOnlySpan<float> values, Span<float> row)
    {
        double mass = 0;
        foreach (float value in values)
        {
            mass += Math.Exp(value);
        }

        int rest = row.Length - ids.Length;
        row.Fill(rest > 0 ? (float)Math.Log(Math.Max(1 - mass, SmallestTail) / rest) : 0);
        for (int i = 0; i < ids.Length; i++)
        {
            if (ids[i] >= row.Length)
            {
                throw new ArgumentException($"The teacher gives token {ids[i]}, which a vocabulary of {row.Length} does not have.");
            }

            row[ids[i]] = values[i];
        }
    }

    private static void Check(int row, ReadOnlySpan<int> ids, ReadOnlySpan<float> values)
    {
        var seen = new HashSet<int>(ids.Length);
        double mass = 0;
        for (int i = 0; i < ids.Length; i++)
        {
            if (ids[i] < 0 || !seen.Add(ids[i]))
            {
                throw new ArgumentException($"Row {row}: token {ids[i]} is negative or stands there twice.");
            }

            if (!(values[i] <= 0 && float.IsFinite(values[i])))
            {
                throw new ArgumentException($"Row {row}: {values[i]} is not a log-probability.");
            }

            mass += Math.Exp(values[i]);
        }

        // Probabilities that were rounded to half precision may add up to a little more.
        if (mass > 1.01)
        {
            throw new ArgumentException($"Row {row}: the probabilities add up to {mass:g5}, more than 1.");
        }
    }
}
