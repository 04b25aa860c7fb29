using System.Globalization;

namespace Lapidary.Workbench.Compression;

/// <summary>N:M sparsity: in every group of M consecutive input columns of a row the N lowest weights become 0; 2:4 is half of them.</summary>
/// <param name="Dropped">N, from 1 to M - 1.</param>
/// <param name="Group">M, from 2 to <see cref="LargestGroup"/>.</param>
public readonly record struct SparsityPattern(int Dropped, int Group)
{
    /// <summary>The largest M.</summary>
    public const int LargestGroup = 1024;

    /// <summary>N / M.</summary>
    public double Sparsity => (double)Dropped / Group;

    /// <summary>Whether the numbers are those of a pattern.</summary>
    public bool IsValid => Dropped >= 1 && Dropped < Group && Group <= LargestGroup;

    /// <summary>Reads <c>2:4</c>.</summary>
    /// <returns>Whether the text is a pattern.</returns>
    public static bool TryParse(string text, out SparsityPattern pattern)
    {
        ArgumentNullException.ThrowIfNull(text);
        pattern = default;
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0
            || !int.TryParse(text.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out int dropped)
            || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int group))
        {
            return false;
        }

        pattern = new SparsityPattern(dropped, group);
        return pattern.IsValid;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Dropped}:{Group}");
}
