using System.Globalization;

namespace Lapidary.Workbench.Evaluation.Energy;

/// <summary>
/// The counter of one processor package: microjoules that only grow, until they begin anew behind the end of their range
/// (Linux, Documentation/power/powercap/powercap.rst).
/// </summary>
internal sealed class PackageCounter
{
    private readonly string file;
    private readonly long range;
    private long last;
    private double total;

    private PackageCounter(string name, string file, long range, long first)
    {
        Name = name;
        this.file = file;
        this.range = range;
        last = first;
    }

    /// <summary>Its name, such as <c>package-0</c>.</summary>
    public string Name { get; }

    /// <summary>Joules since it was opened, as far as <see cref="Advance"/> has seen.</summary>
    public double Joules => total / 1e6;

    /// <summary>Opens the counter of a zone.</summary>
    /// <exception cref="IOException">A file of the zone is missing or holds no number.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    public static PackageCounter Open(string name, string zone)
    {
        string file = Path.Combine(zone, "energy_uj");
        return new PackageCounter(name, file, ReadNumber(Path.Combine(zone, "max_energy_range_uj")), ReadNumber(file));
    }

    /// <summary>Reads the counter; to be called more than once in the time of its range, so that no turn of it is missed.</summary>
    /// <exception cref="IOException">The file is gone or holds no number.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read any more.</exception>
    public void Advance()
    {
        long now = ReadNumber(file);
        total += now >= last ? now - last : Math.Max(0, range - last) + (double)now;
        last = now;
    }

    private static long ReadNumber(string path)
    {
        using var reader = new StreamReader(path);
        Span<char> text = stackalloc char[32];
        int length = reader.ReadBlock(text);
        return long.TryParse(text[..length].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw new IOException($"{path} holds no whole number");
    }
}
