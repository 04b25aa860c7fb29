using System.Globalization;

namespace Lapidary.Workbench.Reports;

/// <summary>The range of an axis, its round ticks, and where a value lies between its two ends.</summary>
internal sealed class ChartAxis
{
    /// <summary>Beyond this a difference of two values could overflow; nothing that is charted comes near it.</summary>
    private const double Limit = 1e150;

    private readonly bool logarithmic;
    private readonly double low;
    private readonly double high;

    private ChartAxis(double low, double high, bool logarithmic)
    {
        this.logarithmic = logarithmic;
        this.low = logarithmic ? Math.Log10(low) : low;
        this.high = logarithmic ? Math.Log10(high) : high;
    }

    /// <summary>Whether a value can be drawn on such an axis.</summary>
    public static bool CanShow(double value, bool logarithmic) =>
        Math.Abs(value) <= Limit && (!logarithmic || value >= 1 / Limit);

    /// <summary>An axis over values; a wider one where they are all the same, 0 to 1 where there are none.</summary>
    /// <param name="values">All values on the axis; those that cannot be shown are passed over.</param>
    /// <param name="logarithmic">Whether the axis is logarithmic.</param>
    /// <param name="fromZero">Whether a linear axis begins at zero.</param>
    /// <param name="margin">Share of the range that is added at both ends.</param>
    public static ChartAxis Over(IEnumerable<double> values, bool logarithmic, bool fromZero, double margin)
    {
        double low = double.PositiveInfinity;
        double high = double.NegativeInfinity;
        foreach (double value in values)
        {
            if (CanShow(value, logarithmic))
            {
                low = Math.Min(low, value);
                high = Math.Max(high, value);
            }
        }

        if (low > high)
        {
            (low, high) = logarithmic ? (1, 10) : (0, 1);
        }

        if (logarithmic)
        {
            double factor = Math.Pow(high / low, margin);
            return high / low < 1.001 ? new ChartAxis(low / 2, high * 2, true) : new ChartAxis(low / factor, high * factor, true);
        }

        low = fromZero ? Math.Min(low, 0) : low;
        high = fromZero ? Math.Max(high, 0) : high;
        double range = high - low;

        // A range that a double cannot divide is a constant with rounding errors.
        if (range <= Math.Max(Math.Abs(low), Math.Abs(high)) * 1e-9)
        {
            double around = high == 0 ? 1 : Math.Abs(high) * 0.1;
            return new ChartAxis(low - around, high + around, false);
        }

        return new ChartAxis(fromZero && low == 0 ? 0 : low - (range * margin), fromZero && high == 0 ? 0 : high + (range * margin), false);
    }

    /// <summary>Where a value lies: 0 at the lower end, 1 at the upper.</summary>
    public double Position(double value) => ((logarithmic ? Math.Log10(value) : value) - low) / (high - low);

    /// <summary>Round values on the axis and how they are written.</summary>
    /// <param name="count">About how many there should be.</param>
    public IReadOnlyList<(double Value, string Text)> Ticks(int count) =>
        logarithmic && high - low >= 0.8 ? LogarithmicTicks(count) : LinearTicks(count);

    private List<(double Value, string Text)> LinearTicks(int count)
    {
        double from = logarithmic ? Math.Pow(10, low) : low;
        double to = logarithmic ? Math.Pow(10, high) : high;
        double step = RoundStep((to - from) / count);
        var ticks = new List<(double, string)>();

        // The largest value decides how all are written, so that the labels of an axis match.
        double largest = Math.Max(Math.Abs(from), Math.Abs(to));
        long last = (long)Math.Floor((to / step) + 1e-9);
        for (long i = (long)Math.Ceiling((from / step) - 1e-9); i <= last && ticks.Count < 100; i++)
        {
            ticks.Add((i * step, Text(i * step, step, largest)));
        }

        return ticks;
    }

    private List<(double Value, string Text)> LogarithmicTicks(int count)
    {
        var ticks = new List<(double, string)>();
        int stride = Math.Max(1, (int)Math.Ceiling((high - low) / (count + 1)));
        double[] multiples = high - low < 2.5 ? [1, 2, 5] : [1];
        for (int decade = (int)Math.Floor(low); decade <= Math.Ceiling(high); decade++)
        {
            if (decade % stride != 0)
            {
                continue;
            }

            foreach (double multiple in multiples)
            {
                double value = multiple * Math.Pow(10, decade);
                if (Position(value) is >= -1e-9 and <= 1 + 1e-9)
                {
                    // Each is written by itself, and from a thousand on with its unit: 100, 1k, 10k.
                    ticks.Add((value, Text(value, value, value is >= 1e3 and < 1e4 ? 1e4 : value)));
                }
            }
        }

        return ticks;
    }

    // 1, 2 or 5 times a power of ten.
    private static double RoundStep(double rough)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double leading = rough / power;
        return power * (leading < 1.5 ? 1 : leading < 3.5 ? 2 : leading < 7.5 ? 5 : 10);
    }

    private static string Text(double value, double step, double largest)
    {
        if (value == 0)
        {
            return "0";
        }

        if (largest is < 1e-3 or >= 1e12)
        {
            int exponent = (int)Math.Floor(Math.Log10(Math.Abs(value)) + 1e-9);
            return (value / Math.Pow(10, exponent)).ToString("0.###", CultureInfo.InvariantCulture) + $"e{exponent}";
        }

        (double unit, string suffix) = largest switch
        {
            >= 1e9 => (1e9, "G"),
            >= 1e6 => (1e6, "M"),
            >= 1e4 => (1e3, "k"),
            _ => (1.0, string.Empty),
        };
        int decimals = Math.Clamp((int)Math.Ceiling(-Math.Log10(step / unit) - 1e-9), 0, 10);
        return (value / unit).ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) + suffix;
    }
}
