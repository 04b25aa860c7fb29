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
    public void Every_piece_of_every_region_is_done_once(int threads)
    {
        const int Pieces = 20;
        using var pool = new WorkerPool(threads);
        int* counts = stackalloc int[Pieces];
        new Span<int>(counts, Pieces).Clear();
        for (int region = 0; region < 500; region++)
        {
            // Now and then long enough for the workers to go to sleep.
            if (region % 250 == 249)
            {
                Thread.Sleep(20);
            }

            var job = new CountingJob { Counts = counts, Pieces = Pieces };
            pool.Run(ref job);
            new ReadOnlySpan<int>(counts, Pieces).ToArray().ShouldAllBe(count => count == region + 1);
        }
    }

    [Fact]
    public void The_other_workers_do_take_part()
    {
        using var pool = new WorkerPool(2);
        int* taken = stackalloc int[2];
        for (int attempt = 0; attempt < 1000; attempt++)
        {
            taken[0] = taken[1] = 0;
            var job = new SlowJob { TakenBy = taken };
            pool.Run(ref job);
            if (taken[1] > 0)
            {
                return;
            }
        }

        Assert.Fail("the second worker never took a piece");
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
    public void A_pool_can_be_disposed_right_after_a_region()
    {
        int* counts = stackalloc int[2];
        for (int i = 0; i < 300; i++)
        {
            using var pool = new WorkerPool(5);
            var job = new CountingJob { Counts = counts, Pieces = 2 };
            pool.Run(ref job);
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
            for (int region = 0; region < 200; region++)
            {
                var job = new CountingJob { Counts = counts, Pieces = 2 };
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
        var job = new CountingJob { Counts = counts, Pieces = 2 };
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
        public int Pieces;
        private int next;

        public void Execute(int worker, int workers)
        {
            for (int piece; (piece = Interlocked.Increment(ref next) - 1) < Pieces;)
            {
                Interlocked.Increment(ref Counts[piece]);
            }
        }
    }

    private struct SlowJob : IParallelJob
    {
        public int* TakenBy;
        private int next;

        public void Execute(int worker, int workers)
        {
            while (Interlocked.Increment(ref next) <= 10)
            {
                TakenBy[worker]++;
                Thread.SpinWait(1000);
            }
        }
    }

    /// <summary>The culprit-th piece fails, whoever takes it.</summary>
    private struct FailingJob : IParallelJob
    {
        public int Culprit;
        private int next;

        public void Execute(int worker, int workers)
        {
            for (int piece; (piece = Interlocked.Increment(ref next) - 1) < 3;)
            {
                if (piece == Culprit)
                {
                    throw new InvalidDataException();
                }
            }
        }
    }
}
