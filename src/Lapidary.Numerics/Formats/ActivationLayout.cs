namespace Lapidary.Numerics.Formats;

/// <summary>The forms in which a fast matrix-vector product reads its vector.</summary>
public enum ActivationLayout
{
    /// <summary>Float32, in order.</summary>
    Float,

    /// <summary>Float32, in groups of two vectors: first the elements at even, then those at odd positions of the group.</summary>
    EvenOdd,

    /// <summary>Signed bytes with a float32 scale per 32 elements.</summary>
    Byte32,

    /// <summary>Signed bytes with a float32 scale per 256 elements.</summary>
    Byte256,
}
