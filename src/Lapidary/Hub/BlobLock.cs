using System.Diagnostics.CodeAnalysis;

namespace Lapidary.Hub;

/// <summary>
/// Lets one program at a time fetch a content. The lock is that of the system on an open file, so it ends with the program that has it,
/// however that ends; on Unix it is the same as that of huggingface_hub.
/// </summary>
internal static class BlobLock
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    // EAGAIN of Linux and of BSD, and ERROR_SHARING_VIOLATION, which is what the runtime reports for an open that is locked out.
    private static readonly int[] HeldByAnother = [11, 35, unchecked((int)0x80070020)];

    /// <summary>Waits for the lock.</summary>
    /// <param name="path">The file that stands for it.</param>
    /// <param name="waiting">Called once where another has it.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>The lock, which ends when it is disposed. The file stays: to delete it would let two have it.</returns>
    [SuppressMessage("Reliability", "CA2000", Justification = "The stream is what is returned.")]
    public static async Task<FileStream> TakeAsync(string path, Action waiting, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        for (bool isSaid = false; ; isSaid = true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
            }
            catch (IOException thrown) when (HeldByAnother.Contains(thrown.HResult))
            {
                if (!isSaid)
                {
                    waiting();
                }
            }

            await Task.Delay(Pause, cancellation).ConfigureAwait(false);
        }
    }
}
