using Lapidary.Numerics;
using Lapidary.Workbench.Evaluation.Texts;

namespace Lapidary.Workbench.Compression.Search;

/// <summary>What a search for types found.</summary>
/// <param name="Types">The type of each matrix by its name in the file.</param>
/// <param name="BitsPerWeight">Bits of a number on average.</param>
/// <param name="Calibration">The divergence from the unquantized model on the calibration text.</param>
/// <param name="HeldOut">The same on the part of the text that the search did not see.</param>
/// <param name="Standard">The standard mix that it is compared with; null where none is small enough.</param>
/// <param name="Probes">How many times the model ran over a part of the text.</param>
public sealed record TypeSearchResult(
    IReadOnlyDictionary<string, ElementType> Types,
    double BitsPerWeight,
    UncertainValue Calibration,
    UncertainValue HeldOut,
    StandardMixScores? Standard,
    int Probes);
