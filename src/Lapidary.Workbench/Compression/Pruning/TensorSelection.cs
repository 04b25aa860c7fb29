using System.Text.RegularExpressions;

namespace Lapidary.Workbench.Compression;

/// <summary>
/// Which matrices of a model are changed, by their canonical names (<c>model.layers.0.mlp.up_proj.weight</c>). Where nothing is included by
/// name these are the linear layers of the decoder: query, key, value, output, gate, up and down of every layer. Embedding, norms and output
/// matrix are changed only where a pattern names them.
/// </summary>
public sealed class TensorSelection
{
    private const string DecoderLinears = @"^model\.layers\.\d+\.(self_attn\.[qkvo]_proj|mlp\.(gate|up|down)_proj)\.weight$";

    // Without backtracking no pattern takes long.
    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    private static readonly Regex Linears = new(DecoderLinears, Options);

    private readonly Regex[] include;
    private readonly Regex[] exclude;

    /// <summary>Makes a selection.</summary>
    /// <param name="include">Regular expressions, found anywhere in a name; where there are none, the linear layers of the decoder.</param>
    /// <param name="exclude">Regular expressions of names that are left out all the same.</param>
    /// <exception cref="ArgumentException">
    /// A pattern is empty, no regular expression, or one that looks around or back.
    /// </exception>
    public TensorSelection(IReadOnlyList<string> include, IReadOnlyList<string> exclude)
    {
        ArgumentNullException.ThrowIfNull(include);
        ArgumentNullException.ThrowIfNull(exclude);
        this.include = [.. include.Select(pattern => Compile(pattern, nameof(include)))];
        this.exclude = [.. exclude.Select(pattern => Compile(pattern, nameof(exclude)))];
        Include = include;
        Exclude = exclude;
    }

    /// <summary>The linear layers of the decoder.</summary>
    public static TensorSelection Default { get; } = new([], []);

    /// <summary>The patterns of what is changed.</summary>
    public IReadOnlyList<string> Include { get; }

    /// <summary>The patterns of what is left out.</summary>
    public IReadOnlyList<string> Exclude { get; }

    /// <summary>Whether a canonical name is that of a linear layer of the decoder.</summary>
    public static bool IsDecoderLinear(string name) => Linears.IsMatch(name);

    /// <summary>Whether the matrix of a canonical name is changed.</summary>
    public bool Matches(string name) =>
        (include.Length == 0 ? IsDecoderLinear(name) : include.Any(pattern => pattern.IsMatch(name)))
        && !exclude.Any(pattern => pattern.IsMatch(name));

    /// <summary>The patterns that are found in none of some names, in their order.</summary>
    /// <param name="names">Canonical names of matrices.</param>
    public IEnumerable<string> UnusedPatterns(IReadOnlyCollection<string> names) =>
        Include.Zip(include).Concat(Exclude.Zip(exclude)).Where(pair => !names.Any(pair.Second.IsMatch)).Select(pair => pair.First);

    private static Regex Compile(string pattern, string parameter)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern, parameter);
        try
        {
            return new Regex(pattern, Options);
        }
        catch (NotSupportedException thrown)
        {
            throw new ArgumentException(thrown.Message, parameter, thrown);
        }
    }
}
