using System.Collections.Immutable;

namespace Lapidary.Checkpoints;

/// <summary>A tensor that is going to be written.</summary>
/// <param name="Name">The name in the file.</param>
/// <param name="Type">How its numbers are stored.</param>
/// <param name="Shape">The dimensions, outermost first.</param>
public sealed record TensorDeclaration(string Name, StoredType Type, ImmutableArray<long> Shape)
{
    /// <summary>Bytes of the data.</summary>
    /// <exception cref="ArgumentException">The shape is impossible.</exception>
    public long ByteLength => Type.ByteLengthOf(Shape.AsSpan())
        ?? throw new ArgumentException($"{Name}, {Type} {TensorInfo.Describe(Shape.AsSpan())}, is no tensor that can be.");
}
