namespace Lapidary.Inference;

/// <summary>NaN or infinity appeared in a computation; the message names the tensor.</summary>
public sealed class NonFiniteException : Exception
{
    /// <summary>Says where the number appeared.</summary>
    public NonFiniteException(string message)
        : base(message)
    {
    }
}
