using System.Runtime.CompilerServices;
using Lapidary.Inference.Sampling;

namespace Lapidary.Inference.Generation;

/// <summary>
/// The decode loop: every generation goes through it, alone or beside others. Sequences join and leave between any two steps. One step
/// takes a chunk of the prompts that have yet to be processed, then one token of every sequence that is being generated.
/// </summary>
/// <remarks>
/// The tokens of a sequence are the same bits whatever is generated beside it: each row of a batch is computed as it would be alone,
/// and each sequence has its own random numbers. The loop runs on the thread pool while there is something to do. When a sequence ends,
/// its keys and values stay; a request whose prompt begins with the same tokens processes only the others. With fast decoding those
/// were computed by other kernels than a prompt's are, and the results agree within rounding; with <see cref="InferenceOptions.Exact"/>
/// they are the same bits.
/// </remarks>
public sealed class TokenGenerator : IDisposable
{
    private readonly LanguageModel model;
    private readonly Lock state = new();
    private readonly Queue<ActiveGeneration> waiting = new();
    private readonly List<ActiveGeneration> active = [];
    private readonly List<SequenceSlot> slots = [];
    private readonly SamplingMemory memory;
    private readonly GenerationPass pass;
    private readonly int maxSequences;
    private long requests;
    private Task loop = Task.CompletedTask;
    private bool running;
    private bool disposed;

    /// <summary>A generator over <paramref name="model"/>, which must outlive it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A limit is below 1, or the context is longer than the model's.</exception>
    public TokenGenerator(LanguageModel model, TokenGeneratorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new TokenGeneratorOptions();
        ContextLength = options.ContextLength ?? model.ContextLength;
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxSequences, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(ContextLength, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ContextLength, model.ContextLength, nameof(options));
        this.model = model;
        maxSequences = options.MaxSequences;
        memory = new SamplingMemory(model.Config.VocabularySize);
        pass = new GenerationPass(model, memory, ContextLength);
    }

    /// <summary>Tokens that a sequence may have.</summary>
    public int ContextLength { get; }

    /// <summary>Memory of the keys and values that are kept, in bytes.</summary>
    public long CacheBytes
    {
        get
        {
            lock (state)
            {
                return slots.Sum(slot => slot.Cache.ByteLength);
            }
        }
    }

    /// <summary>Generates tokens behind a prompt. Work begins when the steps are asked for; leaving the enumeration early ends it.</summary>
    /// <exception cref="ArgumentException">
    /// The prompt is empty, does not fit into the context or holds a token that is not in the vocabulary.
    /// </exception>
    /// <exception cref="NonFiniteException">While enumerating: NaN or infinity appeared.</exception>
    /// <exception cref="OperationCanceledException">While enumerating: <paramref name="cancellation"/> was triggered.</exception>
    /// <exception cref="ObjectDisposedException">The generator was disposed, before or meanwhile.</exception>
    public IAsyncEnumerable<GenerationStep> GenerateAsync(GenerationRequest request, CancellationToken cancellation = default)
    {
        Check(request);
        return Enumerate(request, cancellation);
    }

    /// <summary>Ends what is being generated and frees the memory; the readers get <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        Task ending;
        lock (state)
        {
            if (disposed)
            {
                return;
            }

            disposed = true;
            ending = loop;
        }

        // The loop sees the flag before its next step.
        ending.Wait();
        FailAll();
        foreach (SequenceSlot slot in slots)
        {
            slot.Dispose();
        }

        pass.Dispose();
    }

    /// <summary>Refuses a request that cannot be generated.</summary>
    internal void Check(GenerationRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        ObjectDisposedException.ThrowIf(disposed, this);
        if (request.Prompt.IsDefaultOrEmpty)
        {
            throw new ArgumentException("The prompt has no tokens.", nameof(request));
        }

        if (request.Prompt.Length > ContextLength)
        {
            throw new ArgumentException(
                $"The prompt has {request.Prompt.Length} tokens where at most {ContextLength}, the length of the context, were expected.",
                nameof(request));
        }

        foreach (int token in request.Prompt)
        {
            if ((uint)token >= (uint)model.Config.VocabularySize)
            {
                throw new ArgumentException(
                    $"Token {token} is not in the vocabulary of {model.Config.VocabularySize}.", nameof(request));
            }
        }

        if (request.MaxTokens < 0 || request.LogProbabilities < 0)
        {
            throw new ArgumentException("A number of tokens is negative.", nameof(request));
        }
    }

    private async IAsyncEnumerable<GenerationStep> Enumerate(
        GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var generation = new ActiveGeneration(
            request,
            new Sampler(request.Sampling, model.Config.VocabularySize, memory),
            request.StopTokens ?? [.. model.Config.EosTokenIds],
            ContextLength);
        Enqueue(generation);
        using CancellationTokenRegistration leaving = cancellation.Register(() => Leave(generation));
        try
        {
            while (await generation.Steps.WaitToReadAsync(cancellation).ConfigureAwait(false))
            {
                while (generation.Steps.TryRead(out GenerationStep step))
                {
                    cancellation.ThrowIfCancellationRequested();
                    generation.Taken();
                    Wake();
                    yield return step;
                }
            }
        }
        finally
        {
            Leave(generation);
        }
    }

    private void Enqueue(ActiveGeneration generation)
    {
        lock (state)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            waiting.Enqueue(generation);
        }

        Wake();
    }

    // The loop drops the sequence before its next step, and its place is free.
    private void Leave(ActiveGeneration generation)
    {
        generation.Leave();
        Wake();
    }

    // The loop ends when there is nothing to do, also when every reader has to catch up: whoever changes that calls this afterwards.
    private void Wake()
    {
        lock (state)
        {
            if (!running && !disposed && (waiting.Count > 0 || active.Count > 0))
            {
                running = true;
                loop = Task.Run(Run);
            }
        }
    }

    private void Run()
    {
        while (true)
        {
            lock (state)
            {
                Release();
                if (disposed)
                {
                    running = false;
                    return;
                }

                Admit();
                if (active.TrueForAll(generation => generation.Paused))
                {
                    running = false;
                    return;
                }
            }

            pass.Step(active);
        }
    }

    private void Release()
    {
        for (int i = active.Count - 1; i >= 0; i--)
        {
            if (active[i].Ended || active[i].Left)
            {
                active[i].Slot!.Busy = false;
                active.RemoveAt(i);
            }
        }
    }

    private void FailAll()
    {
        foreach (ActiveGeneration generation in active.Concat(waiting))
        {
            generation.Slot?.Busy = false;
            generation.Fail(new ObjectDisposedException(nameof(TokenGenerator)));
        }

        active.Clear();
        waiting.Clear();
    }

    private void Admit()
    {
        while (active.Count < maxSequences && waiting.TryDequeue(out ActiveGeneration? generation))
        {
            if (generation.Left)
            {
                continue;
            }

            try
            {
                (SequenceSlot slot, int reused) = Choose(generation.Request);
                slot.Rewind(reused);
                slot.Cache.EnsureCapacity(CapacityFor(generation.Request.Prompt.Length));
                slot.Busy = true;
                slot.PromptLength = generation.Request.Prompt.Length;
                slot.LastUse = ++requests;
                generation.Begin(slot, reused);
                active.Add(generation);
            }
            catch (Exception exception)
            {
                // Most likely no memory for the cache; whatever it is, the reader must learn of it and the loop must go on.
                generation.Fail(exception);
            }
        }
    }

    // The slot of which most can be reused, as long as the request goes on from its prompt or shares half of what it holds: a common
    // beginning such as a system prompt must not cost another conversation its cache. Otherwise a new slot, or the one that was not
    // used for longest.
    private (SequenceSlot Slot, int Reused) Choose(GenerationRequest request)
    {
        SequenceSlot? best = null;
        int reused = 0;
        foreach (SequenceSlot slot in slots)
        {
            int reusable = slot.Busy || request.PromptLogProbabilities ? 0 : slot.Reusable(request.Prompt.AsSpan());
            if (reusable > reused && reusable >= Math.Min(slot.PromptLength, slot.Length / 2))
            {
                (best, reused) = (slot, reusable);
            }
        }

        if (best is not null)
        {
            return (best, reused);
        }

        if (slots.Count < maxSequences)
        {
            var slot = new SequenceSlot(model.CreateCache(CapacityFor(request.Prompt.Length)));
            slots.Add(slot);
            return (slot, 0);
        }

        SequenceSlot oldest = slots.Where(slot => !slot.Busy).MinBy(slot => slot.LastUse)!;
        return (oldest, request.PromptLogProbabilities ? 0 : oldest.Reusable(request.Prompt.AsSpan()));
    }

    // Room for an answer of ordinary length from the start; the pass makes more where an answer is longer.
    private int CapacityFor(int promptLength) => (int)Math.Min(ContextLength, promptLength + 256L);
}
