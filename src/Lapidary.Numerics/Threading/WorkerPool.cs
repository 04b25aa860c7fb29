using System.Runtime.CompilerServices;
using Lapidary.Numerics.Memory;

namespace Lapidary.Numerics.Threading;

/// <summary>
/// A fixed set of threads for very short parallel regions. One token of a small model has about a hundred regions of a few
/// microseconds each, so workers spin for a while before they park: an empty region costs about 0.3 microseconds when the workers are
/// awake, where <see cref="Parallel"/> costs several. The calling thread is worker 0. It does not wait for workers that have not come
/// when the work is done, so that a busy machine costs no more than the help of its other cores.
/// </summary>
public sealed unsafe class WorkerPool : IDisposable
{
    // About half a millisecond of PAUSE: longer than the serial gaps inside a token, shorter than what a user would notice as load.
    private const int SpinsBeforePark = 20_000;

    // A waiting caller gives its core away after this many spins, so that more threads than cores still make progress.
    private const int SpinsBeforeYield = 4_000;

    private readonly Thread[] threads;
    private readonly Sleeper[] sleepers;
    private readonly Lock oneRegionAtATime = new();
    private readonly NativeMemoryBlock?[] scratch;
    private readonly int spinsBeforePark;
    private Gate gate;
    private delegate*<void*, int, int, void> body;
    private void* state;
    private Exception? failure;
    private volatile bool stopping;

    /// <summary>Starts a pool of <paramref name="threadCount"/> workers, the caller among them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is not between 1 and 1024.</exception>
    public WorkerPool(int threadCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threadCount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threadCount, 1024);
        ThreadCount = threadCount;
        // Spinning workers on an overcommitted machine only keep the ones with work from running.
        spinsBeforePark = threadCount <= Environment.ProcessorCount ? SpinsBeforePark : 100;
        scratch = new NativeMemoryBlock?[threadCount];
        threads = new Thread[threadCount - 1];
        sleepers = new Sleeper[threadCount];
        for (int i = 0; i < threads.Length; i++)
        {
            int worker = i + 1;
            sleepers[worker] = new Sleeper();
            threads[i] = new Thread(() => Work(worker)) { IsBackground = true, Name = $"Lapidary worker {worker}" };
            threads[i].Start();
        }
    }

    /// <summary>Number of workers, the calling thread among them.</summary>
    public int ThreadCount { get; }

    /// <summary>
    /// Runs <paramref name="job"/> on the caller and on every worker that is free, and returns when all of its work is done. An
    /// exception of any worker is thrown here. Allocates nothing. Calls from several threads take turns; a job must not start another
    /// region on the same pool.
    /// </summary>
    public void Run<TJob>(ref TJob job)
        where TJob : struct, IParallelJob
    {
        if (ThreadCount == 1)
        {
            job.Execute(0, 1);
            return;
        }

        lock (oneRegionAtATime)
        {
            // The job lives on the caller's stack for the whole region.
            state = Unsafe.AsPointer(ref job);
            body = &Invoke<TJob>;
            RunRegion();
        }
    }

    /// <summary>Makes sure that each worker has <paramref name="byteLength"/> bytes of scratch memory; call outside a region.</summary>
    public void EnsureScratch(long byteLength)
    {
        lock (oneRegionAtATime)
        {
            for (int i = 0; i < scratch.Length; i++)
            {
                if (scratch[i] is null || scratch[i]!.ByteLength < byteLength)
                {
                    scratch[i]?.Dispose();
                    scratch[i] = new NativeMemoryBlock(byteLength);
                }
            }
        }
    }

    /// <summary>The scratch memory of a worker, valid until the region ends. Contents are undefined.</summary>
    public byte* Scratch(int worker) => scratch[worker]!.Pointer;

    /// <summary>Stops the threads and frees the scratch memory.</summary>
    public void Dispose()
    {
        if (stopping)
        {
            return;
        }

        stopping = true;
        gate.Advance();
        WakeSleepers();
        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        foreach (NativeMemoryBlock? block in scratch)
        {
            block?.Dispose();
        }

        foreach (Sleeper? sleeper in sleepers)
        {
            sleeper?.Dispose();
        }
    }

    private static void Invoke<TJob>(void* state, int worker, int workers)
        where TJob : struct, IParallelJob
        => Unsafe.AsRef<TJob>(state).Execute(worker, workers);

    private void RunRegion()
    {
        ObjectDisposedException.ThrowIf(stopping, this);
        gate.Open();
        WakeSleepers();
        Guarded(0);
        gate.Close();
        int spins = 0;
        while (!gate.IsEmpty)
        {
            Pause(ref spins);
        }

        if (failure is { } thrown)
        {
            failure = null;
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(thrown);
        }
    }

    private void Work(int worker)
    {
        int seen = 0;
        while (true)
        {
            int spins = 0;
            while (gate.Generation == seen && !stopping)
            {
                if (++spins < spinsBeforePark)
                {
                    Thread.SpinWait(1);
                    continue;
                }

                sleepers[worker].Announce();
                if (gate.Generation == seen && !stopping)
                {
                    sleepers[worker].Sleep();
                }
                else
                {
                    sleepers[worker].StayAwake();
                }

                spins = 0;
            }

            if (stopping)
            {
                return;
            }

            if (gate.TryEnter(out seen))
            {
                Guarded(worker);
                gate.Leave();
            }
        }
    }

    private void WakeSleepers()
    {
        for (int worker = 1; worker < sleepers.Length; worker++)
        {
            sleepers[worker].Wake();
        }
    }

    private void Guarded(int worker)
    {
        try
        {
            body(state, worker, ThreadCount);
        }
        catch (Exception thrown)
        {
            Interlocked.CompareExchange(ref failure, thrown, null);
        }
    }

    private void Pause(ref int spins)
    {
        if (++spins < SpinsBeforeYield && ThreadCount <= Environment.ProcessorCount)
        {
            Thread.SpinWait(1);
        }
        else
        {
            Thread.Yield();
        }
    }

    /// <summary>
    /// The door of the current region, one number on cache lines of its own: bits 0 to 15 count the workers inside, bit 16 says that it
    /// is open, the upper half numbers the regions. A worker reads the job only while it is inside.
    /// </summary>
    [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Explicit, Size = 256)]
    private struct Gate
    {
        private const long OpenBit = 1 << 16;

        [System.Runtime.InteropServices.FieldOffset(128)]
        private long state;

        public readonly int Generation => (int)(Volatile.Read(in state) >> 32);

        public readonly bool IsEmpty => (Volatile.Read(in state) & (OpenBit - 1)) == 0;

        public void Open() => Interlocked.Exchange(ref state, ((long)(Generation + 1) << 32) | OpenBit);

        /// <summary>Counts one region further without opening: a worker that looks now finds nothing to enter.</summary>
        public void Advance() => Interlocked.Exchange(ref state, (long)(Generation + 1) << 32);

        public void Close() => Interlocked.And(ref state, ~OpenBit);

        public bool TryEnter(out int generation)
        {
            while (true)
            {
                long now = Volatile.Read(in state);
                generation = (int)(now >> 32);
                if ((now & OpenBit) == 0)
                {
                    return false;
                }

                if (Interlocked.CompareExchange(ref state, now + 1, now) == now)
                {
                    return true;
                }
            }
        }

        public void Leave() => Interlocked.Decrement(ref state);
    }

    /// <summary>
    /// The bed of one worker. Each has its own: with a common semaphore, a worker that has finished early could take the wake-up call
    /// that was meant for another.
    /// </summary>
    private sealed class Sleeper : IDisposable
    {
        private readonly SemaphoreSlim semaphore = new(0);
        private int announced;

        /// <summary>The worker is about to sleep: from now on <see cref="Wake"/> makes a call that has to be answered.</summary>
        public void Announce() => Interlocked.Exchange(ref announced, 1);

        /// <summary>Sleeps until the call comes.</summary>
        public void Sleep() => semaphore.Wait();

        /// <summary>Takes the announcement back, or answers the call that has come in between.</summary>
        public void StayAwake()
        {
            if (Interlocked.Exchange(ref announced, 0) == 0)
            {
                semaphore.Wait();
            }
        }

        public void Wake()
        {
            if (Volatile.Read(ref announced) != 0 && Interlocked.Exchange(ref announced, 0) != 0)
            {
                semaphore.Release();
            }
        }

        public void Dispose() => semaphore.Dispose();
    }
}
