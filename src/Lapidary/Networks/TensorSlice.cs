using System.Collections.Immutable;

namespace Lapidary.Networks;

/// <summary>A tensor of a smaller network: some rows and columns of one of the larger network that it is cut from.</summary>
/// <param name="Source">The canonical name of the tensor that is cut.</param>
/// <param name="Target">The canonical name of what is written.</param>
/// <param name="Rows">The outer indices that stay, in the order in which they are written; null for all.</param>
/// <param name="Columns">The inner indices that stay, in the order in which they are written; null for all. A vector has columns only.</param>
/// <param name="Gain">What the scale of a norm, 1 + w, is multiplied by; 1 for everything else.</param>
public sealed record TensorSlice(string Source, string Target, ImmutableArray<int>? Rows, ImmutableArray<int>? Columns, double Gain = 1);
