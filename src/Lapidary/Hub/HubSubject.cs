using Lapidary.Text.Tokenizers;

namespace Lapidary.Hub;

/// <summary>What a request is about, as errors say it.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Revision">The revision that the user knows.</param>
/// <param name="File">The file; null for the list of all.</param>
internal sealed record HubSubject(HubRepository Repository, string Revision, string? File = null)
{
    /// <inheritdoc/>
    public override string ToString() => File is null ? Repository.Id : $"{Repository.Id}/{ForeignText.Show(File)}";
}
