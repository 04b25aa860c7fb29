namespace Lapidary.Numerics.Formats.Encoding;

/// <summary>What the squared difference of an element x weighs in a search.</summary>
internal enum WeightRule
{
    /// <summary>|x|.</summary>
    Magnitude,

    /// <summary>|x| and the root of the mean square of the group.</summary>
    MagnitudeAboveMean,

    /// <summary>x^2.</summary>
    Square,

    /// <summary>The importance of the element.</summary>
    Importance,

    /// <summary>The importance times the root of x^2 + the variance around it.</summary>
    ScaledImportance,
}
