using System.Collections.Immutable;
using System.Diagnostics;
using System.Threading.Channels;
using Lapidary.Inference.Sampling;

namespace Lapidary.Inference.Generation;

/// <summary>A request on its way: what the decode loop knows of it, and the steps that its reader has not taken yet.</summary>
internal sealed class ActiveGeneration
{
    // How far the loop runs ahead of a reader: enough to hide the time that a reader takes to come, little enough that one who goes
    // away or is slow costs nothing.
    private const int MaxUnread = 16;

    private readonly Channel<GenerationStep> steps = Channel.CreateUnbounded<GenerationStep>(new UnboundedChannelOptions
    {
        SingleReader = true, SingleWriter = true,
    });

    private readonly long created = Stopwatch.GetTimestamp();
    private readonly ImmutableHashSet<int> stopTokens;
    private readonly int limit;
    private readonly bool limitedByContext;
    private long started;
    private long firstLogits;
    private int generated;
    private volatile bool left;
    private int pending;
    private int unread;
    private PromptSummary? prompt;

    public ActiveGeneration(GenerationRequest request, Sampler sampler, ImmutableHashSet<int> stopTokens, int contextLength)
    {
        Request = request;
        Sampler = sampler;
        this.stopTokens = stopTokens;

        // The last token need not be processed, so it needs no place.
        int room = contextLength - request.Prompt.Length + 1;
        limitedByContext = request.MaxTokens is not int most || most > room;
        limit = limitedByContext ? room : request.MaxTokens!.Value;
    }

    /// <summary>What was asked for.</summary>
    public GenerationRequest Request { get; }

    /// <summary>Chooses the tokens.</summary>
    public Sampler Sampler { get; }

    /// <summary>The steps as they come.</summary>
    public ChannelReader<GenerationStep> Steps => steps.Reader;

    /// <summary>The cache, from the beginning of the turn.</summary>
    public SequenceSlot? Slot { get; private set; }

    /// <summary>Tokens of the prompt that are in the cache.</summary>
    public int PromptDone { get; private set; }

    /// <summary>Whether tokens of the prompt have yet to be processed.</summary>
    public bool InPrompt => PromptDone < Request.Prompt.Length;

    /// <summary>How many tokens the next pass takes.</summary>
    public int Next { get; set; }

    /// <summary>The tokens that the next pass takes: of the prompt, or the one that was chosen last.</summary>
    public ReadOnlySpan<int> NextTokens => InPrompt ? Request.Prompt.AsSpan(PromptDone, Next) : new ReadOnlySpan<int>(in pending);

    /// <summary>Whether the prompt is complete with the next pass.</summary>
    public bool NextEndsPrompt => InPrompt && PromptDone + Next == Request.Prompt.Length;

    /// <summary>Whether there is nothing more to do.</summary>
    public bool Ended { get; private set; }

    /// <summary>Whether the reader has to catch up first.</summary>
    public bool Paused => Volatile.Read(ref unread) >= MaxUnread;

    /// <summary>Whether the reader has gone away.</summary>
    public bool Left => left;

    /// <summary>The probabilities of the prompt's tokens, as they come.</summary>
    public ImmutableArray<ScoredToken>.Builder PromptScores { get; } = ImmutableArray.CreateBuilder<ScoredToken>();

    private int CachedTokens { get; set; }

    /// <summary>The reader goes away; the loop drops the sequence before its next step.</summary>
    public void Leave() => left = true;

    /// <summary>The reader has taken a step.</summary>
    public void Taken() => Interlocked.Decrement(ref unread);

    /// <summary>The turn begins, in a slot that holds the first <paramref name="reused"/> tokens of the prompt.</summary>
    public void Begin(SequenceSlot slot, int reused)
    {
        Slot = slot;
        CachedTokens = reused;
        PromptDone = reused;
        started = Stopwatch.GetTimestamp();
        Sampler.Accept(Request.Prompt.AsSpan());
    }

    /// <summary>The tokens of the pass are in the cache.</summary>
    public void Advance()
    {
        Slot!.Add(NextTokens);
        PromptDone += InPrompt ? Next : 0;
    }

    /// <summary>The prompt is done: its summary goes out with the first token.</summary>
    public void PromptEnds()
    {
        firstLogits = Stopwatch.GetTimestamp();
        prompt = new PromptSummary(
            Request.Prompt.Length,
            CachedTokens,
            Stopwatch.GetElapsedTime(created, started),
            Stopwatch.GetElapsedTime(started, firstLogits),
            PromptScores.DrainToImmutable());
        if (limit == 0)
        {
            Ended = true;
            Write(new GenerationStep(null, null, prompt, Summary(FinishReason.MaxTokens)));
        }
    }

    /// <summary>A token was chosen.</summary>
    public void Emit(int token, ScoredToken? score)
    {
        generated++;
        pending = token;
        Sampler.Accept(token);
        FinishReason? reason =
            stopTokens.Contains(token) ? FinishReason.StopToken
            : Request.StopWhen?.Invoke(token) == true ? FinishReason.StopCondition
            : generated < limit ? null
            : limitedByContext ? FinishReason.ContextFull
            : FinishReason.MaxTokens;
        Ended = reason is not null;
        Write(new GenerationStep(token, score, prompt, reason is { } end ? Summary(end) : null));
        prompt = null;
    }

    /// <summary>Something went wrong: the reader gets the exception.</summary>
    public void Fail(Exception exception)
    {
        Ended = true;
        steps.Writer.TryComplete(exception);
    }

    private void Write(GenerationStep step)
    {
        Interlocked.Increment(ref unread);
        steps.Writer.TryWrite(step);
        if (Ended)
        {
            steps.Writer.TryComplete();
        }
    }

    private GenerationSummary Summary(FinishReason reason) => new(
        reason,
        Request.Prompt.Length,
        CachedTokens,
        generated,
        Stopwatch.GetElapsedTime(created, started),
        Stopwatch.GetElapsedTime(started, firstLogits),
        Stopwatch.GetElapsedTime(firstLogits),
        Sampler.Seed);
}
