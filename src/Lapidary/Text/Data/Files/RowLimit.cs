namespace Lapidary.Text.Data.Files;

/// <summary>The bound on the memory that one row may take.</summary>
internal static class RowLimit
{
    /// <summary>The most bytes of a row: far above any example, far below what would hurt.</summary>
    public const int Bytes = 16 << 20;

    /// <summary>What is said about a longer one.</summary>
    public static string Fault => $"has more than {Bytes >> 20} MiB, which is more than a row may have";
}
