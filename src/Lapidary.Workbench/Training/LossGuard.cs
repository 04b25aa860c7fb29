using System.Globalization;
using System.Text.Json.Nodes;

namespace Lapidary.Workbench.Training;

/// <summary>
/// Stops a run that is lost: at once where the loss or the norm of the gradient is not finite, and after several spikes of the loss in a
/// row. Losses that count as spikes do not enter the window that they are measured against.
/// </summary>
public sealed class LossGuard
{
    private const int NamedExamples = 4;

    private readonly LossGuardOptions options;
    private readonly Queue<double> window = new();
    private int spikes;

    /// <summary>A guard that has seen nothing yet.</summary>
    public LossGuard(LossGuardOptions? options = null)
    {
        this.options = options ?? new LossGuardOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(this.options.Window, 2, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(this.options.WarmUp, this.options.Window, nameof(options));
    }

    /// <summary>Looks at a step before the optimizer takes it, so that weights that are still good stay so.</summary>
    /// <param name="step">The step, counted from 1.</param>
    /// <param name="loss">Loss of its batch in nats per target token.</param>
    /// <param name="gradientNorm">Norm of the whole gradient before clipping.</param>
    /// <param name="examples">File and line of the examples in its batch.</param>
    /// <param name="tensor">The first tensor whose gradient or value is not finite, where the caller has looked for it.</param>
    /// <exception cref="TrainingDivergedException">The run is lost.</exception>
    public void Check(
        long step, double loss, double gradientNorm, IReadOnlyList<(string File, int Line)> examples, string? tensor = null)
    {
        if (!double.IsFinite(loss))
        {
            throw Stop(step, $"the loss is {Name(loss)}", examples, tensor);
        }

        if (!double.IsFinite(gradientNorm))
        {
            throw Stop(step, $"the norm of the gradient is {Name(gradientNorm)}", examples, tensor);
        }

        (double mean, double deviation) = Statistics();
        bool isSpike = window.Count >= Math.Max(2, options.WarmUp)
            && loss > mean + (options.Deviations * deviation)
            && loss > mean * options.Factor
            && loss > mean + options.Rise;
        if (!isSpike)
        {
            spikes = 0;
            window.Enqueue(loss);
            if (window.Count > options.Window)
            {
                window.Dequeue();
            }

            return;
        }

        spikes++;
        if (options.Patience > 0 && spikes >= options.Patience)
        {
            string course = spikes == 1 ? $"the loss is {Number(loss)}" : $"the loss is {Number(loss)} and was as high for {spikes} steps";
            throw Stop(step, $"{course}, where the {window.Count} steps before had {Number(mean)} on average", examples, tensor);
        }
    }

    /// <summary>Forgets the losses so far: something has changed on purpose, and what comes cannot be measured against them.</summary>
    public void Forget()
    {
        spikes = 0;
        window.Clear();
    }

    /// <summary>The state, for a checkpoint.</summary>
    public JsonObject Save() => new()
    {
        ["spikes"] = spikes,
        ["losses"] = new JsonArray([.. window.Select(loss => JsonValue.Create(loss))]),
    };

    /// <summary>Goes on from a state; what is missing or of another kind in it is as at the beginning.</summary>
    public void Restore(JsonObject state)
    {
        spikes = state["spikes"] is JsonValue kept && kept.TryGetValue(out int count) ? Math.Max(0, count) : 0;
        window.Clear();
        foreach (JsonNode? item in state["losses"] as JsonArray ?? [])
        {
            if (window.Count < options.Window && item is JsonValue value && value.TryGetValue(out double loss) && double.IsFinite(loss))
            {
                window.Enqueue(loss);
            }
        }
    }

    // Computed anew each time, in the order of the steps: a resumed run must see the same bits.
    private (double Mean, double Deviation) Statistics()
    {
        double sum = 0;
        foreach (double loss in window)
        {
            sum += loss;
        }

        double mean = sum / Math.Max(1, window.Count);
        double squares = 0;
        foreach (double loss in window)
        {
            squares += (loss - mean) * (loss - mean);
        }

        return (mean, Math.Sqrt(squares / Math.Max(1, window.Count - 1)));
    }

    private static TrainingDivergedException Stop(
        long step, string reason, IReadOnlyList<(string File, int Line)> examples, string? tensor)
    {
        string sentence = string.Create(CultureInfo.InvariantCulture, $"training diverged at step {step}: {reason}");
        if (tensor is not null)
        {
            sentence += $"; the first tensor that is not finite is {tensor}";
        }

        if (examples.Count > 0)
        {
            IEnumerable<string> named = examples.Take(NamedExamples).Select(example => $"{example.File}:{example.Line}");
            string more = examples.Count > NamedExamples ? $" and {examples.Count - NamedExamples} more" : string.Empty;
            sentence += $"; its batch holds {string.Join(", ", named)}{more}";
        }

        return new TrainingDivergedException(step, sentence);
    }

    private static string Name(double value) => double.IsNaN(value) ? "not a number" : "infinite";

    private static string Number(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);
}
