namespace Lapidary.Cli.Output;

/// <summary>What <c>quantize --search</c> found; divergences are means of a prediction in nats.</summary>
/// <param name="BitsPerWeight">Bits of a number on average.</param>
/// <param name="Runs">How many times the model ran over a part of the text.</param>
/// <param name="Calibration">The divergence on the calibration text.</param>
/// <param name="CalibrationStderr">The standard error of that.</param>
/// <param name="HeldOut">The divergence on the rest of the text.</param>
/// <param name="HeldOutStderr">The standard error of that.</param>
/// <param name="Standard">The largest standard mix within the budget.</param>
internal sealed record SearchResult(
    double BitsPerWeight, int Runs, double Calibration, double CalibrationStderr, double HeldOut, double HeldOutStderr, StandardMixResult? Standard);

/// <summary>The standard mix beside a search.</summary>
/// <param name="Type">Its name.</param>
/// <param name="BitsPerWeight">Bits of a number on average.</param>
/// <param name="Calibration">Its divergence on the calibration text.</param>
/// <param name="HeldOut">Its divergence on the rest of the text.</param>
/// <param name="HeldOutStderr">The standard error of that.</param>
/// <param name="Difference">The divergence of what was found less its own on the rest of the text.</param>
/// <param name="DifferenceStderr">The standard error of that over the chunks.</param>
/// <param name="Chosen">Whether nothing better was found.</param>
internal sealed record StandardMixResult(
    string Type,
    double BitsPerWeight,
    double Calibration,
    double HeldOut,
    double HeldOutStderr,
    double Difference,
    double DifferenceStderr,
    bool Chosen);
