using Lapidary.Workbench.Evaluation.Texts;

namespace Lapidary.Workbench.Compression.Search;

/// <summary>The largest standard mix within the budget of a search, beside what was found.</summary>
/// <param name="Mix">The mix.</param>
/// <param name="BitsPerWeight">Bits of a number on average.</param>
/// <param name="Calibration">Its divergence from the unquantized model on the calibration text.</param>
/// <param name="HeldOut">The same on the part of the text that the search did not see.</param>
/// <param name="Difference">
/// The divergence of what was found less its own on that part, chunk by chunk, with the standard error of the mean of the chunks: below 0
/// the search has gained.
/// </param>
/// <param name="IsChosen">Whether nothing better was found, and it was taken itself.</param>
public sealed record StandardMixScores(
    QuantizationMix Mix,
    double BitsPerWeight,
    UncertainValue Calibration,
    UncertainValue HeldOut,
    UncertainValue Difference,
    bool IsChosen);
