using System.Text;
using Lapidary.Checkpoints;

namespace Lapidary.Hub;

/// <summary>
/// The cache that all programs for the hub share, in the layout of huggingface_hub: <c>models--ORG--NAME</c> and <c>datasets--ORG--NAME</c>, in
/// each <c>blobs/HASH</c> with the content of the files, <c>snapshots/COMMIT/PATH</c>, which are links to them, and <c>refs/NAME</c>, which say
/// what commit a branch or tag stands for.
/// </summary>
/// <param name="folder">Its folder, which need not be there.</param>
public sealed class HubCache(string folder)
{
    /// <summary>The branch that is meant where no revision is named.</summary>
    public const string MainRevision = "main";

    /// <summary>The branch where the hub keeps a copy of a data set as Parquet.</summary>
    public const string ParquetRevision = "refs/convert/parquet";

    private const int MostReferenceBytes = 256;

    /// <summary>Its folder.</summary>
    public string Folder { get; } = folder;

    /// <summary>
    /// The cache of this process, by the rules of huggingface_hub: HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, HF_HOME/hub,
    /// XDG_CACHE_HOME/huggingface/hub, ~/.cache/huggingface/hub.
    /// </summary>
    public static HubCache FromEnvironment() => new(HubEnvironment.OfProcess.CacheFolder);

    /// <summary>The folder of a repository, whether it is there or not.</summary>
    /// <param name="repository">The repository.</param>
    public string FolderOf(HubRepository repository)
    {
        ArgumentNullException.ThrowIfNull(repository);
        return Path.Combine(Folder, repository.CacheName);
    }

    /// <summary>The file that says which commit a revision stands for, whether it is there or not.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="revision">A branch, a tag, or a name such as refs/convert/parquet.</param>
    public string ReferenceOf(HubRepository repository, string revision = MainRevision) =>
        Path.Combine([FolderOf(repository), "refs", .. revision.Split('/')]);

    /// <summary>The folder with the files of a repository at a revision; null where the cache does not have it.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="revision">A branch, a tag or a whole commit.</param>
    /// <returns>The folder and the commit, which it is called by.</returns>
    public (string Folder, string Commit)? FindSnapshot(HubRepository repository, string revision = MainRevision)
    {
        ArgumentNullException.ThrowIfNull(revision);
        if (!HubPath.IsInside(revision))
        {
            return null;
        }

        string? commit = HubPath.IsCommit(revision) ? revision : ReadReference(ReferenceOf(repository, revision));
        return commit is not null && SnapshotOf(repository, commit) is { } snapshot && Directory.Exists(snapshot) ? (snapshot, commit) : null;
    }

    /// <summary>The folder of a commit, whether it is there or not.</summary>
    internal string SnapshotOf(HubRepository repository, string commit) => Path.Combine(FolderOf(repository), "snapshots", commit);

    /// <summary>The content of a file, whether it is there or not.</summary>
    internal string BlobOf(HubRepository repository, HubFile file) => Path.Combine(FolderOf(repository), "blobs", file.Hash);

    /// <summary>What programs lock while they fetch a content; huggingface_hub uses the same name.</summary>
    internal string LockOf(HubRepository repository, HubFile file) => Path.Combine(Folder, ".locks", repository.CacheName, file.Hash + ".lock");

    /// <summary>Notes what commit a revision stands for.</summary>
    /// <exception cref="CheckpointException">It cannot be written.</exception>
    internal void WriteReference(HubRepository repository, string revision, string commit)
    {
        string path = ReferenceOf(repository, revision);
        if (revision == commit || ReadReference(path) == commit)
        {
            return;
        }

        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            string temporary = OutputFolder.TemporaryFor(path);
            using (FileStream stream = OutputFolder.Create(temporary))
            {
                stream.Write(Encoding.ASCII.GetBytes(commit));
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            throw OutputFolder.CannotWrite(path, thrown);
        }
    }

    private static string? ReadReference(string path)
    {
        try
        {
            if (!File.Exists(path) || new FileInfo(path).Length > MostReferenceBytes)
            {
                return null;
            }

            string commit = File.ReadAllText(path).Trim();
            return commit.Length is > 0 and <= 64 && commit.All(char.IsAsciiLetterOrDigit) ? commit : null;
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
