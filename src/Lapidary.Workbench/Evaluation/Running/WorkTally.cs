using Lapidary.Inference.Generation;

namespace Lapidary.Workbench.Evaluation.Running;

/// <summary>Adds up what generations took; the generations may end on several threads.</summary>
internal sealed class WorkTally
{
    private readonly Lock gate = new();
    private long promptTokens;
    private long generatedTokens;
    private TimeSpan promptTime;
    private TimeSpan generationTime;

    /// <summary>Adds a generation that has ended.</summary>
    public void Add(GenerationSummary generation)
    {
        lock (gate)
        {
            promptTokens += generation.PromptTokens - generation.CachedTokens;
            generatedTokens += generation.GeneratedTokens;
            promptTime += generation.PromptTime;
            generationTime += generation.GenerationTime;
        }
    }

    /// <summary>The work of scoring and of all generations.</summary>
    /// <param name="scoredTokens">Tokens that went through the network to be scored.</param>
    /// <param name="scoring">How long scoring took.</param>
    /// <param name="generating">How long generations took, one beside the other.</param>
    public EvaluationWork Total(long scoredTokens, TimeSpan scoring, TimeSpan generating)
    {
        lock (gate)
        {
            TimeSpan spent = promptTime + generationTime;
            TimeSpan prompts = spent > TimeSpan.Zero ? generating * (promptTime / spent) : TimeSpan.Zero;
            return new EvaluationWork(scoredTokens + promptTokens, scoring + prompts, generatedTokens, generating - prompts);
        }
    }
}
