using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Lapidary.Numerics;

namespace Lapidary.Text.Data;

/// <summary>
/// The examples that a model is trained on, as tokens and labels. They are kept in two arrays, so many millions of tokens are fine. Does
/// not change; safe for use by several threads.
/// </summary>
public sealed partial class TrainingData
{
    /// <summary>The label of a token that is not to be learned, as PyTorch's cross-entropy has it.</summary>
    public const int IgnoredLabel = -100;

    private readonly ExampleStore store;

    // Which of the store's examples these are: validation and training share the store.
    private readonly int[] examples;
    private readonly RowCounts counts;
    private readonly Lazy<string> hash;

    private TrainingData(string path, ExampleStore store, int[] examples, RowCounts counts)
    {
        Path = path;
        this.store = store;
        this.examples = examples;
        this.counts = counts;
        hash = new Lazy<string>(ComputeHash);
        foreach (int example in examples)
        {
            TokenCount += store.Tokens(example).Length;
            TargetCount += TargetsIn(store.Labels(example));
            LongestExample = Math.Max(LongestExample, store.Tokens(example).Length);
        }
    }

    /// <summary>The file or folder that the examples were read from, or the name that was given.</summary>
    public string Path { get; }

    /// <summary>Number of examples: the rows that could be used, and where long text was split its parts.</summary>
    public int Count => examples.Length;

    /// <summary>Tokens of all examples together.</summary>
    public long TokenCount { get; }

    /// <summary>Tokens that are learned, all examples together: labels other than <see cref="IgnoredLabel"/> behind the first token.</summary>
    public long TargetCount { get; }

    /// <summary>Tokens of the longest example.</summary>
    public int LongestExample { get; }

    /// <summary>The rows that could not be used: the first 100 of <see cref="UnusableCount"/>.</summary>
    public IReadOnlyList<UnusableRow> Unusable => counts.Unusable;

    /// <summary>Number of rows that could not be used.</summary>
    public long UnusableCount => counts.UnusableCount;

    /// <summary>Number of rows whose end was cut off because they were too long.</summary>
    public long TruncatedCount => counts.TruncatedCount;

    /// <summary>
    /// Number of rows where the tokens of the whole do not begin with those of the prompt, because a piece reaches over the place where
    /// the completion begins. What is learned begins there with the first token that differs.
    /// </summary>
    public long InexactPromptCount => counts.InexactPromptCount;

    /// <summary>
    /// SHA-256 over all that a training sees, in lower-case hexadecimal: for each example the number of tokens, the tokens and the labels,
    /// as little-endian 32-bit numbers.
    /// </summary>
    public string Hash => hash.Value;

    /// <summary>The tokens of an example; at least 2, at most <see cref="TrainingDataOptions.MaxLength"/>.</summary>
    /// <param name="example">0 to below <see cref="Count"/>.</param>
    public ReadOnlySpan<int> Tokens(int example) => store.Tokens(examples[example]);

    /// <summary>
    /// The labels of an example, one for each token: the token at the same place, or <see cref="IgnoredLabel"/>. They are not shifted; the
    /// label of the first token is never predicted.
    /// </summary>
    /// <param name="example">0 to below <see cref="Count"/>.</param>
    public ReadOnlySpan<int> Labels(int example) => store.Labels(examples[example]);

    /// <summary>The file of an example, and the line where its row begins (of Parquet the row), from 1.</summary>
    /// <param name="example">0 to below <see cref="Count"/>.</param>
    public (string File, int Line) Source(int example) => store.Source(examples[example]);

    /// <summary>
    /// Keeps some examples, drawn at random, out of the training. Both parts keep the order of the file; what is said about rows stays
    /// with the training.
    /// </summary>
    /// <param name="shareOrCount">Below 1 the share that is kept out, rounded up; otherwise how many, as a whole number.</param>
    /// <param name="seed">The seed of the draw: the same one gives the same parts.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="shareOrCount"/> is not positive, or above 1 and no whole number.</exception>
    /// <exception cref="TrainingDataException">No example would be left for the training.</exception>
    public (TrainingData Training, TrainingData Validation) Split(double shareOrCount, ulong seed)
    {
        if (!(shareOrCount > 0) || (shareOrCount >= 1 && shareOrCount != Math.Floor(shareOrCount)))
        {
            throw new ArgumentOutOfRangeException(
                nameof(shareOrCount), shareOrCount, "The validation's part must be a share between 0 and 1 or a whole number of examples.");
        }

        double wanted = shareOrCount < 1 ? Math.Ceiling(shareOrCount * Count) : shareOrCount;
        if (wanted >= Count)
        {
            throw new TrainingDataException(
                Path, $"has {Count} {(Count == 1 ? "example" : "examples")} where more than {wanted} were expected, so that some are left beside the validation");
        }

        int count = (int)wanted;
        int[] order = Shuffled(Count, seed);
        return (Of(order[count..], counts), Of(order[..count], new RowCounts()));

        TrainingData Of(int[] chosen, RowCounts said)
        {
            Array.Sort(chosen);
            return new TrainingData(Path, store, Array.ConvertAll(chosen, example => examples[example]), said);
        }
    }

    /// <summary>The numbers from 0 to below <paramref name="count"/> in a random order (Fisher and Yates).</summary>
    internal static int[] Shuffled(int count, ulong seed)
    {
        int[] order = new int[count];
        for (int i = 0; i < count; i++)
        {
            order[i] = i;
        }

        var random = new SplitMix64(seed);
        for (int i = count - 1; i > 0; i--)
        {
            int other = random.NextInt(i + 1);
            (order[i], order[other]) = (order[other], order[i]);
        }

        return order;
    }

    /// <summary>Labels that are learned: there is no prediction of the first token.</summary>
    internal static int TargetsIn(ReadOnlySpan<int> labels) => labels.Length - 1 - labels[1..].Count(IgnoredLabel);

    private string ComputeHash()
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (int example in examples)
        {
            ReadOnlySpan<int> tokens = store.Tokens(example);
            sha.AppendData(MemoryMarshal.AsBytes([tokens.Length]));
            sha.AppendData(MemoryMarshal.AsBytes(tokens));
            sha.AppendData(MemoryMarshal.AsBytes(store.Labels(example)));
        }

        return Convert.ToHexStringLower(sha.GetHashAndReset());
    }
}
