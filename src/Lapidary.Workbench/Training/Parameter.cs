using Lapidary.Numerics;

namespace Lapidary.Workbench.Training;

/// <summary>A tensor that training changes, and the gradient of the loss with respect to it.</summary>
public sealed unsafe class Parameter : IDisposable
{
    private ulong[]? mask;

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

    /// <summary>Whether weights that were zero at the start stay zero.</summary>
    public bool IsMasked => mask is not null;

    internal float* GradientPointer => (float*)Gradient.Data;

    /// <summary>Holds every weight that is zero now at zero: the mask of a pruned tensor.</summary>
    public void HoldZeros()
    {
        var row = new float[Value.RowLength];
        mask = new ulong[(Value.Length + 63) / 64];
        for (long i = 0; i < Value.Rows; i++)
        {
            Value.DecodeRow(i, row);
            for (int j = 0; j < row.Length; j++)
            {
                long element = (i * row.Length) + j;
                mask[element / 64] |= row[j] == 0 ? 0 : 1UL << (int)(element % 64);
            }
        }
    }

    /// <summary>Clears the gradients of weights that are held at zero.</summary>
    internal void MaskGradient()
    {
        if (mask is null)
        {
            return;
        }

        float* gradient = GradientPointer;
        long length = Gradient.Length;
        for (int word = 0; word < mask.Length; word++)
        {
            ulong bits = mask[word];
            long first = word * 64L;
            int count = (int)Math.Min(64, length - first);
            for (int i = 0; i < count && bits != ulong.MaxValue; i++)
            {
                if ((bits >> i & 1) == 0)
                {
                    gradient[first + i] = 0;
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Value.Dispose();
        Gradient.Dispose();
    }
}
