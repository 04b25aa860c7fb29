using Lapidary.Numerics.Threading;
using Shouldly;
using Xunit;

namespace Lapidary.Numerics.Tests.Threading;

public unsafe class WorkerPoolTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void Every_worker_runs_once_in_every_region(int threads)
    {
        using var pool = new WorkerPool(threads);
        int* counts = stackalloc int[threads];
        new Span<int>(counts, threads).Clear();
        var job = new CountingJob { Counts = counts };
        for (int region = 0; region < 500; region++)
        {
            // Now and then long enough for the workers to go to sleep.
            if (region % 250 == 249)
            {
                Thread.Sleep(20);
            }

            pool.Run(ref job);
        }

        new ReadOnlySpan<int>(counts, threads).ToArray().ShouldAllBe(count => count == 500);
    }

    [Fact]
    public void An_exception_of_a_worker_reaches_the_caller_and_the_pool_goes_on()
    {
        using var pool = new WorkerPool(3);
        for (int culprit = 0; culprit < 3; culprit++)
        {
            var failing = new FailingJob { Culprit = culprit };
            Should.Throw<InvalidDataException>(() => pool.Run(ref failing));
            var fine = new FailingJob { Culprit = -1 };
            Should.NotThrow(() => pool.Run(ref fine));
        }
    }

    [Fact]
    public void Regions_of_several_callers_take_turns()
    {
        using var pool = new WorkerPool(2);
        Parallel.For(0, 4, _ =>
        {
            int* counts = stackalloc int[2];
            counts[0] = counts[1] = 0;
            var job = new CountingJob { Counts = counts };
            for (int region = 0; region < 200; region++)
            {
                pool.Run(ref job);
            }

            counts[0].ShouldBe(200);
            counts[1].ShouldBe(200);
        });
    }

    [Fact]
    public void A_region_allocates_no_managed_memory()
    {
        using var pool = new WorkerPool(2);
        int* counts = stackalloc int[2];
        var job = new CountingJob { Counts = counts };
        pool.Run(ref job);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int region = 0; region < 100; region++)
        {
            pool.Run(ref job);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    private struct CountingJob : IParallelJob
    {
        public int* Counts;

        public readonly void Execute(int worker, int workers) => Counts[worker]++;
    }

    private struct FailingJob : IParallelJob
    {
        public int Culprit;

        public readonly void Execute(int worker, int workers)
        {
            if (worker == Culprit)
            {
                throw new InvalidDataException();
            }
        }
    }
}
