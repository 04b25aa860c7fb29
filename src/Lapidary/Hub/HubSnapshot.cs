namespace Lapidary.Hub;

/// <summary>The files of a repository at one commit, in the cache.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Revision">The branch, tag or commit that was asked for.</param>
/// <param name="Commit">The commit.</param>
/// <param name="Folder">The folder that has the files.</param>
/// <param name="Files">The files that were asked for and are there; none where the hub could not be asked.</param>
/// <param name="BytesReceived">Bytes that came over the network for it.</param>
public sealed record HubSnapshot(
    HubRepository Repository, string Revision, string Commit, string Folder, IReadOnlyList<HubFile> Files, long BytesReceived);
