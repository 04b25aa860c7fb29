using System.Globalization;
using Lapidary.Workbench.Reports;

namespace Lapidary.Cli.Output;

/// <summary>Numbers as a person reads them.</summary>
internal static class Units
{
    /// <summary>A size in memory or on disk with a binary unit and the exact count where it is rounded.</summary>
    public static string Bytes(long bytes) => ByteSize.Text(bytes);

    /// <summary>A count with separators for thousands.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A number with two decimals, or none where it is large.</summary>
    public static string Rate(double value) => value.ToString(value < 1000 ? "0.00" : "0", CultureInfo.InvariantCulture);

    /// <summary>A time with its two largest units.</summary>
    public static string Time(TimeSpan time)
    {
        long seconds = (long)Math.Round(time.TotalSeconds);
        return seconds switch
        {
            < 60 => time.TotalSeconds < 9.95 ? time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + "s" : $"{seconds}s",
            < 3600 => $"{seconds / 60}m{seconds % 60:00}s",
            < 86400 => $"{seconds / 3600}h{seconds / 60 % 60:00}m",
            _ => $"{seconds / 86400}d{seconds / 3600 % 24:00}h",
        };
    }
}
