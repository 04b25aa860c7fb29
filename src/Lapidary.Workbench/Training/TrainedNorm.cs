using Lapidary.Networks;
using Lapidary.Numerics;

namespace Lapidary.Workbench.Training;

/// <summary>The scale of a norm as training applies it: 1 + w of a w that may be trained.</summary>
internal sealed unsafe class TrainedNorm(NormWeight norm) : IDisposable
{
    private Tensor? ownScale;
    private bool storedIncludesOne;

    /// <summary>What the norm multiplies by, [length].</summary>
    public float* Scale => (float*)(ownScale ?? norm.Values).Data;

    /// <summary>The stored w (or 1 + w), if it is trained.</summary>
    public Parameter? Own { get; private set; }

    /// <summary>Trains the norm.</summary>
    public void Train(Parameter parameter, bool includesOne)
    {
        Own = parameter;
        storedIncludesOne = includesOne;
        ownScale = Tensor.Allocate(ElementType.F32, norm.Length);
        Refresh();
    }

    /// <summary>Computes the scale again after a step.</summary>
    public void Refresh()
    {
        if (Own is null)
        {
            return;
        }

        Span<float> scale = ownScale!.AsFloats();
        Own.Value.DecodeRow(0, scale);
        for (int i = 0; i < scale.Length && !storedIncludesOne; i++)
        {
            scale[i] += 1f;
        }
    }

    public void Dispose() => ownScale?.Dispose();
}
