using System.Globalization;

namespace Lapidary.Workbench.Evaluation.Energy;

/// <summary>
/// Measures the energy of the processor packages by the counters that Linux shows under <c>/sys/class/powercap</c> (RAPL: Intel and AMD).
/// It is that of the whole machine's processors; memory and other devices are not in it. Many systems let only the administrator read them.
/// </summary>
public sealed class EnergyMeter : IDisposable
{
    private const string UsualRoot = "/sys/class/powercap";
    private const string PackagePrefix = "package";
    private const int MostZones = 4096;

    // Ranges are above 65 kJ, two minutes of the largest package.
    private static readonly TimeSpan UsualInterval = TimeSpan.FromSeconds(30);

    private readonly Lock gate = new();
    private readonly string root;
    private readonly List<PackageCounter> counters = [];
    private readonly Timer? timer;
    private string? reason;

    /// <summary>Begins to measure. Where that is not possible, readings say why.</summary>
    public EnergyMeter()
        : this(UsualRoot, UsualInterval)
    {
    }

    /// <summary>Begins to measure by the counters of a folder.</summary>
    /// <param name="root">The folder of the zones.</param>
    /// <param name="interval">How often counters are read beside the readings that are asked for; infinite for never.</param>
    internal EnergyMeter(string root, TimeSpan interval)
    {
        this.root = root;
        try
        {
            counters = Open(root);
            reason = counters.Count > 0 ? null : $"this system has no energy counters of processor packages in {root}";
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            reason = Describe(thrown);
        }

        timer = reason is null ? new Timer(_ => Read(), null, interval, interval) : null;
    }

    /// <summary>The energy since the beginning.</summary>
    public EnergyReading Read()
    {
        lock (gate)
        {
            try
            {
                if (reason is null)
                {
                    counters.ForEach(counter => counter.Advance());
                }
            }
            catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
            {
                reason = Describe(thrown);
            }

            return reason is null
                ? new EnergyReading(counters.Sum(counter => counter.Joules), [.. counters.Select(counter => counter.Name)], null)
                : new EnergyReading(null, [], reason);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => timer?.Dispose();

    // Zones within a package (core, uncore, dram) are parts of it, and psys is the whole platform: neither is a package. One package may be
    // shown by two interfaces, and counts once.
    private static List<PackageCounter> Open(string root)
    {
        if (!Directory.Exists(root))
        {
            return [];
        }

        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string zone in Directory.EnumerateDirectories(root).Take(MostZones).Order(StringComparer.Ordinal))
        {
            string file = Path.Combine(zone, "name");
            if (File.Exists(file) && File.ReadLines(file).FirstOrDefault()?.Trim() is { } name && name.StartsWith(PackagePrefix, StringComparison.Ordinal))
            {
                found.TryAdd(name, zone);
            }
        }

        return [.. found.Select(package => PackageCounter.Open(package.Key, package.Value))];
    }

    private string Describe(Exception thrown) => string.Create(
        CultureInfo.InvariantCulture,
        $"the energy counters in {root} {(thrown is UnauthorizedAccessException ? "may not be read: permission denied" : "cannot be read")}");
}
