namespace Lapidary.Workbench.Compression;

/// <summary>Zeros among some numbers; -0 is one.</summary>
/// <param name="Zeros">How many are 0.</param>
/// <param name="Total">How many there are.</param>
public readonly record struct ZeroCount(long Zeros, long Total)
{
    /// <summary>The share of zeros; 0 where there is nothing.</summary>
    public double Sparsity => Total == 0 ? 0 : (double)Zeros / Total;

    /// <summary>Both together.</summary>
    public static ZeroCount operator +(ZeroCount left, ZeroCount right) => new(left.Zeros + right.Zeros, left.Total + right.Total);
}
