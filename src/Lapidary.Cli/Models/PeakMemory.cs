namespace Lapidary.Cli.Models;

/// <summary>The high-water mark of this process's memory.</summary>
internal static class PeakMemory
{
    private const string ClearFile = "/proc/self/clear_refs";

    /// <summary>Begins the mark anew at what is resident now; false where the system does not let a process do that.</summary>
    public static bool TryReset()
    {
        try
        {
            if (!OperatingSystem.IsLinux() || !File.Exists(ClearFile))
            {
                return false;
            }

            // 5: proc(5), since Linux 4.0.
            using var file = new FileStream(ClearFile, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            file.Write("5"u8);
            return true;
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return false;
        }
    }
}
