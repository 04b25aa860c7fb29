using System.Globalization;

namespace Lapidary.Workbench.Training;

/// <summary>
/// Limits of memory that Linux control groups set. Version 2: <c>memory.max</c>, <c>memory.current</c> and <c>memory.stat</c> of the group
/// and of all above it, where any may be the tightest. Version 1: <c>memory.limit_in_bytes</c> and <c>memory.usage_in_bytes</c>. See
/// admin-guide/cgroup-v2.rst and admin-guide/cgroup-v1/memory.rst of the kernel's documentation.
/// </summary>
internal static class ControlGroupMemory
{
    /// <summary>Each limit that holds for this process, and what is left of it.</summary>
    public static IEnumerable<(long Limit, long Free)> Limits(string root)
    {
        foreach (string line in MachineMemory.Lines(Path.Combine(root, "proc/self/cgroup")))
        {
            // hierarchy:controllers:path; version 2 has the hierarchy 0 and no controllers.
            string[] parts = line.Split(':', 3);
            if (parts.Length < 3)
            {
                continue;
            }

            bool isSecond = parts[0] == "0" && parts[1].Length == 0;
            if (isSecond || parts[1].Split(',').Contains("memory"))
            {
                string mount = Path.Combine(root, isSecond ? "sys/fs/cgroup" : "sys/fs/cgroup/memory");
                foreach ((long Limit, long Free) limit in Upward(mount, parts[2], isSecond))
                {
                    yield return limit;
                }
            }
        }
    }

    // Inside a container the path may be that of the host and not be there; the root of the mount is then the container's group.
    private static IEnumerable<(long Limit, long Free)> Upward(string mount, string path, bool isSecond)
    {
        string[] names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (int depth = names.Contains("..") ? 0 : names.Length; depth >= 0; depth--)
        {
            string folder = Path.Combine([mount, .. names[..depth]]);
            if (Number(Path.Combine(folder, isSecond ? "memory.max" : "memory.limit_in_bytes")) is long limit)
            {
                long used = Number(Path.Combine(folder, isSecond ? "memory.current" : "memory.usage_in_bytes")) ?? 0;
                Dictionary<string, long> details = MachineMemory.Table(Path.Combine(folder, "memory.stat"), unit: 1);
                long cached = details.GetValueOrDefault(isSecond ? "inactive_file" : "total_inactive_file");
                yield return (limit, Math.Clamp(limit - (used - Math.Min(used, cached)), 0, limit));
            }
        }
    }

    // "max" is no limit.
    private static long? Number(string path) =>
        MachineMemory.Lines(path) is [string line, ..]
        && long.TryParse(line.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
}
