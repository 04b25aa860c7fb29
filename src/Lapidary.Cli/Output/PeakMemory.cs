using System.Diagnostics;
using System.Globalization;

namespace Lapidary.Cli.Output;

/// <summary>The most memory that this process has had in use.</summary>
internal static class PeakMemory
{
    private const string Status = "/proc/self/status";

    /// <summary>Resident bytes at the peak, mapped files included as far as they were read.</summary>
    public static long Bytes()
    {
        // Process.PeakWorkingSet64 is not the high-water mark of the kernel on every Linux; the file is.
        if (File.Exists(Status))
        {
            string? line = File.ReadLines(Status).FirstOrDefault(text => text.StartsWith("VmHWM:", StringComparison.Ordinal));
            if (line is not null
                && long.TryParse(line["VmHWM:".Length..].Replace("kB", null, StringComparison.Ordinal), CultureInfo.InvariantCulture, out long kilobytes))
            {
                return kilobytes * 1024;
            }
        }

        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }
}
