namespace Lapidary.Workbench.Evaluation.Texts;

/// <summary>Sums over the tokens of one chunk.</summary>
internal sealed class ChunkSums
{
    private double nll;
    private double baseNll;
    private double divergence;
    private int sameTop;
    private int count;

    /// <summary>Adds a token.</summary>
    public void Add(in TokenComparison token)
    {
        nll += token.Nll;
        baseNll += token.BaseNll;
        divergence += token.Divergence;
        sameTop += token.IsSameTop ? 1 : 0;
        count++;
    }

    /// <summary>The means.</summary>
    public ChunkScore Score(int chunk, bool hasBase) => hasBase
        ? new ChunkScore(chunk, nll / count)
        {
            BaseMeanNll = baseNll / count, Divergence = divergence / count, SameTop = (double)sameTop / count,
        }
        : new ChunkScore(chunk, nll / count);
}
