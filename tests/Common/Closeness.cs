using Shouldly;

namespace Lapidary.Tests.Common;

/// <summary>Comparisons that NaN fails: to Shouldly's "less than", NaN is less than everything.</summary>
internal static class Closeness
{
    /// <summary>Fails unless the value is a number and not above the bound.</summary>
    public static void ShouldBeAtMost(this double value, double bound, string? message = null) =>
        (value <= bound).ShouldBeTrue($"{value:g6} where at most {bound:g6} was expected. {message}");

    /// <inheritdoc cref="ShouldBeAtMost(double, double, string?)"/>
    public static void ShouldBeAtMost(this float value, double bound, string? message = null) =>
        ((double)value).ShouldBeAtMost(bound, message);

    /// <summary>The largest magnitude of a difference; NaN if there is one.</summary>
    public static float LargestDifference(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected)
    {
        actual.Length.ShouldBe(expected.Length);
        float largest = 0;
        for (int i = 0; i < actual.Length; i++)
        {
            largest = MathF.Max(largest, MathF.Abs(actual[i] - expected[i]));
        }

        return largest;
    }
}
