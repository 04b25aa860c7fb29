using Lapidary.Checkpoints;
using Lapidary.Inference;
using Lapidary.Networks;
using Lapidary.Numerics;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;
using Lapidary.Workbench.Evaluation.Texts;

namespace Lapidary.Workbench.Compression.Search;

/// <summary>
/// Chooses a type for each matrix of a model so that the model diverges least from itself under a budget of bits. Each matrix is measured
/// alone in one type and its other types are estimated from their errors (<see cref="SearchedMatrix"/>); the sum over the matrices is
/// minimised exactly (<see cref="TypeBudget"/>); what was chosen is measured in its turn, some rounds long; and of all choices the one is
/// taken with which the whole model diverges least, the standard mix of the size among them.
/// </summary>
public sealed class TypeSearch : IDisposable
{
    // From the largest to the smallest, whole numbers aside.
    private static readonly ElementType[] Quantized =
    [
        ElementType.Q8_0, ElementType.Q6_K, ElementType.Q5_1, ElementType.Q5_K, ElementType.Q5_0, ElementType.Q4_1, ElementType.Q4_K,
        ElementType.Q4_0, ElementType.Q3_K, ElementType.Q2_K,
    ];

    private readonly Checkpoint checkpoint;
    private readonly TypeSearchOptions options;
    private readonly SearchText text;
    private readonly string scratch;
    private readonly IProgress<double>? progress;
    private readonly CancellationToken cancellation;
    private readonly WorkerPool pool;
    private readonly GgufPlan plan;
    private readonly long parameters;
    private readonly long otherBytes;
    private readonly long budget;
    private int probes;

    /// <summary>Prepares a search.</summary>
    /// <param name="checkpoint">The model, not quantized.</param>
    /// <param name="options">How.</param>
    /// <param name="text">What it is measured on.</param>
    /// <param name="scratch">A folder for the predictions of the model, which are removed at the end.</param>
    /// <param name="progress">Told the share that is done.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="ArgumentOutOfRangeException">No choice has so few bits, or every one has fewer.</exception>
    /// <exception cref="CheckpointException">The model is not one of Gemma 3 or is quantized already, or the importance matrix is that of another.</exception>
    public TypeSearch(
        Checkpoint checkpoint,
        TypeSearchOptions options,
        SearchText text,
        string scratch,
        IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(text);
        this.checkpoint = checkpoint;
        this.options = options;
        this.text = text;
        this.scratch = scratch;
        this.progress = progress;
        this.cancellation = cancellation;
        plan = Plan(checkpoint, options.Quantization);
        parameters = plan.Tensors.Sum(tensor => tensor.Source.Length);
        otherBytes = plan.Tensors.Where(tensor => !IsMatrix(tensor)).Sum(tensor => tensor.Target.ByteLength);
        (double least, double most) = Limits(plan);
        if (!(options.BitsPerWeight >= least && options.BitsPerWeight <= most))
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), FormattableString.Invariant($"From {least} to {most} bits per weight were expected, not {options.BitsPerWeight}."));
        }


        budget = (long)Math.Floor(options.BitsPerWeight * parameters / 8);
        pool = new WorkerPool(options.Threads);
    }

    /// <summary>The fewest and the most bits per weight that a model can get.</summary>
    /// <param name="checkpoint">The model, not quantized.</param>
    /// <param name="options">What is not a type.</param>
    /// <exception cref="CheckpointException">The model is not one of Gemma 3 or is quantized already, or the importance matrix is that of another.</exception>
    public static (double Least, double Most) Limits(Checkpoint checkpoint, QuantizationOptions options) => Limits(Plan(checkpoint, options));

    /// <summary>Searches.</summary>
    /// <exception cref="NonFiniteException">NaN or infinity appeared.</exception>
    /// <exception cref="OperationCanceledException">The work was ended.</exception>
    public TypeSearchResult Run()
    {
        using var calibration = new DivergenceMeter(checkpoint.Path, text.Calibration, scratch, options.Threads, cancellation);
        List<SearchedMatrix> matrices = Prepare();
        List<Dictionary<string, ElementType>> found = Choose(matrices, calibration);
        QuantizationMix? standard = Standard();
        Dictionary<string, ElementType>? standardTypes = standard is null ? null : TypesOf(standard);
        if (standardTypes is not null)
        {
            found.Add(standardTypes);
        }

        TextScores[] scores = new TextScores[found.Count];
        for (int i = 0; i < found.Count; i++)
        {
            scores[i] = Measure(calibration, found[i], text.Calibration.Count);
            progress?.Report(0.8 + (0.15 * (i + 1) / found.Count));
        }

        int best = Enumerable.Range(0, found.Count).MinBy(i => scores[i].Divergence!.Divergence.Value);
        using var held = new DivergenceMeter(checkpoint.Path, text.HeldOut, scratch, options.Threads, cancellation);
        TextScores heldOut = Measure(held, found[best], text.HeldOut.Count);
        StandardMixScores? beside = null;
        if (standardTypes is not null)
        {
            bool isChosen = Same(found[best], standardTypes);
            TextScores other = isChosen ? heldOut : Measure(held, standardTypes, text.HeldOut.Count);
            beside = new StandardMixScores(
                standard!, Bits(standardTypes), scores[^1].Divergence!.Divergence, other.Divergence!.Divergence, Difference(heldOut, other), isChosen);
        }

        progress?.Report(1);
        return new TypeSearchResult(
            found[best], Bits(found[best]), scores[best].Divergence!.Divergence, heldOut.Divergence!.Divergence, beside, probes);
    }

    /// <inheritdoc/>
    public void Dispose() => pool.Dispose();

    private static bool IsMatrix(PlannedTensor tensor) => tensor.Target.Shape.Length > 1;

    private static bool Same(Dictionary<string, ElementType> a, Dictionary<string, ElementType> b) => a.All(type => b[type.Key] == type.Value);

    // The mean of the differences of the chunks with its standard error.
    private static UncertainValue Difference(TextScores found, TextScores standard)
    {
        double[] differences = [.. found.Chunks.Zip(standard.Chunks, (a, b) => a.Divergence!.Value - b.Divergence!.Value)];
        double mean = differences.Average();
        double squares = differences.Sum(difference => (difference - mean) * (difference - mean));
        return new UncertainValue(mean, differences.Length < 2 ? 0 : Math.Sqrt(squares / (differences.Length - 1) / differences.Length));
    }

    // The plain types that lose nothing, or hardly anything, first.
    private static IEnumerable<ElementType> Candidates(PlannedTensor tensor) =>
        Quantized
            .Prepend(tensor.Source.Type.ElementType == ElementType.BF16 ? ElementType.BF16 : ElementType.F16)
            .Where(type => QuantizationMix.Fits(type, tensor.Source.Shape[^1]));

    private static long BytesOf(PlannedTensor tensor, ElementType type) => Tensor.ByteLengthOf(type, tensor.Source.Shape.AsSpan());

    // Types and sizes of everything but the matrices do not depend on the mix.
    private static GgufPlan Plan(Checkpoint checkpoint, QuantizationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);

        // A source in Q8_0 would pass the second plan, in which it stays as it is.
        Quantizer.Plan(checkpoint, options with { Mix = QuantizationMix.Find("F16")! });
        return Quantizer.Plan(checkpoint, options with { Mix = QuantizationMix.Find("Q8_0")! });
    }

    private static (double Least, double Most) Limits(GgufPlan plan)
    {
        return (Bits(sizes => sizes.Min()), Bits(sizes => sizes.Max()));

        double Bits(Func<IEnumerable<long>, long> pick) => 8.0
            * plan.Tensors.Sum(tensor => IsMatrix(tensor) ? pick(Candidates(tensor).Select(type => BytesOf(tensor, type))) : tensor.Target.ByteLength)
            / plan.Tensors.Sum(tensor => tensor.Source.Length);
    }

    private List<SearchedMatrix> Prepare()
    {
        ImportanceMatrix weights = Weights();
        PlannedTensor[] tensors = [.. plan.Tensors.Where(IsMatrix)];
        var matrices = new List<SearchedMatrix>();
        foreach (PlannedTensor tensor in tensors)
        {
            // Columns that the text has never used all weigh the same: nothing is known of them.
            float[] columns = weights.ImportanceOf(tensor.Target.Name, tensor.Source.Shape[^1]);
            matrices.Add(Prepare(tensor, Array.TrueForAll(columns, weight => weight == 0) ? [] : columns));
            progress?.Report(0.1 + (0.1 * matrices.Count / tensors.Length));
        }

        return matrices;
    }

    // Without an importance matrix the blocks are made without one, and the errors are weighed all the same.
    private ImportanceMatrix Weights()
    {
        if (options.Quantization.Importance is { } given)
        {
            return given;
        }

        using LanguageModel model = LanguageModel.Open(checkpoint.Path, new InferenceOptions { Threads = options.Threads, Exact = true });
        return ImportanceCollector.Collect(model, text.Calibration, ["calibration"], null, cancellation);
    }

    private SearchedMatrix Prepare(PlannedTensor tensor, ReadOnlySpan<float> weights)
    {
        Tensor source = checkpoint.GetTensor(tensor.Source.Name);
        var types = new List<(ElementType Type, long Bytes)>();
        var errors = new List<double>();
        foreach (ElementType type in Candidates(tensor))
        {
            cancellation.ThrowIfCancellationRequested();
            if (type == source.Type)
            {
                errors.Add(0);
                types.Add((type, source.ByteLength));
                continue;
            }

            try
            {
                using Tensor encoded = EncodedMatrix.Encode(pool, source, type, tensor.Importance.Span);
                errors.Add(EncodedMatrix.Error(pool, source, encoded, weights));
                types.Add((type, encoded.ByteLength));
            }
            catch (UnencodableValueException) when (type == ElementType.F16)
            {
                // Too large for it; blocks have scales that reach further.
            }
        }

        return new SearchedMatrix(tensor, types, errors);
    }

    private List<Dictionary<string, ElementType>> Choose(List<SearchedMatrix> matrices, DivergenceMeter meter)
    {
        for (int i = 0; i < matrices.Count; i++)
        {
            Measure(meter, matrices[i], matrices[i].Nearest(options.BitsPerWeight));
            progress?.Report(0.2 + (0.3 * (i + 1) / matrices.Count));
        }

        var found = new List<Dictionary<string, ElementType>>();
        for (int round = 0; round < options.Rounds; round++)
        {
            int[]? chosen = TypeBudget.Solve([.. matrices.Select(matrix => matrix.Choices())], budget - otherBytes);
            if (chosen is null)
            {
                break;
            }

            var types = matrices.Select((matrix, i) => (matrix.Planned.Target.Name, matrix.Types[chosen[i]].Type))
                .ToDictionary(pair => pair.Name, pair => pair.Type, StringComparer.Ordinal);
            if (found.Exists(earlier => Same(earlier, types)))
            {
                break;
            }

            found.Add(types);
            for (int i = 0; i < matrices.Count; i++)
            {
                Measure(meter, matrices[i], chosen[i]);
                progress?.Report(0.5 + (0.3 * (round + ((i + 1.0) / matrices.Count)) / options.Rounds));
            }
        }

        return found;
    }

    // One matrix alone, on the first chunks of the calibration text.
    private void Measure(DivergenceMeter meter, SearchedMatrix matrix, int type)
    {
        if (matrix.IsMeasured(type))
        {
            return;
        }

        cancellation.ThrowIfCancellationRequested();
        PlannedTensor tensor = matrix.Planned;
        using Tensor encoded = EncodedMatrix.Encode(pool, checkpoint.GetTensor(tensor.Source.Name), matrix.Types[type].Type, tensor.Importance.Span);
        int chunks = Math.Clamp(options.ProbeTokens / meter.Chunks.ContextLength, 1, meter.Chunks.Count);
        TextScores scores = meter.Score(new Dictionary<string, Tensor> { [tensor.Source.Name] = encoded }, chunks);
        matrix.Measure(type, scores.Divergence!.Divergence.Value);
        probes++;
    }

    // All matrices together.
    private TextScores Measure(DivergenceMeter meter, Dictionary<string, ElementType> types, int chunks)
    {
        cancellation.ThrowIfCancellationRequested();
        var replacements = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        try
        {
            foreach (PlannedTensor tensor in plan.Tensors.Where(tensor => IsMatrix(tensor) && tensor.Source.Type.ElementType != types[tensor.Target.Name]))
            {
                replacements.Add(
                    tensor.Source.Name,
                    EncodedMatrix.Encode(pool, checkpoint.GetTensor(tensor.Source.Name), types[tensor.Target.Name], tensor.Importance.Span));
            }

            probes++;
            return meter.Score(replacements, chunks);
        }
        finally
        {
            foreach (Tensor tensor in replacements.Values)
            {
                tensor.Dispose();
            }
        }
    }

    private QuantizationMix? Standard() => QuantizationMix.All
        .Where(mix => mix.BaseType != ElementType.F32)
        .Select(mix => (Mix: mix, Bytes: TotalBytes(TypesOf(mix))))
        .Where(mix => mix.Bytes <= budget)
        .OrderByDescending(mix => mix.Bytes)
        .Select(mix => mix.Mix)
        .FirstOrDefault();

    private Dictionary<string, ElementType> TypesOf(QuantizationMix mix)
    {
        NetworkShape network = NetworkShape.Of(Gemma3Config.From(checkpoint));
        return plan.Tensors.Where(IsMatrix).ToDictionary(
            tensor => tensor.Target.Name,
            tensor => mix.TypeOf(tensor.Target.Name, tensor.Source.Shape[^1], network, options.Quantization.Importance is not null),
            StringComparer.Ordinal);
    }

    private long TotalBytes(Dictionary<string, ElementType> types) =>
        otherBytes + plan.Tensors.Where(IsMatrix).Sum(tensor => BytesOf(tensor, types[tensor.Target.Name]));

    private double Bits(Dictionary<string, ElementType> types) => 8.0 * TotalBytes(types) / parameters;
}
