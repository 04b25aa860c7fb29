using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.InteropServices;
using Lapidary.Networks;

namespace Lapidary.Workbench.Compression;

/// <summary>
/// Sums over tokens of the squared inputs of every matrix of the decoder, one for each column: what an importance matrix holds and what
/// Wanda scores with. Matrices that share an input share its sums.
/// </summary>
/// <remarks>
/// Each column is summed in double precision in the order of the tokens, and the square of a float32 number is exact there, so no cut of the
/// tokens into passes, number of threads or width of vectors changes a bit.
/// </remarks>
internal sealed class InputSquares
{
    /// <summary>The matrices of a layer by their canonical names, and where their inputs are seen.</summary>
    public static readonly ImmutableArray<(string Module, ActivationKind Input)> Matrices =
    [
        ("self_attn.q_proj", ActivationKind.AttentionNorm),
        ("self_attn.k_proj", ActivationKind.AttentionNorm),
        ("self_attn.v_proj", ActivationKind.AttentionNorm),
        ("self_attn.o_proj", ActivationKind.AttentionHeads),
        ("mlp.gate_proj", ActivationKind.FeedForwardNorm),
        ("mlp.up_proj", ActivationKind.FeedForwardNorm),
        ("mlp.down_proj", ActivationKind.FeedForwardGated),
    ];

    private readonly Dictionary<ActivationName, Sums> inputs = [];

    /// <summary>Nothing seen so far.</summary>
    public InputSquares(Gemma3Config config)
    {
        for (int layer = 0; layer < config.LayerCount; layer++)
        {
            Add(ActivationKind.AttentionNorm, layer, config.HiddenSize);
            Add(ActivationKind.AttentionHeads, layer, config.HeadCount * config.HeadDimension);
            Add(ActivationKind.FeedForwardNorm, layer, config.HiddenSize);
            Add(ActivationKind.FeedForwardGated, layer, config.IntermediateSize);
        }
    }

    /// <summary>Takes the value of some tokens; others than inputs of matrices are passed over.</summary>
    /// <param name="name">Which value.</param>
    /// <param name="firstPosition">Position of the first token; without a meaning here.</param>
    /// <param name="width">Columns.</param>
    /// <param name="values">[tokens, width].</param>
    public void Observe(ActivationName name, int firstPosition, int width, ReadOnlySpan<float> values)
    {
        if (!inputs.TryGetValue(name, out Sums? sums))
        {
            return;
        }

        for (ReadOnlySpan<float> rest = values; !rest.IsEmpty; rest = rest[width..])
        {
            AddSquares(rest[..width], sums.Columns);
            sums.Tokens++;
        }
    }

    /// <summary>The sums of one of the <see cref="Matrices"/>.</summary>
    /// <param name="layer">The layer, from 0.</param>
    /// <param name="input">Where the inputs of the matrix are seen.</param>
    /// <param name="tokens">Tokens that were summed.</param>
    /// <returns>[columns of the matrix].</returns>
    public ReadOnlySpan<double> Of(int layer, ActivationKind input, out long tokens)
    {
        Sums sums = inputs[new ActivationName(input, layer)];
        tokens = sums.Tokens;
        return sums.Columns;
    }

    private void Add(ActivationKind kind, int layer, int width) => inputs.Add(new ActivationName(kind, layer), new Sums(width));

    private static void AddSquares(ReadOnlySpan<float> row, Span<double> columns)
    {
        ReadOnlySpan<Vector<float>> wide = MemoryMarshal.Cast<float, Vector<float>>(row);
        Span<Vector<double>> sums = MemoryMarshal.Cast<double, Vector<double>>(columns);
        for (int i = 0; i < wide.Length; i++)
        {
            Vector.Widen(wide[i], out Vector<double> low, out Vector<double> high);
            sums[2 * i] += low * low;
            sums[(2 * i) + 1] += high * high;
        }

        for (int i = wide.Length * Vector<float>.Count; i < row.Length; i++)
        {
            columns[i] += (double)row[i] * row[i];
        }
    }

    private sealed class Sums(int width)
    {
        public double[] Columns { get; } = new double[width];

        public long Tokens { get; set; }
    }
}
