using Lapidary.Networks;
using Lapidary.Numerics;

namespace Lapidary.Workbench.Compression.Search;

/// <summary>
/// A matrix whose type is searched for. What a type costs is the divergence of the model with this matrix alone in that type: measured for
/// some types, and for the others in proportion to their error, by which the divergence grows while it is small (its second-order expansion
/// around the unquantized model is quadratic in the change of the outputs).
/// </summary>
internal sealed class SearchedMatrix
{
    // Below it is the rounding of the recorded predictions.
    private const double LeastDivergence = 1e-9;

    private readonly double[] errors;
    private readonly double?[] divergences;

    /// <summary>A matrix.</summary>
    /// <param name="planned">The matrix in the plan of the file.</param>
    /// <param name="types">The types that it may get, each with the bytes that it takes, the largest first.</param>
    /// <param name="errors">The weighted errors of the matrix in these types.</param>
    public SearchedMatrix(PlannedTensor planned, IReadOnlyList<(ElementType Type, long Bytes)> types, IReadOnlyList<double> errors)
    {
        Planned = planned;
        Types = types;
        this.errors = [.. errors];
        divergences = new double?[types.Count];
    }

    /// <summary>The matrix.</summary>
    public PlannedTensor Planned { get; }

    /// <summary>The types that it may get.</summary>
    public IReadOnlyList<(ElementType Type, long Bytes)> Types { get; }

    /// <summary>Whether the divergence of a type was measured; one without an error has none.</summary>
    public bool IsMeasured(int type) => divergences[type] is not null || errors[type] == 0;

    /// <summary>Notes the divergence of a type.</summary>
    public void Measure(int type, double divergence) => divergences[type] = Math.Max(divergence, LeastDivergence);

    /// <summary>The largest type of at most so many bits per number; the smallest of all where there is none.</summary>
    public int Nearest(double bits)
    {
        for (int i = 0; i < Types.Count; i++)
        {
            if (8.0 * Types[i].Bytes / Planned.Source.Length <= bits && errors[i] > 0)
            {
                return i;
            }
        }

        return Types.Count - 1;
    }

    /// <summary>The ways to store it.</summary>
    public TypeChoice[] Choices() => [.. Types.Select((type, i) => new TypeChoice(type.Bytes, Cost(i)))];

    private double Cost(int type)
    {
        if (errors[type] == 0)
        {
            return 0;
        }

        if (divergences[type] is double measured)
        {
            return measured;
        }

        // The measured type whose error is the most like: the further away, the worse the proportion holds.
        int like = -1;
        for (int i = 0; i < errors.Length; i++)
        {
            if (divergences[i] is not null && (like < 0 || Distance(i, type) < Distance(like, type)))
            {
                like = i;
            }
        }

        return like < 0 ? errors[type] : divergences[like]!.Value * errors[type] / errors[like];
    }

    private double Distance(int a, int b) => Math.Abs(Math.Log(errors[a] / errors[b]));
}
