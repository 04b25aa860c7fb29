using System.Runtime.InteropServices;

namespace Lapidary.Inference.Generation;

/// <summary>A cache and the tokens whose keys and values it holds; kept between requests.</summary>
internal sealed class SequenceSlot(KvCache cache) : IDisposable
{
    private readonly List<int> tokens = [];

    /// <summary>The keys and values.</summary>
    public KvCache Cache { get; } = cache;

    /// <summary>Whether a request uses the slot.</summary>
    public bool Busy { get; set; }

    /// <summary>When it was used last, as a count of requests.</summary>
    public long LastUse { get; set; }

    /// <summary>Tokens of the prompt that was processed last.</summary>
    public int PromptLength { get; set; }

    /// <summary>Tokens in the cache.</summary>
    public int Length => tokens.Count;

    /// <summary>The tokens at the beginning of <paramref name="prompt"/> that need not be processed again; at least the last one must be.</summary>
    public int Reusable(ReadOnlySpan<int> prompt)
    {
        int common = CollectionsMarshal.AsSpan(tokens).CommonPrefixLength(prompt[..^1]);
        return Cache.CanRewind(common) ? common : 0;
    }

    /// <summary>Keeps the first <paramref name="length"/> tokens only.</summary>
    public void Rewind(int length)
    {
        Cache.Rewind(length);
        tokens.RemoveRange(length, tokens.Count - length);
    }

    /// <summary>Notes tokens that have gone through the network.</summary>
    public void Add(ReadOnlySpan<int> processed) => tokens.AddRange(processed);

    public void Dispose() => Cache.Dispose();
}
