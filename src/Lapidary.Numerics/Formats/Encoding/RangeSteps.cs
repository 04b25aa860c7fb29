namespace Lapidary.Numerics.Formats.Encoding;

/// <summary>
/// The scales that <see cref="RangeSearch"/> tries: step i, from 0 to <paramref name="Count"/>, spreads the group over
/// largest quant + First + i * Step quants, so that a few outliers are cut off or some of the last quants stay unused.
/// </summary>
/// <param name="First">What is added to the largest quant in the first step.</param>
/// <param name="Step">What each step adds.</param>
/// <param name="Count">Number of the last step.</param>
/// <param name="IsAbsolute">Whether the error is the sum of absolute differences, not of squares.</param>
internal readonly record struct RangeSteps(float First, float Step, int Count, bool IsAbsolute)
{
    /// <summary>What every format with a minimum tries when there is an importance.</summary>
    public static readonly RangeSteps WithImportance = new(-0.9f, 0.05f, 36, IsAbsolute: false);
}
