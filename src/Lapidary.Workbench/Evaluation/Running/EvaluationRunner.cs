using System.Diagnostics;
using Lapidary.Checkpoints;
using Lapidary.Inference;
using Lapidary.Inference.Scoring;
using Lapidary.Text;
using Lapidary.Workbench.Evaluation.Requests;
using Lapidary.Workbench.Evaluation.Tasks;

namespace Lapidary.Workbench.Evaluation.Running;

/// <summary>
/// Puts requests to a model. The responses are the same bits for any number of threads, any order and company of requests, with and
/// without a cache of responses, and after an interruption.
/// </summary>
/// <remarks>Used by one thread at a time.</remarks>
public sealed class EvaluationRunner : IDisposable
{
    // Requests that are encoded and walked through together: enough for all that documents next to each other have in common, and few
    // enough that their tokens take little memory.
    private const int PortionRequests = 4096;
    private const int PortionTokens = 1 << 21;

    private readonly LanguageModel model;
    private readonly Tokenizer tokenizer;
    private readonly EvaluationRunnerOptions options;
    private readonly RequestEncoder encoder;
    private readonly TokenScorer scorer;
    private readonly RequestKeys keys;
    private readonly RequestCache? cache;
    private readonly WorkTally tally = new();
    private readonly Stopwatch scoring = new();
    private readonly Stopwatch generating = new();
    private AnswerGenerator? generator;

    /// <summary>A runner; the model must outlive it.</summary>
    /// <exception cref="ArgumentException">The model was not opened as <see cref="InferenceOptions.Exact"/>, or a limit is wrong.</exception>
    /// <exception cref="CheckpointException">The cache of responses cannot be used, or a file of the model cannot be read.</exception>
    /// <exception cref="EvaluationException">The tokenizer has no token to begin with.</exception>
    public EvaluationRunner(LanguageModel model, Tokenizer tokenizer, EvaluationRunnerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(tokenizer);
        this.options = options ??= new EvaluationRunnerOptions();
        if (!model.Options.Exact)
        {
            throw new ArgumentException("An evaluation needs a model that was opened as exact: others decode with kernels that depend on the batch.", nameof(model));
        }

        MaxLength = options.MaxLength ?? model.ContextLength;
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxLength, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxLength, model.ContextLength, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxSequences, 1, nameof(options));
        this.model = model;
        this.tokenizer = tokenizer;
        encoder = new RequestEncoder(tokenizer, MaxLength, options.CleanPerplexity, options.Describe);
        keys = new RequestKeys(options.CachePath is null ? string.Empty : ModelFingerprint.Of(model, tokenizer), options, MaxLength);
        scorer = new TokenScorer(model, new TokenScorerOptions { Precision = options.Precision, PassTokens = options.PassTokens });
        try
        {
            cache = options.CachePath is { } path ? new RequestCache(path) : null;
        }
        catch
        {
            scorer.Dispose();
            throw;
        }
    }

    /// <summary>Tokens that the model sees at most.</summary>
    public int MaxLength { get; }

    /// <summary>Requests whose beginning was cut off because the model does not see as much.</summary>
    public int TruncatedRequests => encoder.Truncated;

    /// <summary>
    /// Contexts whose last token runs into the continuation: they are scored as the harness does, context and continuation cut apart
    /// where the tokens of the context alone end.
    /// </summary>
    public int SplitContexts => encoder.SplitContexts;

    /// <summary>Tokens that went through the network for likelihoods.</summary>
    public long TokensProcessed => scorer.TokensProcessed;

    /// <summary>Rows of the output matrix's logits that were computed for likelihoods.</summary>
    public long RowsScored => scorer.RowsScored;

    /// <summary>What the model did so far and how long that took.</summary>
    public EvaluationWork Work => tally.Total(scorer.TokensProcessed, scoring.Elapsed, generating.Elapsed);

    /// <summary>Answers requests.</summary>
    /// <param name="requests">What is asked; texts are final.</param>
    /// <param name="cancellation">Ends the work soon; what is answered is in the cache.</param>
    /// <returns>The responses, in the order of the requests.</returns>
    /// <exception cref="EvaluationException">A request cannot be put to the model.</exception>
    /// <exception cref="NonFiniteException">NaN or infinity appeared; the message names the request.</exception>
    /// <exception cref="CheckpointException">The cache of responses cannot be written.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was triggered.</exception>
    public IReadOnlyList<EvaluationResponse> Run(IReadOnlyList<EvaluationRequest> requests, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(requests);
        var responses = new EvaluationResponse[requests.Count];
        var pending = new List<int>();
        var progress = new ProgressTally(requests, options.Progress);
        for (int i = 0; i < requests.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (cache is not null && cache.TryGet(keys.Of(requests[i]), out EvaluationResponse known)
                && known.Text is not null == requests[i] is GenerationRequest)
            {
                responses[i] = known;
                progress.Found(i);
                options.Answered?.Invoke(i, known);
            }
            else
            {
                pending.Add(i);
            }
        }

        progress.Report();
        void Answer(int index, EvaluationResponse response)
        {
            responses[index] = response;
            cache?.Add(keys.Of(requests[index]), requests[index], response);
            progress.Answered(index);
            options.Answered?.Invoke(index, response);
        }

        try
        {
            scoring.Start();
            Score(requests, [.. pending.Where(index => requests[index] is not GenerationRequest)], Answer, cancellation);
            scoring.Stop();
            generating.Start();
            Generate(requests, [.. pending.Where(index => requests[index] is GenerationRequest)], Answer, cancellation);
        }
        finally
        {
            scoring.Stop();
            generating.Stop();
            cache?.Flush();
        }

        progress.Report();
        return responses;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        generator?.Dispose();
        scorer.Dispose();
        cache?.Dispose();
    }

    private void Score(
        IReadOnlyList<EvaluationRequest> requests, int[] pending, Action<int, EvaluationResponse> answer, CancellationToken cancellation)
    {
        var portion = new ScoringPortion(encoder, answer);
        foreach (int index in pending)
        {
            portion.Add(index, requests[index]);
            if (portion.RequestCount == PortionRequests || portion.TokenCount >= PortionTokens)
            {
                portion.Score(scorer, cancellation);
            }
        }

        portion.Score(scorer, cancellation);
    }

    private void Generate(
        IReadOnlyList<EvaluationRequest> requests, int[] pending, Action<int, EvaluationResponse> answer, CancellationToken cancellation)
    {
        foreach (int[] portion in pending.Chunk(PortionRequests))
        {
            cancellation.ThrowIfCancellationRequested();
            generator ??= new AnswerGenerator(model, tokenizer, options, MaxLength, keys, tally, encoder.Describe);
            (GenerationRequest Request, int[] Prompt)[] prompts =
                [.. portion.Select(index => (GenerationRequest)requests[index]).Select(request => (request, encoder.Encode(request)))];
            generator.Generate(prompts, (place, text) => answer(portion[place], EvaluationResponse.FromText(text)), cancellation);
        }
    }
}
