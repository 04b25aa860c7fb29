namespace Lapidary.Networks;

/// <summary>Counts what is written and tells the listener.</summary>
internal sealed class ProgressReport(IProgress<ConversionProgress>? progress, int tensorCount, long byteCount)
{
    private int tensors;
    private long bytes;

    /// <summary>A tensor is written, with as many bytes since the last report.</summary>
    public void Done(string tensor, long byteLength)
    {
        tensors++;
        Wrote(tensor, byteLength);
    }

    /// <summary>A piece of a tensor is written.</summary>
    public void Wrote(string tensor, long byteLength)
    {
        bytes += byteLength;
        progress?.Report(new ConversionProgress(tensor, tensors, tensorCount, bytes, byteCount));
    }
}
