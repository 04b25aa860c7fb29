using System.Collections.Immutable;

namespace Lapidary.Checkpoints;

/// <summary>Where a tensor of a checkpoint lies and how it is stored.</summary>
/// <param name="Name">The canonical name: that of Hugging Face's text models, such as <c>model.layers.0.self_attn.q_proj.weight</c>.</param>
/// <param name="StoredName">The name in the file.</param>
/// <param name="Type">How the numbers are stored.</param>
/// <param name="Shape">The dimensions, outermost first.</param>
/// <param name="File">The file that holds the data.</param>
/// <param name="Offset">Where the data begins, in bytes from the start of the file.</param>
/// <param name="ByteLength">Size of the data in bytes.</param>
public sealed record TensorInfo(
    string Name,
    string StoredName,
    StoredType Type,
    ImmutableArray<long> Shape,
    string File,
    long Offset,
    long ByteLength)
{
    /// <summary>Number of elements.</summary>
    public long Length
    {
        get
        {
            long length = 1;
            foreach (long size in Shape)
            {
                length *= size;
            }

            return length;
        }
    }

    /// <summary>A shape as error messages write it: <c>[512, 64]</c>.</summary>
    public static string Describe(ReadOnlySpan<long> shape) => $"[{string.Join(", ", shape.ToArray())}]";
}
