using Lapidary.Checkpoints;
using Lapidary.Checkpoints.Adapters;
using Lapidary.Numerics;

namespace Lapidary.Networks;

/// <summary>The adapters that a network is used with: the updates of its weights, and the tuned prompt before every text.</summary>
internal sealed class AppliedAdapters : IDisposable
{
    private readonly List<(PeftAdapter Adapter, float Scale)> adapters = [];
    private readonly List<LowRankUpdate> updates = [];

    private AppliedAdapters()
    {
    }

    /// <summary>The vectors before every text [virtual tokens, hidden], F32, or null.</summary>
    public Tensor? PromptEmbeddings { get; private set; }

    /// <summary>Watches over the zeros of weights into which updates are merged, or null.</summary>
    public ZeroTally? Zeros { get; set; }

    /// <summary>Opens adapters and checks that they fit the model.</summary>
    /// <exception cref="CheckpointException">A file is not valid, an adapter does not fit, or two tuned prompts were asked for.</exception>
    public static AppliedAdapters Open(Checkpoint model, IReadOnlyList<AdapterReference> references)
    {
        var applied = new AppliedAdapters();
        try
        {
            foreach (AdapterReference reference in references)
            {
                if (!float.IsFinite(reference.Scale))
                {
                    throw new ArgumentOutOfRangeException(nameof(references), reference.Scale, "The scale of an adapter is a finite number.");
                }

                PeftAdapter adapter = PeftAdapter.Open(reference.Folder);
                applied.adapters.Add((adapter, reference.Scale));
                adapter.CheckAgainst(model);
                applied.TakePrompt(adapter, reference.Scale);
            }

            return applied;
        }
        catch
        {
            applied.Dispose();
            throw;
        }
    }

    /// <summary>Whether an adapter changes a weight.</summary>
    public bool Change(string name) => adapters.Exists(entry => entry.Adapter.Pairs.ContainsKey(name));

    /// <summary>What the adapters do to a weight, or null where they leave it alone. The update lives as long as this.</summary>
    /// <param name="name">Canonical name of the weight.</param>
    /// <param name="weight">Its numbers.</param>
    /// <exception cref="CheckpointException">A number of the update is not finite.</exception>
    public LowRankUpdate? UpdateOf(string name, Tensor weight)
    {
        var parts = new List<(PeftAdapter, LoraPair, float)>();
        foreach ((PeftAdapter adapter, float scale) in adapters)
        {
            if (adapter.Pairs.TryGetValue(name, out LoraPair? pair))
            {
                parts.Add((adapter, pair, scale));
            }
        }

        if (parts.Count == 0)
        {
            return null;
        }

        LowRankUpdate update = LowRankUpdate.Create(weight, parts);
        updates.Add(update);
        return update;
    }

    /// <summary>Refuses adapters that cannot become part of the weights.</summary>
    /// <param name="tied">Whether the output matrix of the model is its embedding.</param>
    /// <exception cref="CheckpointException">Names the adapter.</exception>
    public void CheckMergeable(bool tied)
    {
        foreach ((PeftAdapter adapter, _) in adapters)
        {
            if (adapter.Prompt is not null)
            {
                throw new CheckpointException(adapter.Path, "is a tuned prompt, which cannot be merged into weights; it can be used beside them");
            }

            if (tied && adapter.Pairs.ContainsKey(TensorNames.Output))
            {
                throw new CheckpointException(
                    adapter.Path, $"has an update of {TensorNames.Output}, which the model ties to its embedding, so it cannot be merged");
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        updates.ForEach(update => update.Dispose());
        adapters.ForEach(entry => entry.Adapter.Dispose());
    }

    private void TakePrompt(PeftAdapter adapter, float scale)
    {
        if (adapter.PromptEmbeddings is null)
        {
            return;
        }

        if (scale != 1)
        {
            throw new CheckpointException(adapter.Path, $"is a tuned prompt, whose scale can only be 1; {scale:R} was asked for");
        }

        PromptEmbeddings = PromptEmbeddings is null
            ? adapter.PromptEmbeddings
            : throw new CheckpointException(adapter.Path, "is a second tuned prompt where a model can have one");
    }
}
