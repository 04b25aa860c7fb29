namespace Lapidary.Hub;

/// <summary>Counts what has been fetched. Safe for use by several threads.</summary>
internal sealed class HubTransfer(int fileCount, long byteCount, IProgress<HubProgress>? progress, Action<string>? log)
{
    private readonly Lock gate = new();
    private int filesDone;
    private long bytesDone;
    private long bytesReceived;

    /// <summary>Bytes that came over the network.</summary>
    public long BytesReceived
    {
        get
        {
            lock (gate)
            {
                return bytesReceived;
            }
        }
    }

    /// <summary>Counts bytes; negative ones on the disk are thrown away.</summary>
    public void Add(long onDisk, long received = 0) => Change(0, onDisk, received);

    /// <summary>Counts a file that is complete.</summary>
    public void Complete() => Change(1, 0, 0);

    /// <summary>Tells the user something.</summary>
    public void Log(string line)
    {
        lock (gate)
        {
            log?.Invoke(line);
        }
    }

    private void Change(int files, long onDisk, long received)
    {
        lock (gate)
        {
            filesDone += files;
            bytesDone += onDisk;
            bytesReceived += received;
            progress?.Report(new HubProgress(filesDone, fileCount, bytesDone, byteCount, bytesReceived));
        }
    }
}
