using System.Text.RegularExpressions;
using Lapidary.Numerics;

namespace Lapidary.Workbench.Compression;

/// <summary>A type for all matrices whose names match a pattern.</summary>
public sealed class TensorTypeOverride
{
    private readonly Regex expression;

    /// <summary>Makes an override.</summary>
    /// <param name="pattern">
    /// A regular expression that is looked for anywhere in the name of a matrix in a GGUF file: <c>attn_v</c>, <c>blk\.[0-3]\.ffn_down</c>.
    /// </param>
    /// <param name="type">The type.</param>
    /// <exception cref="ArgumentException">The pattern is no regular expression, or one that looks around or back.</exception>
    public TensorTypeOverride(string pattern, ElementType type)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        Pattern = pattern;
        Type = type;
        try
        {
            // Without backtracking no pattern takes long.
            expression = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (NotSupportedException thrown)
        {
            throw new ArgumentException(thrown.Message, nameof(pattern), thrown);
        }
    }

    /// <summary>The regular expression.</summary>
    public string Pattern { get; }

    /// <summary>The type.</summary>
    public ElementType Type { get; }

    /// <summary>Whether a name matches.</summary>
    public bool Matches(string name) => expression.IsMatch(name);
}
