using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Models;
using Lapidary.Cli.Output;
using Lapidary.Inference;
using Lapidary.Numerics.Simd;
using Lapidary.Workbench.Evaluation.Energy;
using Lapidary.Workbench.Training;

namespace Lapidary.Cli.Commands;

/// <summary><c>lapidary bench</c>: tokens per second for prompts and for generation, in the manner of llama-bench.</summary>
internal sealed class BenchCommand : ToolCommand
{
    private readonly Argument<string> model = CommonOptions.Model();
    private readonly AdapterInput adapters = AdapterInput.ForUse();
    private readonly Option<int[]> prompts = Sizes("--prompt-tokens", "Lengths of the prompts, 0 for none; 128,512 where it is left out.", 0, "-p");
    private readonly Option<int[]> generated = Sizes("--gen-tokens", "Numbers of tokens to generate, 0 for none; 64 where it is left out.", 0, "-n");
    private readonly Option<int[]> depths = Sizes("--depth", "Generate behind this many tokens; 0 where it is left out.", 0, "-d");
    private readonly Option<int[]> threads = Sizes("--threads", "Numbers of threads; as many as there are processors where it is left out.", 1, "-t");
    private readonly Option<int> repetitions = Values.Integer("--repetitions", "How often each test is timed.", 1, 1000, 5, "-r");
    private readonly Option<int> chunk = CommonOptions.Chunk();
    private readonly Option<long> seed = CommonOptions.Seed();
    private readonly Option<bool> exact = new("--exact") { Description = "Generate with the kernels of the prompt." };
    private readonly Option<bool> sparse = new("--sparse")
    {
        Description = "Measure a pruned model twice in alternation: as it is, and with its matrices kept without their zeros.",
    };

    public BenchCommand()
        : base(
            "bench",
            "Measure tokens per second for prompts and for generation.",
            "lapidary bench",
            "lapidary bench model.gguf -p 128,512 -n 64 -d 0,512 -t 1,2 -r 5 --json",
            "lapidary bench pruned --sparse -p 0 -n 64")
    {
        Arguments.Add(model);
        foreach (Option option in new Option[] { prompts, generated, depths, threads, repetitions, chunk, seed, exact, sparse })
        {
            Options.Add(option);
        }

        adapters.AddTo(this);
    }

    public override IReadOnlyList<string>? StepExtensions => [];

    protected override void Execute(Invocation invocation)
    {
        string name = invocation.Get(model)!;
        string path = ModelLocator.Find(name);
        BenchTest[] tests = BenchTest.Plan(
            invocation.Get(prompts, [128, 512]), invocation.Get(generated, [64]), invocation.Get(depths, [0]));
        if (tests.Length == 0)
        {
            throw RequestException.Expected(Name, "a length above 0 after -p or -n", "only zeros");
        }

        int[] counts = [.. invocation.Get(threads, [Environment.ProcessorCount]).Distinct()];
        if (counts.Any(count => count > 1024))
        {
            throw RequestException.Expected("--threads", "whole numbers from 1 to 1024", $"'{counts.Max()}'");
        }

        using var meter = new EnergyMeter();
        var results = new List<BenchMeasurement>();
        double load = 0;
        BenchResult? summary = null;
        invocation.Kept = "nothing was measured to the end";
        ProgressBar.Run("bench", progress =>
        {
            SparseBench? comparison = null;
            if (invocation.Get(sparse))
            {
                comparison = new SparseBench(packed => Open(invocation, path, counts[0], packed), invocation.Get(seed));
                comparison.MeasureFootprints(tests, invocation.Cancellation);
            }

            for (int i = 0; i < counts.Length; i++)
            {
                var watch = Stopwatch.StartNew();
                using LanguageModel language = Open(invocation, path, counts[i], packed: false);
                int needed = tests.Max(test => test.Positions);
                ContextLimit.Check(language.ContextLength, needed, "-p, -n and -d");
                using InferenceSession session = language.CreateSession(needed);
                load = i == 0 ? watch.Elapsed.TotalSeconds : load;
                using LanguageModel? packed = comparison is null ? null : Open(invocation, path, counts[i], packed: true);
                using InferenceSession? packedSession = packed?.CreateSession(needed);
                var bench = new Bench(
                    packedSession is null ? [session] : [session, packedSession],
                    meter,
                    language.Config.VocabularySize,
                    invocation.Get(seed),
                    invocation.Get(repetitions));
                foreach ((int index, BenchTest test) in tests.Index())
                {
                    BenchMeasurement[] measured = bench.Measure(test, counts[i], invocation.Cancellation);
                    results.Add(measured[0]);
                    comparison?.Add(measured[0], measured[^1]);
                    progress.Report((double)((i * tests.Length) + index + 1) / (counts.Length * tests.Length));
                }

                SparseBenchResult? compared = comparison?.Result(packed!.Sparse!, bench.LargestDifference);
                summary = Summary(invocation, name, language, load, results, meter.Read().Reason, compared);
            }
        });
        invocation.Present(summary!, ResultJson.Default.BenchResult, report => Draw(report, summary!));
    }

    private LanguageModel Open(Invocation invocation, string path, int threadCount, bool packed) => LanguageModel.Open(path, new InferenceOptions
    {
        Threads = threadCount,
        Exact = invocation.Get(exact),
        Sparse = packed,
        ChunkSize = invocation.Get(chunk),
        Adapters = adapters.Read(invocation),
    });

    private BenchResult Summary(
        Invocation invocation,
        string name,
        LanguageModel language,
        double load,
        IReadOnlyList<BenchMeasurement> results,
        string? energyUnavailable,
        SparseBenchResult? compared) => new(
        name,
        adapters.Report(invocation),
        string.Join(", ", ModelSummary.Types(language.Checkpoint).Select(type => type.Type)),
        language.WeightBytes,
        ModelSummary.Parameters(language.Checkpoint).Total,
        VectorDispatch.InstructionSet,
        Environment.ProcessorCount,
        invocation.Get(repetitions),
        invocation.Get(seed),
        invocation.Get(exact),
        load,
        MachineMemory.Read().PeakBytes,
        energyUnavailable,
        results,
        compared);

    private static void Draw(TextReport report, BenchResult result)
    {
        string title = result.Model + string.Concat(result.Adapters?.Select(AdapterInput.Describe) ?? []);
        (string, string)[] heading =
        [
            ("model", $"{title} ({result.Types}, {Units.Count(result.Parameters)} parameters, {Units.Bytes(result.WeightBytes)})"),
            ("machine", $"{result.InstructionSet}, {result.Processors} processors"),
        ];
        if (result.Sparse is { } compared)
        {
            SparseBench.Draw(report, heading, result, compared);
            return;
        }

        report.Pairs(
        [
            .. heading,
            ("load", $"{result.LoadSeconds:0.000} s"),
            ("peak memory", Units.Bytes(result.PeakMemoryBytes)),
            ("energy", result.EnergyUnavailable is { } reason ? $"not measured: {reason}" : "of the processor packages"),
        ]);
        report.Line();
        report.Table(
            ["test", ">threads", ">tokens/s", ">min", ">max", .. Energy(result, ">J/token")],
            result.Results.Select(line => (string[])
            [
                line.Test,
                $"{line.Threads}",
                Units.Rate(line.TokensPerSecond.Median),
                Units.Rate(line.TokensPerSecond.Minimum),
                Units.Rate(line.TokensPerSecond.Maximum),
                .. Energy(result, line.JoulesPerToken?.ToString("0.0000", CultureInfo.InvariantCulture) ?? "-"),
            ]));
    }

    // The column is there where the energy was measured.
    private static string[] Energy(BenchResult result, string cell) => result.EnergyUnavailable is null ? [cell] : [];

    private static Option<int[]> Sizes(string name, string description, int minimum, string alias) =>
        Values.IntegerList(
            name, description, minimum, 1 << 24, $"whole numbers of at least {minimum}, separated by commas", alias);
}
