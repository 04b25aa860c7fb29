using Lapidary.Networks;

namespace Lapidary.Inference;

/// <summary>Gives those who watch an executor the numbers behind its handles.</summary>
internal interface IActivationReader
{
    /// <summary>The value [tokens, width], valid until the executor's next step.</summary>
    ReadOnlySpan<float> Read(Activation value);

    /// <summary>Elements per token.</summary>
    int WidthOf(Activation value);

    /// <summary>What the last gated MLP gave to its down projection; it stays within that step, so a network has no handle of it.</summary>
    Activation LastGated { get; }
}
