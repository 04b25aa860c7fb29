using System.Globalization;

namespace Lapidary.Hub;

/// <summary>An answer whose body has not been read, and what the hub itself said of the file before it led elsewhere.</summary>
/// <param name="message">The last answer.</param>
internal sealed class HubResponse(HttpResponseMessage message) : IDisposable
{
    /// <summary>The last answer.</summary>
    public HttpResponseMessage Message { get; } = message;

    /// <summary>The commit that the file was taken from.</summary>
    public string? Commit { get; private set; }

    /// <summary>The hash of a large file.</summary>
    public string? LinkedHash { get; private set; }

    /// <summary>The size of a large file in bytes.</summary>
    public long? LinkedSize { get; private set; }

    /// <summary>Keeps what the hub said on the way.</summary>
    public void Note(HttpResponseMessage answer)
    {
        Commit ??= HubErrors.Header(answer, "X-Repo-Commit");
        LinkedHash ??= HubErrors.Header(answer, "X-Linked-Etag")?.Trim('"');
        LinkedSize ??= long.TryParse(HubErrors.Header(answer, "X-Linked-Size"), NumberStyles.None, CultureInfo.InvariantCulture, out long size) ? size : null;
    }

    /// <inheritdoc/>
    public void Dispose() => Message.Dispose();
}
