using System.Diagnostics;
using System.Globalization;
using Lapidary.Cli.Models;
using Lapidary.Cli.Output;
using Lapidary.Inference;
using Lapidary.Networks;
using Lapidary.Workbench.Evaluation.Energy;
using Lapidary.Workbench.Training;

namespace Lapidary.Cli.Commands;

/// <summary>The comparison of <c>bench --sparse</c>: a model as it is beside the same model with its matrices packed.</summary>
/// <param name="open">Opens the model; true for packed.</param>
/// <param name="seed">Seed of the ids.</param>
internal sealed class SparseBench(Func<bool, LanguageModel> open, long seed)
{
    private readonly List<BenchMeasurement> results = [];
    private readonly List<double> ratios = [];
    private FootprintResult? dense;
    private FootprintResult? packed;
    private double largestDifference;

    /// <summary>
    /// Measures start and memory of both, each alone in the process. What the first leaves behind counts against the second, hence the packed
    /// one comes second.
    /// </summary>
    public void MeasureFootprints(BenchTest[] tests, CancellationToken cancellation)
    {
        dense = Footprint(packed: false, tests, cancellation);
        packed = Footprint(packed: true, tests, cancellation);
    }

    /// <summary>Takes the paired measurements of a test.</summary>
    public void Add(BenchMeasurement denseResult, BenchMeasurement packedResult)
    {
        results.Add(packedResult);
        double[] pairs = [.. denseResult.SampleSeconds.Zip(packedResult.SampleSeconds, (left, right) => left / right).Order()];
        ratios.Add((pairs[(pairs.Length - 1) / 2] + pairs[pairs.Length / 2]) / 2);
    }

    /// <summary>Everything so far.</summary>
    /// <param name="summary">What was packed.</param>
    /// <param name="difference">The largest difference between logits that the sessions in use have seen.</param>
    public SparseBenchResult Result(SparseSummary summary, double difference)
    {
        largestDifference = Math.Max(largestDifference, difference);
        return new SparseBenchResult(
            summary.Matrices,
            summary.Sparsity,
            summary.Bytes,
            summary.DenseBytes,
            dense!,
            packed!,
            [.. results],
            [.. ratios],
            largestDifference);
    }

    /// <summary>The comparison as a person reads it, below what is said of every model.</summary>
    public static void Draw(TextReport report, (string Name, string Value)[] heading, BenchResult result, SparseBenchResult compared)
    {
        report.Pairs(
        [
            .. heading,
            ("packed", compared.Matrices == 0
                ? "nothing: no matrix has zeros enough to gain"
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"{compared.Matrices} matrices with {compared.Sparsity:0.0%} zeros, {Units.Bytes(compared.PackedBytes)} in place of {Units.Bytes(compared.DenseBytes)}")),
            ("dense", Describe(compared.Dense)),
            ("sparse", Describe(compared.Packed)),
            ("logits", string.Create(CultureInfo.InvariantCulture, $"differ by {compared.LargestLogitDifference:0.0######} at most")),
        ]);
        report.Line();
        report.Table(
            ["test", ">threads", ">dense tokens/s", ">sparse tokens/s", ">ratio"],
            result.Results.Select((line, at) => (string[])
            [
                line.Test,
                $"{line.Threads}",
                Units.Rate(line.TokensPerSecond.Median),
                Units.Rate(compared.Results[at].TokensPerSecond.Median),
                compared.Ratios[at].ToString("0.00", CultureInfo.InvariantCulture),
            ]));
    }

    private static string Describe(FootprintResult footprint)
    {
        string peak = footprint.PeakBytes is { } bytes ? $", at most {Units.Bytes(bytes)}" : string.Empty;
        return string.Create(
            CultureInfo.InvariantCulture, $"start {footprint.LoadSeconds:0.000} s, resident {Units.Bytes(footprint.ResidentBytes)}{peak}");
    }

    private FootprintResult Footprint(bool packed, BenchTest[] tests, CancellationToken cancellation)
    {
        GC.Collect();
        bool known = PeakMemory.TryReset();
        var watch = Stopwatch.StartNew();
        using LanguageModel language = open(packed);
        int needed = tests.Max(test => test.Positions);
        ContextLimit.Check(language.ContextLength, needed, "-p, -n and -d");
        using InferenceSession session = language.CreateSession(needed);
        double load = watch.Elapsed.TotalSeconds;
        using var meter = new EnergyMeter();
        var bench = new Bench([session], meter, language.Config.VocabularySize, seed, repetitions: 1);
        foreach (BenchTest test in tests)
        {
            bench.Warm(test, cancellation);
        }

        MachineMemory memory = MachineMemory.Read();
        return new FootprintResult(load, memory.ResidentBytes, known ? memory.PeakBytes : null);
    }
}
