using Lapidary.Numerics;

namespace Lapidary.Networks;

/// <summary>
/// The scale of an RMSNorm, ready for use: Gemma 3 stores w and applies 1 + w, GGUF files hold 1 + w.
/// </summary>
public sealed unsafe class NormWeight : IDisposable
{
    private readonly Tensor scale;

    /// <summary>Reads a norm's weight.</summary>
    /// <param name="name">Canonical name of the tensor.</param>
    /// <param name="stored">What the checkpoint holds, one-dimensional.</param>
    /// <param name="storedIncludesOne">Whether that is 1 + w already.</param>
    /// <param name="epsilon">Added to the mean square.</param>
    public NormWeight(string name, Tensor stored, bool storedIncludesOne, float epsilon)
    {
        Name = name;
        Epsilon = epsilon;
        scale = Tensor.Allocate(ElementType.F32, stored.RowLength);
        Span<float> values = scale.AsFloats();
        stored.DecodeRow(0, values);
        if (!storedIncludesOne)
        {
            foreach (ref float value in values)
            {
                value += 1f;
            }
        }
    }

    /// <summary>Canonical name of the tensor.</summary>
    public string Name { get; }

    /// <summary>Elements that are normalised together.</summary>
    public int Length => (int)scale.RowLength;

    /// <summary>Added to the mean square.</summary>
    public float Epsilon { get; }

    /// <summary>1 + w, F32 [Length].</summary>
    public Tensor Values => scale;

    /// <summary>1 + w [Length].</summary>
    internal float* Scale => (float*)scale.Data;

    /// <inheritdoc/>
    public void Dispose() => scale.Dispose();
}
