namespace Lapidary.Inference;

/// <summary>Consecutive tokens of one sequence inside a batch.</summary>
/// <param name="Cache">The sequence's keys and values.</param>
/// <param name="FirstRow">Row of the first token in the batch.</param>
/// <param name="Count">Number of tokens.</param>
/// <param name="FirstPosition">Position of the first token in its sequence, virtual tokens counted.</param>
/// <param name="WantsLogits">Whether the logits after the last token are wanted.</param>
internal readonly record struct SequenceRun(KvCache Cache, int FirstRow, int Count, int FirstPosition, bool WantsLogits);

/// <summary>The tokens that go through the network together: runs of one or more sequences.</summary>
internal sealed class Batch
{
    private readonly List<int> tokens = [];
    private readonly List<int> positions = [];
    private readonly List<SequenceRun> runs = [];

    /// <summary>Whether the tokens are rows of the tuned prompt instead of the vocabulary.</summary>
    public bool IsVirtual { get; private set; }

    public int Count => tokens.Count;

    public ReadOnlySpan<int> Tokens => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(tokens);

    public ReadOnlySpan<int> Positions => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(positions);

    public ReadOnlySpan<SequenceRun> Runs => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(runs);

    public void Clear()
    {
        tokens.Clear();
        positions.Clear();
        runs.Clear();
        IsVirtual = false;
    }

    /// <summary>Adds the next tokens of the sequence in <paramref name="cache"/>; a sequence may be added once.</summary>
    public void Add(KvCache cache, ReadOnlySpan<int> next, bool wantsLogits = true)
    {
        int position = cache.Prefix + cache.Length;
        runs.Add(new SequenceRun(cache, tokens.Count, next.Length, position, wantsLogits));
        for (int i = 0; i < next.Length; i++)
        {
            tokens.Add(next[i]);
            positions.Add(position + i);
        }
    }

    /// <summary>Adds the next virtual tokens of the sequence in <paramref name="cache"/>, alone in the batch.</summary>
    public void AddVirtual(KvCache cache, int count)
    {
        IsVirtual = true;
        runs.Add(new SequenceRun(cache, 0, count, cache.Filled, WantsLogits: false));
        for (int i = 0; i < count; i++)
        {
            tokens.Add(cache.Filled + i);
            positions.Add(cache.Filled + i);
        }
    }
}
