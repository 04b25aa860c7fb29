namespace Lapidary.Networks;

/// <summary>Counts what is written and tells the listener.</summary>
internal sealed class ProgressReport(IProgress<ConversionProgress>? progress, int tensorCount, long byteCount)
{
    private int tensors;
    private long bytes;

    /// <summary>A tensor is written.</summary>
    public void Done(string tensor, long byteLength)
    {
        tensors++;
        bytes += byteLength;
        progress?.Report(new ConversionProgress(tensor, tensors, tensorCount, bytes, byteCount));
    }
}
