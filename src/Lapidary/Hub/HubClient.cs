using Lapidary.Checkpoints;

namespace Lapidary.Hub;

/// <summary>
/// Fetches models and data sets from the Hugging Face hub into the cache that all programs for it share. Every file is checked by size and
/// hash; what broke off goes on the next time; two programs that fetch the same do not get in each other's way.
/// </summary>
public sealed class HubClient : IDisposable
{
    // As many files at once; more of them would not fill a line better.
    private const int FilesAtOnce = 4;

    private readonly HubSettings settings;
    private readonly HubConnection connection;

    /// <summary>A client.</summary>
    /// <param name="settings">Whom to ask, and where to keep what comes.</param>
    public HubClient(HubSettings settings)
        : this(settings, TimeProvider.System)
    {
    }

    /// <summary>A client with a clock of its own.</summary>
    internal HubClient(HubSettings settings, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(settings);
        this.settings = settings;
        connection = new HubConnection(settings, clock);
    }

    /// <summary>
    /// Fetches files of a repository. What the cache has already is not fetched again. The name of the revision is written when all files
    /// are there, so whoever finds the revision in the cache finds them all. Where the settings forbid to ask the hub, the revision is
    /// looked for in the cache.
    /// </summary>
    /// <param name="repository">The repository.</param>
    /// <param name="options">What of it.</param>
    /// <param name="progress">Told how far it is; from any thread, one call at a time.</param>
    /// <param name="cancellation">Ends the download; what came is kept.</param>
    /// <exception cref="HubException">It cannot be had.</exception>
    /// <exception cref="CheckpointException">The cache cannot be written.</exception>
    /// <exception cref="OperationCanceledException">The download was ended.</exception>
    public async Task<HubSnapshot> PullAsync(
        HubRepository repository, HubPullOptions options, IProgress<HubProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(repository);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Revision is { } named && !HubPath.IsInside(named))
        {
            throw new HubException($"{repository}: expected a branch, a tag or a commit as the revision, found another text", HubFault.WrongRequest);
        }

        if (settings.IsOffline)
        {
            return FromCache(repository, options.Revision);
        }

        Action<string> log = options.Log ?? (static _ => { });
        (string revision, HubListing listing) = await FindAsync(repository, options.Revision, log, cancellation).ConfigureAwait(false);
        IReadOnlyList<HubFile> files = FileSelection.Choose(repository, listing, options);
        CheckRoom(repository, files);
        var transfer = new HubTransfer(files.Count, files.Sum(file => file.Size), progress, options.Log);
        await Parallel.ForEachAsync(
            files,
            new ParallelOptions { MaxDegreeOfParallelism = FilesAtOnce, CancellationToken = cancellation },
            async (file, stop) => await FetchAsync(repository, revision, listing.Commit, file, transfer, stop).ConfigureAwait(false)).ConfigureAwait(false);
        settings.Cache.WriteReference(repository, revision, listing.Commit);
        return new HubSnapshot(
            repository, revision, listing.Commit, settings.Cache.SnapshotOf(repository, listing.Commit), files, transfer.BytesReceived);
    }

    /// <inheritdoc/>
    public void Dispose() => connection.Dispose();

    private HubSnapshot FromCache(HubRepository repository, string? revision)
    {
        string[] revisions = revision is not null ? [revision]
            : repository.Kind == HubRepositoryKind.Dataset ? [HubCache.MainRevision, HubCache.ParquetRevision]
            : [HubCache.MainRevision];
        foreach (string name in revisions)
        {
            if (settings.Cache.FindSnapshot(repository, name) is { } found)
            {
                return new HubSnapshot(repository, name, found.Commit, found.Folder, [], 0);
            }
        }

        throw new HubException(
            $"{repository}: is not in {settings.Cache.FolderOf(repository)}, and HF_HUB_OFFLINE forbids to ask the hub", HubFault.Offline);
    }

    private async Task<(string Revision, HubListing Listing)> FindAsync(
        HubRepository repository, string? named, Action<string> log, CancellationToken cancellation)
    {
        string revision = named ?? HubCache.MainRevision;
        HubListing listing = await ListAsync(repository, revision, log, cancellation).ConfigureAwait(false);
        if (named is not null || !FileSelection.NeedsConversion(repository, listing))
        {
            return (revision, listing);
        }

        log($"{repository}: is a script or in a format that is not read; the hub's conversion to Parquet is taken");
        try
        {
            return (HubCache.ParquetRevision, await ListAsync(repository, HubCache.ParquetRevision, log, cancellation).ConfigureAwait(false));
        }
        catch (HubException thrown) when (thrown.Fault == HubFault.NotFound)
        {
            throw new HubException(
                $"{repository}: has no data in JSON, CSV or Parquet, and the hub has no conversion of it to Parquet; --revision {HubCache.MainRevision} --include fetches files as they are",
                HubFault.NotFound,
                thrown);
        }
    }

    private async Task<HubListing> ListAsync(HubRepository repository, string revision, Action<string> log, CancellationToken cancellation)
    {
        var subject = new HubSubject(repository, revision);
        using HubResponse response = await connection.SendAsync(repository.ListingPath(revision), subject, 0, log, cancellation).ConfigureAwait(false);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(10 * HubConnection.Patience);
        var json = new MemoryStream();
        try
        {
            using Stream content = await response.Message.Content.ReadAsStreamAsync(patience.Token).ConfigureAwait(false);
            var buffer = new byte[1 << 16];
            while (await content.ReadAsync(buffer, patience.Token).ConfigureAwait(false) is int count and > 0)
            {
                json.Write(buffer, 0, count);
                if (json.Length > HubListing.MostBytes)
                {
                    throw new HubException($"{repository}: the hub's list of files has more than {HubListing.MostBytes >> 20} MiB", HubFault.WrongContent);
                }
            }
        }
        catch (Exception thrown) when (thrown is IOException or HttpRequestException || (thrown is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new HubException($"{repository}: the hub's list of files broke off; nothing was fetched", HubFault.Unavailable, thrown);
        }

        return HubListing.Parse(json.GetBuffer().AsMemory(0, (int)json.Length), repository.Id);
    }

    private async Task FetchAsync(
        HubRepository repository, string revision, string commit, HubFile file, HubTransfer transfer, CancellationToken cancellation)
    {
        string blob = settings.Cache.BlobOf(repository, file);
        string path = Path.Combine([settings.Cache.SnapshotOf(repository, commit), .. file.Path.Split('/')]);
        try
        {
            if (!SnapshotFile.IsComplete(path, blob, file))
            {
                FileStream held = await BlobLock
                    .TakeAsync(settings.Cache.LockOf(repository, file), () => transfer.Log($"{file.Path}: another program fetches it"), cancellation)
                    .ConfigureAwait(false);
                await using (held.ConfigureAwait(false))
                {
                    await FetchAloneAsync(new HubSubject(repository, revision, file.Path), commit, file, transfer, path, blob, cancellation).ConfigureAwait(false);
                }
            }
            else
            {
                transfer.Add(file.Size);
            }
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            throw OutputFolder.CannotWrite(path, thrown);
        }

        transfer.Complete();
    }

    private async Task FetchAloneAsync(
        HubSubject subject, string commit, HubFile file, HubTransfer transfer, string path, string blob, CancellationToken cancellation)
    {
        if (SnapshotFile.HasSize(blob, file.Size))
        {
            transfer.Add(file.Size);
        }
        else
        {
            await new BlobDownload(connection, transfer, subject, commit, file).RunAsync(blob, cancellation).ConfigureAwait(false);
        }

        if (!SnapshotFile.IsComplete(path, blob, file))
        {
            SnapshotFile.Create(path, blob);
        }
    }

    private void CheckRoom(HubRepository repository, IReadOnlyList<HubFile> files)
    {
        long needed = files.DistinctBy(file => file.Hash).Sum(file => MissingBytes(settings.Cache.BlobOf(repository, file), file));
        if (needed > 0 && FreeBytes(settings.Cache.Folder) is long free && needed > free)
        {
            throw new HubException(
                $"{settings.Cache.Folder}: expected room for {(needed >> 20) + 1} MiB of {repository}, found {free >> 20} MiB; HF_HUB_CACHE may name a folder on another disk", HubFault.NoRoom);
        }
    }

    private static long MissingBytes(string blob, HubFile file)
    {
        var part = new FileInfo(BlobDownload.IncompleteOf(blob));
        return SnapshotFile.HasSize(blob, file.Size) ? 0 : file.Size - (part.Exists ? Math.Min(part.Length, file.Size) : 0);
    }

    // Null where the disk does not tell.
    private static long? FreeBytes(string folder)
    {
        string existing = Path.GetFullPath(folder);
        while (!Directory.Exists(existing) && Path.GetDirectoryName(existing) is string parent)
        {
            existing = parent;
        }

        try
        {
            return new DriveInfo(existing).AvailableFreeSpace;
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
