using Lapidary.Inference;
using Lapidary.Inference.Scoring;
using Lapidary.Workbench.Evaluation.Requests;
using Lapidary.Workbench.Evaluation.Tasks;

namespace Lapidary.Workbench.Evaluation.Running;

/// <summary>Requests for likelihoods that are scored together. A long text is several sequences.</summary>
internal sealed class ScoringPortion(RequestEncoder encoder, Action<int, EvaluationResponse> answer)
{
    private readonly List<ScoredSequence> sequences = [];
    private readonly List<Entry> entries = [];
    private readonly List<(int Entry, int Window)> owners = [];

    /// <summary>Requests that wait.</summary>
    public int RequestCount => entries.Count;

    /// <summary>Tokens of their sequences.</summary>
    public long TokenCount { get; private set; }

    /// <summary>Adds a request.</summary>
    public void Add(int index, EvaluationRequest request)
    {
        IReadOnlyList<ScoredSequence> windows = request switch
        {
            LikelihoodRequest likelihood => [encoder.Encode(likelihood)],
            RollingLikelihoodRequest rolling => encoder.Encode(rolling),
            _ => throw new ArgumentException($"{request.GetType().Name} does not ask for a likelihood.", nameof(request)),
        };
        for (int i = 0; i < windows.Count; i++)
        {
            owners.Add((entries.Count, i));
            sequences.Add(windows[i]);
            TokenCount += windows[i].Tokens.Length;
        }

        entries.Add(new Entry(index, request, new SequenceScore[windows.Count]));
    }

    /// <summary>Scores what waits and forgets it.</summary>
    /// <exception cref="NonFiniteException">NaN or infinity appeared; the message names the request.</exception>
    public void Score(TokenScorer scorer, CancellationToken cancellation)
    {
        try
        {
            scorer.Score(sequences, Take, cancellation);
        }
        catch (NonFiniteException)
        {
            Name(scorer, cancellation);
            throw;
        }

        sequences.Clear();
        entries.Clear();
        owners.Clear();
        TokenCount = 0;
    }

    // Many requests share a pass, and a score is the same alone: the first one that fails by itself is the one to name.
    private void Name(TokenScorer scorer, CancellationToken cancellation)
    {
        for (int i = 0; i < sequences.Count; i++)
        {
            Entry entry = entries[owners[i].Entry];
            if (entry.Scored == entry.Windows.Length)
            {
                continue;
            }

            try
            {
                scorer.Score([sequences[i]], (_, _) => { }, cancellation);
            }
            catch (NonFiniteException thrown)
            {
                throw new NonFiniteException($"{encoder.Describe(entry.Request)}: {thrown.Message}");
            }
        }
    }

    private void Take(int sequence, SequenceScore score)
    {
        (int place, int window) = owners[sequence];
        Entry entry = entries[place];
        entry.Windows[window] = score;
        if (++entry.Scored < entry.Windows.Length)
        {
            return;
        }

        // In the order of the windows, whichever came first.
        answer(entry.Index, entry.Request is LikelihoodRequest
            ? EvaluationResponse.FromLikelihood(new LikelihoodResponse(score.LogLikelihood, score.IsGreedy))
            : EvaluationResponse.FromRolling(entry.Windows.Aggregate(0.0, (sum, part) => sum + part.LogLikelihood)));
    }

    private sealed class Entry(int index, EvaluationRequest request, SequenceScore[] windows)
    {
        public int Index => index;

        public EvaluationRequest Request => request;

        public SequenceScore[] Windows => windows;

        public int Scored { get; set; }
    }
}
