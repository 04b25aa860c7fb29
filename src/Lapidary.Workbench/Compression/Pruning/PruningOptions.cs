namespace Lapidary.Workbench.Compression;

/// <summary>How a model is pruned, weight by weight.</summary>
/// <param name="Method">How weights are chosen.</param>
public sealed record PruningOptions(PruningMethod Method)
{
    /// <summary>The share of the selected weights that become 0, at least 0 and below 1; with a <see cref="Pattern"/> its own holds.</summary>
    public double Sparsity { get; init; } = 0.5;

    /// <summary>What magnitude pruning compares; the other methods have their own.</summary>
    public PruningScope Scope { get; init; } = PruningScope.Tensor;

    /// <summary>N:M sparsity instead of a free choice; null for that.</summary>
    public SparsityPattern? Pattern { get; init; }

    /// <summary>A sparsity for each layer by its outliers; null for the same in all of them.</summary>
    public OwlSettings? Owl { get; init; }

    /// <summary>Which matrices are pruned.</summary>
    public TensorSelection Selection { get; init; } = TensorSelection.Default;

    /// <summary>SparseGPT: what is added to the diagonal of the second moments, as a share of its mean.</summary>
    public double Damping { get; init; } = 0.01;

    /// <summary>SparseGPT: columns whose weights are chosen together.</summary>
    public int BlockSize { get; init; } = 128;

    /// <summary>Whether a calibration text is needed.</summary>
    public bool NeedsCalibration => Method != PruningMethod.Magnitude || Owl is not null;

    /// <summary>The share of the selected weights that become 0.</summary>
    public double Target => Pattern?.Sparsity ?? Sparsity;

    /// <summary>Throws unless the options are possible together.</summary>
    /// <exception cref="ArgumentException">A number is out of its range, or two options exclude each other.</exception>
    internal void Check()
    {
        Require(Sparsity is >= 0 and < 1, $"A sparsity of {Sparsity} is not at least 0 and below 1.");
        Require(Pattern is null or { IsValid: true }, $"A pattern of {Pattern} is none.");
        Require(Damping > 0 && double.IsFinite(Damping), $"A damping of {Damping} is not above 0.");
        Require(BlockSize >= 1, $"Blocks of {BlockSize} columns are not at least 1.");
        Require(Owl is null || (Owl.Value.Multiple > 0 && Owl.Value.Range >= 0), $"OWL needs M above 0 and lambda of at least 0.");
        Require(Method == PruningMethod.Magnitude || Scope == PruningScope.Tensor, $"{Method} compares within its own scope.");
        Require(Pattern is null || Scope == PruningScope.Tensor, $"A pattern compares within its groups.");
        Require(Owl is null || Pattern is null, $"With a pattern every layer has the same sparsity.");
        Require(Owl is null || Scope != PruningScope.Global, $"Weights of all layers together have one sparsity.");
        Require(
            Method != PruningMethod.SparseGpt || BlockSize % (Pattern?.Group ?? 1) == 0,
            $"Blocks of {BlockSize} columns are no whole groups of {Pattern?.Group}.");
    }

    private static void Require(bool holds, FormattableString otherwise)
    {
        if (!holds)
        {
            throw new ArgumentException(FormattableString.Invariant(otherwise));
        }
    }
}
