namespace Lapidary.Workbench.Compression;

/// <summary>What an importance matrix says of one tensor: the sums of its squared inputs, and over how many tokens.</summary>
public sealed class ImportanceEntry
{
    /// <summary>The most that a count can be: whole numbers up to it are exact in every form of a file.</summary>
    internal const long CountLimit = 1L << 53;

    /// <summary>An entry.</summary>
    /// <param name="name">The name of the tensor in GGUF files, such as <c>blk.0.attn_q.weight</c>.</param>
    /// <param name="squareSums">[matrices x columns]: sum of the squared inputs of each column; a tensor of experts has several matrices.</param>
    /// <param name="counts">[matrices]: tokens behind the sums; in files of llama.cpp's older form chunks.</param>
    /// <exception cref="ArgumentException">The lengths do not fit, or a number is negative or not finite.</exception>
    public ImportanceEntry(string name, ReadOnlyMemory<float> squareSums, ReadOnlyMemory<long> counts)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (Fault(squareSums.Span, counts.Span) is { } fault)
        {
            throw new ArgumentException($"The entry of {name} {fault}.");
        }

        Name = name;
        SquareSums = squareSums;
        Counts = counts;
    }

    /// <summary>The name of the tensor in GGUF files.</summary>
    public string Name { get; }

    /// <summary>[matrices x columns]: sums of squared inputs.</summary>
    public ReadOnlyMemory<float> SquareSums { get; }

    /// <summary>[matrices]: tokens behind the sums.</summary>
    public ReadOnlyMemory<long> Counts { get; }

    /// <summary>Columns of a matrix.</summary>
    public int Columns => SquareSums.Length / Counts.Length;

    /// <summary>
    /// The mean squared input of each column [matrices x columns], divided in float32 as llama.cpp divides it; 1 for a matrix that no token
    /// has reached.
    /// </summary>
    public float[] Importance()
    {
        float[] importance = SquareSums.ToArray();
        for (int matrix = 0; matrix < Counts.Length; matrix++)
        {
            float count = Counts.Span[matrix];
            foreach (ref float value in importance.AsSpan(matrix * Columns, Columns))
            {
                value = count > 0 ? value / count : 1;
            }
        }

        return importance;
    }

    /// <summary>What is wrong with an entry, as the rest of a sentence; null where nothing is.</summary>
    internal static string? Fault(ReadOnlySpan<float> squareSums, ReadOnlySpan<long> counts)
    {
        if (squareSums.IsEmpty || counts.IsEmpty || squareSums.Length % counts.Length != 0)
        {
            return $"has {squareSums.Length} sums and {counts.Length} counts where as many sums for each count were expected";
        }

        for (int i = 0; i < squareSums.Length; i++)
        {
            if (!float.IsFinite(squareSums[i]) || squareSums[i] < 0)
            {
                return $"has the sum {squareSums[i]} at column {i} where a finite number of at least 0 was expected";
            }
        }

        foreach (long count in counts)
        {
            if (count is < 0 or > CountLimit)
            {
                return $"has the count {count} where 0 to 2^53 was expected";
            }
        }

        return null;
    }
}
