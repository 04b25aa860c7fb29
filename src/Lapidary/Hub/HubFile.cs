namespace Lapidary.Hub;

/// <summary>A file of a repository, as the hub lists it.</summary>
/// <param name="Path">Its path in the repository, with slashes.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Hash">
/// Its hash in lower-case hexadecimal, which is also its name among the blobs of the cache: SHA-256 of a large file (64 digits), of any other
/// the SHA-1 by which git knows it (40 digits).
/// </param>
public sealed record HubFile(string Path, long Size, string Hash);
