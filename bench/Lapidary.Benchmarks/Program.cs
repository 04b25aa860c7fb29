using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;

namespace Lapidary.Benchmarks;

/// <summary>Runs the benchmarks that the arguments name; <c>--filter '*'</c> for all of them.</summary>
internal static class Program
{
    private static void Main(string[] arguments)
    {
        if (arguments is ["scoring", .. { Length: 6 } scoring])
        {
            ScoringRun.Execute(scoring);
            return;
        }

        // In this process: the default toolchain would write and restore a project of its own, which locked package versions refuse, and
        // would start each case with empty worker threads and cold pages of hundreds of megabytes of weights.
        Job job = Job.Default
            .WithToolchain(InProcessNoEmitToolchain.Instance)
            .WithWarmupCount(3)
            .WithIterationCount(9);
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(arguments, DefaultConfig.Instance.AddJob(job));
    }
}
