namespace Lapidary.Tests.Common;

/// <summary>A template that must be refused, when it is parsed or when it is rendered.</summary>
/// <param name="Name">What is wrong with it.</param>
/// <param name="Make">Gives its text.</param>
/// <param name="Fragment">What the error must say.</param>
public sealed record BrokenTemplate(string Name, Func<string> Make, string Fragment)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}
