using Lapidary.Numerics;

namespace Lapidary.Checkpoints.Adapters;

/// <summary>
/// The low-rank update of one weight W [outputs, inputs]: W + s B A (Hu et al. 2021), or with a magnitude m ((W + s B A) / ||W + s B A||)
/// with the norm of each row (DoRA, Liu et al. 2024). The tensors belong to whoever made them.
/// </summary>
/// <param name="WeightName">Canonical name of the weight, such as <c>model.layers.0.self_attn.q_proj.weight</c>.</param>
/// <param name="A">[rank, inputs], F32.</param>
/// <param name="B">[outputs, rank], F32.</param>
/// <param name="Magnitude">m [outputs], F32; null where the adapter is a plain LoRA.</param>
/// <param name="Scale">s: alpha / rank, or alpha / sqrt(rank) for rsLoRA (<see cref="LoraConfig.ScaleOf"/>).</param>
public sealed record LoraPair(string WeightName, Tensor A, Tensor B, Tensor? Magnitude, double Scale)
{
    /// <summary>
    /// The path of the module in the model that PEFT wraps: the weight's name without its end, unless the adapter was made on a
    /// multimodal model, whose paths have a prefix.
    /// </summary>
    public string Module { get; init; } = WeightName.EndsWith(".weight", StringComparison.Ordinal) ? WeightName[..^".weight".Length] : WeightName;

    /// <summary>Rows of <see cref="A"/>.</summary>
    public int Rank => checked((int)A.Rows);
}
