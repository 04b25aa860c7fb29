using System.Collections.Immutable;

namespace Lapidary.Workbench.Compression;

/// <summary>How much of the sum of the scores stays, from 0 to 1; nothing of what is not pruned.</summary>
public sealed class KeptShares
{
    /// <summary>Adds up the scores of what stays.</summary>
    /// <param name="plan">What stays.</param>
    /// <param name="importance">The scores, of the network that is pruned.</param>
    public KeptShares(StructuredPlan plan, StructuredImportance importance)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(importance);
        Neurons = [.. plan.Neurons.Select((kept, layer) => Ranking.KeptShare(importance.Neurons[layer], kept))];
        Heads = [.. plan.Heads.Select((kept, layer) => Ranking.KeptShare(importance.Heads[layer], kept))];
        Channels = plan.Channels.IsEmpty ? null : Ranking.KeptShare(importance.Channels, plan.Channels);
    }

    /// <summary>[layers], or empty.</summary>
    public ImmutableArray<double> Neurons { get; }

    /// <summary>[layers], or empty.</summary>
    public ImmutableArray<double> Heads { get; }

    /// <summary>Of the channels of the residual stream.</summary>
    public double? Channels { get; }
}
