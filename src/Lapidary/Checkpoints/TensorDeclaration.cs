using System.Collections.Immutable;

namespace Lapidary.Checkpoints;

/// <summary>A tensor that is going to be written.</summary>
/// <param name="Name">The name in the file.</param>
/// <param name="Type">How its numbers are stored.</param>
/// <param name="Shape">The dimensions, outermost first.</param>
public sealed record TensorDeclaration(string Name, StoredType Type, ImmutableArray<long> Shape)
{
    /// <summary>Bytes of the data.</summary>
    /// <exception cref="ArgumentException">The type cannot be in a safetensors file, or the shape is impossible.</exception>
    public long ByteLength => Type.IsInSafetensors && Type.ByteLengthOf(Shape.AsSpan()) is long bytes
        ? bytes
        : throw new ArgumentException($"A safetensors file cannot hold {Name}, {Type} {TensorInfo.Describe(Shape.AsSpan())}.");
}
