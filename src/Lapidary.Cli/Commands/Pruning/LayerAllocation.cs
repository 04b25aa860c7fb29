namespace Lapidary.Cli.Commands.Pruning;

/// <summary>How a sparsity is shared out over layers.</summary>
internal enum LayerAllocation
{
    /// <summary>The same for all.</summary>
    Uniform,

    /// <summary>Less for layers with many outliers.</summary>
    Owl,
}
