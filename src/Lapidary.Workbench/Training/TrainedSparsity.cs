using Lapidary.Workbench.Compression;

namespace Lapidary.Workbench.Training;

/// <summary>
/// The zeros of a model that was written. Both shares are worth saying: half of the linear layers of a small model with a large vocabulary
/// is a fifth of the model.
/// </summary>
/// <param name="LinearLayers">Those of the linear layers of the decoder.</param>
/// <param name="Model">Those of all tensors.</param>
public sealed record TrainedSparsity(ZeroCount LinearLayers, ZeroCount Model);
