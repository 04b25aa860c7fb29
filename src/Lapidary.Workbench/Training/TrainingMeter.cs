using System.Text.Json.Nodes;

namespace Lapidary.Workbench.Training;

/// <summary>
/// Makes of the numbers of single steps what a person wants to see: smoothed loss, speed, time that is left, and the summary at the end.
/// Its state goes into a checkpoint, so that a resumed run goes on with the same averages and the time of all its processes.
/// </summary>
public sealed class TrainingMeter
{
    private const double LossDecay = 0.98;
    private const double SpeedDecay = 0.9;

    private readonly long totalSteps;
    private readonly TimeProvider clock;
    private readonly long started;
    private readonly ExponentialAverage loss = new(LossDecay);
    private readonly ExponentialAverage stepSeconds = new(SpeedDecay);
    private readonly ExponentialAverage stepTokens = new(SpeedDecay);
    private double earlierSeconds;
    private double? firstLoss;
    private double? validationLoss;
    private double? bestLoss;
    private long? bestStep;
    private long peakBytes;
    private long steps;
    private long tokens;

    /// <summary>Starts the clock.</summary>
    /// <param name="totalSteps">Steps that the run is to have.</param>
    /// <param name="clock">Tells the time; the system's where left out.</param>
    public TrainingMeter(long totalSteps, TimeProvider? clock = null)
    {
        this.totalSteps = totalSteps;
        this.clock = clock ?? TimeProvider.System;
        started = this.clock.GetTimestamp();
    }

    /// <summary>Seconds since the beginning of the run, over all its processes.</summary>
    public double Seconds => earlierSeconds + clock.GetElapsedTime(started).TotalSeconds;

    /// <summary>Tokens that the network has seen.</summary>
    public long Tokens => tokens;

    /// <summary>A step of the optimizer is done.</summary>
    /// <param name="step">Steps that are done.</param>
    /// <param name="epoch">Passes over the data, with their fraction.</param>
    /// <param name="batchLoss">Loss of the step in nats per target token.</param>
    /// <param name="learningRate">Its learning rate.</param>
    /// <param name="gradientNorm">Norm of the whole gradient before clipping.</param>
    /// <param name="tokensOfStep">Tokens in its batch.</param>
    /// <param name="seconds">What the step took, without validation and checkpoints.</param>
    public TrainingProgress Step(
        long step, double epoch, double batchLoss, double learningRate, double gradientNorm, long tokensOfStep, double seconds)
    {
        steps = step;
        tokens += tokensOfStep;
        firstLoss ??= batchLoss;
        loss.Add(batchLoss);
        stepSeconds.Add(seconds);
        stepTokens.Add(tokensOfStep);
        long resident = MachineMemory.Read().ResidentBytes;
        peakBytes = Math.Max(peakBytes, resident);
        return new TrainingProgress(
            step,
            totalSteps,
            epoch,
            batchLoss,
            loss.Value,
            learningRate,
            gradientNorm,
            stepSeconds.Value > 0 ? stepTokens.Value / stepSeconds.Value : 0,
            TimeSpan.FromSeconds(Seconds),
            TimeSpan.FromSeconds(Math.Clamp((totalSteps - step) * stepSeconds.Value, 0, TimeSpan.MaxValue.TotalSeconds / 2)),
            resident,
            validationLoss);
    }

    /// <summary>A validation is done.</summary>
    /// <param name="latest">The report of the step that it belongs to.</param>
    /// <param name="meanLoss">Its loss in nats per target token.</param>
    /// <returns>The report with the loss in it, and whether it is the lowest so far.</returns>
    public (TrainingProgress Progress, bool IsBest) Validation(TrainingProgress latest, double meanLoss)
    {
        validationLoss = meanLoss;
        bool isBest = double.IsFinite(meanLoss) && !(meanLoss >= bestLoss);
        if (isBest)
        {
            (bestLoss, bestStep) = (meanLoss, latest.Step);
        }

        return (latest with { ValidationLoss = meanLoss, IsValidation = true, Elapsed = TimeSpan.FromSeconds(Seconds) }, isBest);
    }

    /// <summary>What the run has done.</summary>
    /// <param name="files">Files and folders that were written.</param>
    public TrainingSummary Summary(IReadOnlyList<string> files) => new(
        steps,
        tokens,
        Seconds,
        Seconds > 0 ? tokens / Seconds : 0,
        firstLoss,
        steps > 0 ? loss.Value : null,
        bestLoss,
        bestStep,
        Math.Max(peakBytes, MachineMemory.Read().PeakBytes),
        files);

    /// <summary>The state, for a checkpoint.</summary>
    public JsonObject Save() => new()
    {
        ["seconds"] = Seconds,
        ["steps"] = steps,
        ["tokens"] = tokens,
        ["loss_sum"] = loss.Sum,
        ["loss_weight"] = loss.Weight,
        ["first_loss"] = Finite(firstLoss),
        ["validation_loss"] = Finite(validationLoss),
        ["best_loss"] = bestLoss,
        ["best_step"] = bestStep,
        ["peak_bytes"] = peakBytes,
    };

    /// <summary>Goes on from a state; members that are missing or of another kind are as at the beginning.</summary>
    public void Restore(JsonObject state)
    {
        earlierSeconds = Math.Max(0, Number("seconds") ?? 0);
        steps = Whole("steps") ?? 0;
        tokens = Whole("tokens") ?? 0;
        loss.Restore(Number("loss_sum") ?? 0, Math.Clamp(Number("loss_weight") ?? 0, 0, 1));
        firstLoss = Number("first_loss");
        validationLoss = Number("validation_loss");
        bestLoss = Number("best_loss");
        bestStep = Whole("best_step");
        peakBytes = Whole("peak_bytes") ?? 0;

        double? Number(string name) =>
            state[name] is JsonValue value && value.TryGetValue(out double number) && double.IsFinite(number) ? number : null;

        long? Whole(string name) => state[name] is JsonValue value && value.TryGetValue(out long number) && number >= 0 ? number : null;
    }

    private static double? Finite(double? value) => value is double number && double.IsFinite(number) ? number : null;
}
