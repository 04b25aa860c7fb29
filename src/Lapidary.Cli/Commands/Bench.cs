using System.Diagnostics;
using Lapidary.Cli.Output;
using Lapidary.Inference;
using Lapidary.Workbench.Evaluation.Energy;

namespace Lapidary.Cli.Commands;

/// <summary>One thing to time: a prompt, or tokens generated behind a number of others.</summary>
internal readonly record struct BenchTest(int Prompt, int Generated, int Depth)
{
    /// <summary>As llama-bench names it.</summary>
    public string Name => Generated == 0 ? $"pp{Prompt}" : Depth == 0 ? $"tg{Generated}" : $"tg{Generated}@d{Depth}";

    /// <summary>Positions that the session needs.</summary>
    public int Positions => Prompt + Generated + Depth;

    /// <summary>All prompts, then all generations at all depths; zeros are left out.</summary>
    public static BenchTest[] Plan(int[] prompts, int[] generated, int[] depths) =>
    [
        .. prompts.Where(prompt => prompt > 0).Select(prompt => new BenchTest(prompt, 0, 0)),
        .. from depth in depths from count in generated where count > 0 select new BenchTest(0, count, depth),
    ];
}

/// <summary>
/// Times the tests on one session, or on several in turn, so that a busy minute of the machine meets all of them. The ids are random: what
/// they are does not change the work.
/// </summary>
internal sealed class Bench(IReadOnlyList<InferenceSession> sessions, EnergyMeter meter, int vocabulary, long seed, int repetitions)
{
    // The just-in-time compiler replaces its first code 100 ms after the last method was new.
    private const int WarmUpRuns = 2;
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(300);

    /// <summary>The largest difference between the last logits of the first session and those of another, over all tests.</summary>
    public double LargestDifference { get; private set; }

    /// <summary>Warms up with at least two runs, then times the test several times; gives a measurement for each session.</summary>
    public BenchMeasurement[] Measure(BenchTest test, int threads, CancellationToken cancellation)
    {
        int[] ids = Ids(test);

        // The first run pages the weights in and has the just-in-time compiler find out what is hot; it compiles that beside the second.
        var watch = Stopwatch.StartNew();
        for (int run = 0; run < WarmUpRuns || watch.Elapsed < WarmUp; run++)
        {
            foreach (InferenceSession session in sessions)
            {
                Once(session, test, ids, cancellation);
            }
        }

        double[][] seconds = [.. sessions.Select(_ => new double[repetitions])];
        double?[] joules = [.. sessions.Select(_ => (double?)0)];
        float[]? logits = null;
        for (int i = 0; i < repetitions; i++)
        {
            for (int at = 0; at < sessions.Count; at++)
            {
                (seconds[at][i], double? taken) = Once(sessions[at], test, ids, cancellation);
                joules[at] += taken;
            }
        }

        for (int at = 0; sessions.Count > 1 && at < sessions.Count; at++)
        {
            ReadOnlySpan<float> last = LastLogits(sessions[at], test, ids);
            LargestDifference = Math.Max(LargestDifference, logits is null ? 0 : Difference(logits, last));
            logits ??= last.ToArray();
        }

        return [.. seconds.Select((times, at) => Result(test, threads, times, joules[at]))];
    }

    /// <summary>Runs a test once without timing it.</summary>
    public void Warm(BenchTest test, CancellationToken cancellation)
    {
        foreach (InferenceSession session in sessions)
        {
            Once(session, test, Ids(test), cancellation);
        }
    }

    private BenchMeasurement Result(BenchTest test, int threads, double[] seconds, double? joules)
    {
        double tokens = test.Prompt + test.Generated;
        double[] rates = [.. seconds.Select(time => tokens / time).Order()];
        double median = (rates[(rates.Length - 1) / 2] + rates[rates.Length / 2]) / 2;
        return new BenchMeasurement(
            test.Name, test.Prompt, test.Generated, test.Depth, threads, new RateResult(median, rates[0], rates[^1]), seconds, joules / (tokens * repetitions));
    }

    // Seeded per test, so that a test is the same whichever others run beside it.
    private int[] Ids(BenchTest test)
    {
        var random = new Random(HashCode(seed, test));
        int[] ids = new int[test.Positions];
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = random.Next(vocabulary);
        }

        return ids;
    }

    // A run again, because a session's logits are gone with the next pass; short enough not to matter.
    private static ReadOnlySpan<float> LastLogits(InferenceSession session, BenchTest test, ReadOnlySpan<int> ids)
    {
        session.Reset();
        if (test.Prompt > 0)
        {
            return session.Process(ids);
        }

        if (test.Depth > 0)
        {
            session.Process(ids[..test.Depth]);
        }

        ReadOnlySpan<float> logits = default;
        foreach (int id in ids[test.Depth..])
        {
            logits = session.Decode(id);
        }

        return logits;
    }

    private static double Difference(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        double largest = 0;
        for (int i = 0; i < left.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs((double)left[i] - right[i]));
        }

        return largest;
    }

    private (double Seconds, double? Joules) Once(
        InferenceSession session, BenchTest test, ReadOnlySpan<int> ids, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        session.Reset();
        if (test.Depth > 0)
        {
            session.Process(ids[..test.Depth]);
        }

        double? before = meter.Read().Joules;
        var watch = Stopwatch.StartNew();
        if (test.Prompt > 0)
        {
            session.Process(ids[test.Depth..]);
        }
        else
        {
            foreach (int id in ids[test.Depth..])
            {
                cancellation.ThrowIfCancellationRequested();
                session.Decode(id);
            }
        }

        double seconds = Math.Max(watch.Elapsed.TotalSeconds, 1e-9);
        return (seconds, meter.Read().Joules - before);
    }

    private static int HashCode(long seed, BenchTest test) =>
        unchecked((int)((seed * 1_000_003) + (test.Prompt * 8191L) + (test.Generated * 131L) + test.Depth));
}
