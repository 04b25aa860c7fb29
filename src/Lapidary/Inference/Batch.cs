namespace Lapidary.Inference;

/// <summary>Consecutive tokens of one sequence inside a batch.</summary>
/// <param name="Cache">The sequence's keys and values.</param>
/// <param name="FirstRow">Row of the first token in the batch.</param>
/// <param name="Count">Number of tokens.</param>
/// <param name="FirstPosition">Position of the first token in its sequence.</param>
/// <param name="WantsLogits">Whether the logits after the last token are wanted.</param>
internal readonly record struct SequenceRun(KvCache Cache, int FirstRow, int Count, int FirstPosition, bool WantsLogits);

/// <summary>The tokens that go through the network together: runs of one or more sequences.</summary>
internal sealed class Batch
{
    private readonly List<int> tokens = [];
    private readonly List<int> positions = [];
    private readonly List<SequenceRun> runs = [];

    public int Count => tokens.Count;

    public ReadOnlySpan<int> Tokens => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(tokens);

    public ReadOnlySpan<int> Positions => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(positions);

    public ReadOnlySpan<SequenceRun> Runs => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(runs);

    public void Clear()
    {
        tokens.Clear();
        positions.Clear();
        runs.Clear();
    }

    /// <summary>Adds the next tokens of the sequence in <paramref name="cache"/>; a sequence may be added once.</summary>
    public void Add(KvCache cache, ReadOnlySpan<int> next, bool wantsLogits = true)
    {
        runs.Add(new SequenceRun(cache, tokens.Count, next.Length, cache.Length, wantsLogits));
        for (int i = 0; i < next.Length; i++)
        {
            tokens.Add(next[i]);
            positions.Add(cache.Length + i);
        }
    }
}
