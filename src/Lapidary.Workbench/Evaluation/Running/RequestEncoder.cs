using Lapidary.Inference.Scoring;
using Lapidary.Text;
using Lapidary.Text.Jinja;
using Lapidary.Workbench.Evaluation.Requests;

namespace Lapidary.Workbench.Evaluation.Running;

/// <summary>
/// From the texts of requests to tokens, as lm-evaluation-harness does it for causal models (<c>_encode_pair</c> of its
/// <c>TemplateLM</c>, <c>_loglikelihood_tokens</c> of its <c>HFLM</c>).
/// </summary>
internal sealed class RequestEncoder
{
    private readonly Tokenizer tokenizer;
    private readonly int maxLength;
    private readonly bool cleanPerplexity;
    private readonly Func<EvaluationRequest, string> describe;
    private readonly int prefix;

    /// <summary>An encoder for a model that sees at most <paramref name="maxLength"/> tokens.</summary>
    /// <exception cref="EvaluationException">The tokenizer has neither a token that begins a sequence nor one that ends it.</exception>
    public RequestEncoder(Tokenizer tokenizer, int maxLength, bool cleanPerplexity, Func<EvaluationRequest, string>? describe = null)
    {
        this.describe = describe ?? (request => $"Document {request.Document}, request {request.Index}");
        this.tokenizer = tokenizer;
        this.maxLength = maxLength;
        this.cleanPerplexity = cleanPerplexity;
        prefix = tokenizer.BosId ?? tokenizer.EosId
            ?? throw new EvaluationException($"{tokenizer.Path}: expected a token that begins a sequence, or one that ends it, found neither.");
    }

    /// <summary>
    /// Contexts whose tokens are not those at the beginning of context and continuation together. The score is then that of the tokens
    /// of the context, and behind them what is left of both together, as in the harness.
    /// </summary>
    public int SplitContexts { get; private set; }

    /// <summary>Requests whose beginning was cut off.</summary>
    public int Truncated { get; private set; }

    /// <summary>The tokens of a context and a continuation.</summary>
    /// <exception cref="EvaluationException">The continuation has no tokens, or more than the model can see.</exception>
    public ScoredSequence Encode(LikelihoodRequest request)
    {
        (int[] context, ReadOnlyMemory<int> continuation) = request.Context.Length == 0
            ? EncodeBehindNothing(request.Continuation)
            : EncodeBehind(request.Context, request.Continuation);
        if (continuation.IsEmpty)
        {
            throw new EvaluationException($"{Describe(request)}: the continuation has no tokens of its own behind its context.");
        }

        if (continuation.Length > maxLength)
        {
            throw new EvaluationException(
                $"{Describe(request)}: the continuation has {continuation.Length} tokens where at most {maxLength}, the length of the context, were expected.");
        }

        // What is scored last is only predicted, so one token more than the context has room for.
        int dropped = Math.Max(0, context.Length + continuation.Length - (maxLength + 1));
        Truncated += dropped > 0 ? 1 : 0;
        return new ScoredSequence(Join(context.AsSpan(dropped), continuation.Span), continuation.Length);
    }

    /// <summary>
    /// The windows of a text: each token is predicted once, with as much before it as the model can see; the first window begins with
    /// the token that begins a sequence, the last one reaches back so that it is full.
    /// </summary>
    /// <exception cref="EvaluationException">The text has no tokens.</exception>
    public IReadOnlyList<ScoredSequence> Encode(RollingLikelihoodRequest request)
    {
        int[] text = tokenizer.Encode(request.Text, addBos: !cleanPerplexity);
        if (text.Length == 0)
        {
            throw new EvaluationException($"{Describe(request)}: the text has no tokens.");
        }

        ReadOnlyMemory<int> whole = Join([prefix], text);
        var windows = new List<ScoredSequence>();
        int end = Math.Min(maxLength, text.Length);
        windows.Add(new ScoredSequence(whole[..(end + 1)], end));
        while (end < text.Length)
        {
            int scored = Math.Min(text.Length - end, maxLength);
            end += scored;

            // The tokens before position end of the text are those before end + 1 of the whole.
            windows.Add(new ScoredSequence(whole[(end - maxLength)..(end + 1)], scored));
        }

        return windows;
    }

    /// <summary>The tokens of a prompt, cut from the left so that an answer fits behind it.</summary>
    /// <exception cref="EvaluationException">There is no room for the answer.</exception>
    public int[] Encode(GenerationRequest request)
    {
        int room = maxLength - request.Settings.MaxTokens;
        if (room < 1)
        {
            throw new EvaluationException(
                $"{Describe(request)}: an answer of {request.Settings.MaxTokens} tokens leaves no room for a prompt in a context of {maxLength}.");
        }

        int[] tokens = tokenizer.Encode(request.Context);
        Truncated += tokens.Length > room ? 1 : 0;
        tokens = tokens.Length > room ? tokens[^room..] : tokens;
        return tokens.Length > 0 ? tokens : [prefix];
    }

    /// <summary>Which request a message is about.</summary>
    public string Describe(EvaluationRequest request) => describe(request);

    private (int[] Context, ReadOnlyMemory<int> Continuation) EncodeBehindNothing(string text)
    {
        int[] continuation = tokenizer.Encode(text, addBos: false);
        return continuation.Length > 0 && continuation[0] == prefix
            ? (continuation[..1], continuation.AsMemory(1))
            : ([prefix], continuation);
    }

    private (int[] Context, ReadOnlyMemory<int> Continuation) EncodeBehind(string context, string continuation)
    {
        // White space at the end of a context belongs to the first token of the continuation in most vocabularies.
        int end = context.Length;
        while (end > 0 && PythonText.IsSpace(context[end - 1]))
        {
            end--;
        }

        int[] before = tokenizer.Encode(context.AsSpan(0, end));
        int[] both = tokenizer.Encode(context + continuation);
        if (!both.AsSpan().StartsWith(before))
        {
            SplitContexts++;
        }

        return (before, both.AsMemory(Math.Min(before.Length, both.Length)));
    }

    private static int[] Join(ReadOnlySpan<int> first, ReadOnlySpan<int> second)
    {
        var joined = new int[first.Length + second.Length];
        first.CopyTo(joined);
        second.CopyTo(joined.AsSpan(first.Length));
        return joined;
    }
}
