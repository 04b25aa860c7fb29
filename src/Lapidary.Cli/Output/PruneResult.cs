namespace Lapidary.Cli.Output;

/// <summary>What <c>prune</c> wrote, or with --report what is 0 in a model: then there is no output and no method.</summary>
internal sealed record PruneResult
{
    /// <summary>The folder.</summary>
    public string? Output { get; init; }

    /// <summary>How weights were chosen.</summary>
    public string? Method { get; init; }

    /// <summary>N:M.</summary>
    public string? Pattern { get; init; }

    /// <summary>The share that was asked for.</summary>
    public double? TargetSparsity { get; init; }

    /// <summary>Chunks of the calibration text.</summary>
    public int? Chunks { get; init; }

    /// <summary>Tokens of a chunk.</summary>
    public int? Context { get; init; }

    /// <summary>The matrices that were to be pruned.</summary>
    public required ZerosResult Selected { get; init; }

    /// <summary>The linear layers of the decoder.</summary>
    public required ZerosResult LinearLayers { get; init; }

    /// <summary>The whole model.</summary>
    public required ZerosResult Model { get; init; }

    /// <summary>The linear layers of each layer.</summary>
    public required IReadOnlyList<LayerZerosResult> Layers { get; init; }

    /// <summary>Every tensor.</summary>
    public required IReadOnlyList<TensorZerosResult> Tensors { get; init; }

    /// <summary>How long it took.</summary>
    public double? Seconds { get; init; }
}

/// <summary>Zeros among some weights.</summary>
internal sealed record ZerosResult(long Zeros, long Parameters, double Sparsity);

/// <summary>Zeros of a layer.</summary>
internal sealed record LayerZerosResult(int Layer, long Zeros, long Parameters, double Sparsity);

/// <summary>Zeros of a tensor.</summary>
internal sealed record TensorZerosResult(string Name, long Zeros, long Parameters, double Sparsity);
