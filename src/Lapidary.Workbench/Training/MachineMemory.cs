using System.Diagnostics;
using System.Globalization;

namespace Lapidary.Workbench.Training;

/// <summary>
/// The memory of this machine and of this process, in bytes. On Linux the limits of control groups count, as a container or a service has
/// them, and memory that only caches files counts as available.
/// </summary>
/// <param name="TotalBytes">What all processes under the same limit may use together.</param>
/// <param name="AvailableBytes">What can still be had without swapping.</param>
/// <param name="ResidentBytes">What this process has resident; mapped files count as far as they were read.</param>
/// <param name="PeakBytes">The most that this process has had resident.</param>
public sealed record MachineMemory(long TotalBytes, long AvailableBytes, long ResidentBytes, long PeakBytes)
{
    /// <summary>Measures now.</summary>
    public static MachineMemory Read() => OperatingSystem.IsLinux() ? Read("/") ?? OfRuntime() : OfRuntime();

    /// <summary>Measures by the files below a root; null where there are none.</summary>
    internal static MachineMemory? Read(string root)
    {
        Dictionary<string, long> machine = Table(Path.Combine(root, "proc/meminfo"), unit: 1024);
        Dictionary<string, long> process = Table(Path.Combine(root, "proc/self/status"), unit: 1024);
        if (!machine.TryGetValue("MemTotal", out long total)
            || !process.TryGetValue("VmRSS", out long resident)
            || !process.TryGetValue("VmHWM", out long peak))
        {
            return null;
        }

        // Kernels before 3.14 do not say what is available.
        long available = machine.TryGetValue("MemAvailable", out long told)
            ? told
            : machine.GetValueOrDefault("MemFree") + machine.GetValueOrDefault("Cached");
        foreach ((long limit, long free) in ControlGroupMemory.Limits(root))
        {
            total = Math.Min(total, limit);
            available = Math.Min(available, free);
        }

        return new MachineMemory(total, available, resident, Math.Max(peak, resident));
    }

    /// <summary>Lines of a name, a number and perhaps a unit, such as <c>MemTotal: 24 kB</c>; those that are none are passed over.</summary>
    internal static Dictionary<string, long> Table(string path, long unit)
    {
        var table = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (string line in Lines(path))
        {
            string[] parts = line.Split((char[])[' ', '\t', ':'], StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length >= 2
                && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long number)
                && number <= long.MaxValue / unit)
            {
                table[parts[0]] = number * unit;
            }
        }

        return table;
    }

    /// <summary>The lines of a small file of the kernel; none where it is not there.</summary>
    internal static string[] Lines(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllLines(path) : [];
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static MachineMemory OfRuntime()
    {
        GCMemoryInfo runtime = GC.GetGCMemoryInfo();
        using var process = Process.GetCurrentProcess();
        long total = runtime.TotalAvailableMemoryBytes;
        long resident = process.WorkingSet64;
        return new MachineMemory(
            total, Math.Max(0, total - runtime.MemoryLoadBytes), resident, Math.Max(process.PeakWorkingSet64, resident));
    }
}
