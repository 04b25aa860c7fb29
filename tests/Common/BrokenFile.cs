namespace Lapidary.Tests.Common;

/// <summary>A checkpoint that must be refused.</summary>
/// <param name="Name">What is wrong with it.</param>
/// <param name="Make">Writes it below a folder and gives the path to open.</param>
/// <param name="Fragment">What the error must say.</param>
public sealed record BrokenFile(string Name, Func<string, string> Make, string Fragment)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}
