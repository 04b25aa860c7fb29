using Lapidary.Numerics;

namespace Lapidary.Workbench.Compression;

/// <summary>Gives the tensors of one role another type than the base type of a mix.</summary>
/// <param name="Role">The name of the tensor inside its layer, without <c>.weight</c>: <c>attn_v</c>.</param>
/// <param name="Type">The type.</param>
/// <param name="Applies">In which layers, counted from 0; null for all.</param>
internal sealed record MixRule(string Role, ElementType Type, Func<int, NetworkShape, bool>? Applies = null)
{
    /// <summary>Whether the rule is one for quantization by an importance matrix.</summary>
    public bool NeedsImportance { get; init; }
}
