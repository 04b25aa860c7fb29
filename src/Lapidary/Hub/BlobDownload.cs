using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Http.Headers;
using Lapidary.Checkpoints;

namespace Lapidary.Hub;

/// <summary>
/// Fetches one content. It grows in <c>HASH.incomplete</c> and gets its name when it is whole and its hash is right, so what has that name
/// is. A download that broke off goes on where it ended, also in another process: the file is called by the hash of its content, so a part
/// cannot belong to another version, and the hash of the whole is checked in the end.
/// </summary>
/// <param name="connection">Asks the hub.</param>
/// <param name="transfer">Counts.</param>
/// <param name="subject">What errors call the file.</param>
/// <param name="commit">The commit that the file belongs to.</param>
/// <param name="file">The file.</param>
internal sealed class BlobDownload(HubConnection connection, HubTransfer transfer, HubSubject subject, string commit, HubFile file)
{
    // A connection that breaks again and again is given up once it brings less than this.
    private const long Advance = 1 << 20;

    private readonly byte[] buffer = new byte[1 << 17];

    /// <summary>Where a content grows.</summary>
    public static string IncompleteOf(string blob) => blob + ".incomplete";

    /// <summary>Fetches the content.</summary>
    /// <param name="blob">Where it is to be.</param>
    /// <param name="cancellation">Ends the download; what came is kept.</param>
    /// <exception cref="HubException">It cannot be had, or is not what the hub lists.</exception>
    /// <exception cref="CheckpointException">It cannot be written.</exception>
    public async Task RunAsync(string blob, CancellationToken cancellation)
    {
        string path = IncompleteOf(blob);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(blob)!);
            await FillAsync(path, cancellation).ConfigureAwait(false);
            File.Move(path, blob, overwrite: true);
        }
        catch (HubException thrown) when (thrown.Fault == HubFault.WrongContent)
        {
            OutputFolder.Discard(path);
            throw;
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            throw OutputFolder.CannotWrite(path, thrown);
        }
    }

    private async Task FillAsync(string path, CancellationToken cancellation)
    {
        using var hash = new BlobHash(file);
        var target = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 1, useAsync: true);
        await using (target.ConfigureAwait(false))
        {
            bool isResumed = await TakeUpAsync(target, hash, cancellation).ConfigureAwait(false);
            await ReceiveAllAsync(target, hash, cancellation).ConfigureAwait(false);
            if (!hash.Matches())
            {
                if (!isResumed)
                {
                    throw Wrong("its content does not have the hash that the hub lists; it was deleted");
                }

                transfer.Log($"{subject}: what was there of an earlier download does not fit, the file is fetched anew");
                Restart(target, hash);
                await ReceiveAllAsync(target, hash, cancellation).ConfigureAwait(false);
                if (!hash.Matches())
                {
                    throw Wrong("its content does not have the hash that the hub lists; it was deleted");
                }
            }

            target.Flush(flushToDisk: true);
        }
    }

    // What an earlier download left; true where there is something.
    private async Task<bool> TakeUpAsync(FileStream target, BlobHash hash, CancellationToken cancellation)
    {
        if (target.Length > file.Size)
        {
            target.SetLength(0);
        }

        while (await target.ReadAsync(buffer, cancellation).ConfigureAwait(false) is int count and > 0)
        {
            hash.Add(buffer.AsSpan(0, count));
        }

        transfer.Add(target.Position);
        return target.Position > 0;
    }

    private async Task ReceiveAllAsync(FileStream target, BlobHash hash, CancellationToken cancellation)
    {
        long highest = target.Position;
        for (int tries = 0; target.Position < file.Size;)
        {
            string? broken = await ReceiveAsync(target, hash, cancellation).ConfigureAwait(false);
            if (broken is not null)
            {
                tries = target.Position - highest >= Advance ? 1 : tries + 1;
                highest = Math.Max(highest, target.Position);
                await connection.PauseAsync(tries, null, $"{subject}: {broken}", null, transfer.Log, cancellation).ConfigureAwait(false);
            }
        }
    }

    // One answer; says why it is not all of the rest where it is not.
    private async Task<string?> ReceiveAsync(FileStream target, BlobHash hash, CancellationToken cancellation)
    {
        using HubResponse response = await connection
            .SendAsync(subject.Repository.FilePath(commit, file.Path), subject, target.Position, transfer.Log, cancellation).ConfigureAwait(false);
        CheckAnnounced(response);
        if (response.Message.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            Restart(target, hash);
            return "the hub does not go on where the download ended";
        }

        if (!ContinuesAt(response.Message, target.Position))
        {
            Restart(target, hash);
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(HubConnection.Patience);
        try
        {
            using Stream content = await response.Message.Content.ReadAsStreamAsync(patience.Token).ConfigureAwait(false);
            while (await ReadAsync(content, patience).ConfigureAwait(false) is int count and > 0)
            {
                if (count > file.Size - target.Position)
                {
                    throw Wrong($"more than the {file.Size} bytes come that the hub lists");
                }

                hash.Add(buffer.AsSpan(0, count));
                await target.WriteAsync(buffer.AsMemory(0, count), cancellation).ConfigureAwait(false);
                transfer.Add(count, count);
            }
        }
        catch (BrokenConnectionException thrown)
        {
            return thrown.Message;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return "the connection has been silent for a minute";
        }

        return target.Position < file.Size ? "the connection ended too soon" : null;
    }

    // What the network throws must not be taken for a fault of the disk.
    private async Task<int> ReadAsync(Stream content, CancellationTokenSource patience)
    {
        patience.CancelAfter(HubConnection.Patience);
        try
        {
            return await content.ReadAsync(buffer, patience.Token).ConfigureAwait(false);
        }
        catch (Exception thrown) when (thrown is IOException or HttpRequestException)
        {
            throw new BrokenConnectionException(thrown);
        }
    }

    // A server that lies about the file is found out before it has sent it.
    private void CheckAnnounced(HubResponse response)
    {
        if (response.Commit is { } found && found != commit)
        {
            throw Wrong("the hub gives it from another commit than the one that was asked for");
        }

        if (response.LinkedHash is { Length: 64 } linked && linked != file.Hash)
        {
            throw Wrong("the hub gives it with another hash than it lists");
        }

        HttpContentHeaders headers = response.Message.Content.Headers;
        long? whole = response.Message.StatusCode == HttpStatusCode.OK ? headers.ContentLength : null;
        foreach (long? size in (ReadOnlySpan<long?>)[response.LinkedSize, headers.ContentRange?.Length, whole])
        {
            if (size is long announced && announced != file.Size)
            {
                throw Wrong($"{announced} bytes are announced where the hub lists {file.Size}");
            }
        }
    }

    // Whether the answer begins at the byte that was asked for, and not at the first one.
    private bool ContinuesAt(HttpResponseMessage message, long offset)
    {
        if (message.StatusCode != HttpStatusCode.PartialContent)
        {
            return offset == 0;
        }

        return message.Content.Headers.ContentRange?.From == offset ? true : throw Wrong("another part comes than the one that was asked for");
    }

    private void Restart(FileStream target, BlobHash hash)
    {
        transfer.Add(-target.Position);
        target.SetLength(0);
        target.Position = 0;
        hash.Restart();
    }

    private HubException Wrong(string fact) => new($"{subject}: {fact}", HubFault.WrongContent);

    [SuppressMessage("Design", "CA1032", Justification = "It never leaves this class.")]
    [SuppressMessage("Design", "CA1064", Justification = "It never leaves this class.")]
    private sealed class BrokenConnectionException(Exception cause)
        : Exception($"the connection broke off ({cause.Message.TrimEnd('.')})", cause);
}
