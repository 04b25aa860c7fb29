using System.Globalization;

namespace Lapidary.Cli.Output;

/// <summary>Numbers as a person reads them.</summary>
internal static class Units
{
    /// <summary>A size in memory or on disk with a binary unit and the exact count where it is rounded.</summary>
    public static string Bytes(long bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return unit == 0 ? $"{bytes} B" : value.ToString("0.0", CultureInfo.InvariantCulture) + " " + units[unit];
    }

    /// <summary>A count with separators for thousands.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A number with two decimals, or none where it is large.</summary>
    public static string Rate(double value) => value.ToString(value < 1000 ? "0.00" : "0", CultureInfo.InvariantCulture);
}
