using Lapidary.Numerics;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;

namespace Lapidary.Workbench.Training;

/// <summary>A tensor that training changes, and the gradient of the loss with respect to it.</summary>
public sealed unsafe class Parameter : IDisposable
{
    /// <summary>Takes ownership of a value.</summary>
    /// <param name="name">Its name in files.</param>
    /// <param name="value">F32 or BF16.</param>
    /// <exception cref="ArgumentException">The value has another type.</exception>
    public Parameter(string name, Tensor value)
    {
        if (value.Type is not (ElementType.F32 or ElementType.BF16))
        {
            throw new ArgumentException($"{name} is {value.Type}; what is trained is F32 or BF16.", nameof(value));
        }

        Name = name;
        Value = value;
        Gradient = Tensor.Allocate(ElementType.F32, value.Shape.AsSpan());
    }

    /// <summary>Its name in files.</summary>
    public string Name { get; }

    /// <summary>The numbers.</summary>
    public Tensor Value { get; }

    /// <summary>F32, of the same shape.</summary>
    public Tensor Gradient { get; }

    /// <summary>Whether weight decay applies: to matrices only.</summary>
    public bool Decays => Value.Shape.Length >= 2;

    /// <summary>Whether weights that are zero stay zero.</summary>
    public bool IsMasked { get; private set; }

    internal float* GradientPointer => (float*)Gradient.Data;

    /// <summary>
    /// Holds weights that are zero at zero: those of a pruned tensor. The zeros are the mask, so what goes on from a checkpoint needs no
    /// other. A weight that an update happens to take to exactly zero misses the gradient of the steps in which it is there.
    /// </summary>
    public void HoldZeros() => IsMasked = true;

    /// <summary>Clears the gradients of weights that are held at zero.</summary>
    /// <returns>How many these are.</returns>
    internal long MaskGradient(WorkerPool pool) => IsMasked ? ZeroMask.Apply(pool, Value, GradientPointer) : 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        Value.Dispose();
        Gradient.Dispose();
    }
}
