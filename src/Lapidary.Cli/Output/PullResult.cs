namespace Lapidary.Cli.Output;

/// <summary>What <c>pull</c> fetched.</summary>
internal sealed record PullResult(
    string Id,
    string Kind,
    string Revision,
    string Commit,
    string Folder,
    IReadOnlyList<PulledFile> Files,
    long Bytes,
    long BytesReceived,
    double Seconds);

/// <summary>A file that <c>pull</c> fetched, or found in the cache.</summary>
internal sealed record PulledFile(string Path, long Bytes, string Hash);
