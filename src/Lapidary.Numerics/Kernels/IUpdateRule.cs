using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// How an optimizer changes one weight: the rule is elementwise, so one loop, <see cref="UpdateJob{TRule}"/>, serves all that have one.
/// A rule uses no fused operations: then it gives the same bits on every instruction set.
/// </summary>
internal interface IUpdateRule
{
    /// <summary>Whether the rule keeps a first and a second number per weight.</summary>
    static abstract (bool First, bool Second) States { get; }

    /// <summary>The new weights, and the new numbers that are kept with them.</summary>
    V Apply<V, TIsa>(V value, V gradient, ref V first, ref V second)
        where V : struct
        where TIsa : struct, IVectorIsa<V>;
}
