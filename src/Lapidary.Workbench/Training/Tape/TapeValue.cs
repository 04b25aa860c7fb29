using Lapidary.Numerics.Memory;

namespace Lapidary.Workbench.Training.Tape;

/// <summary>A value [rows, width] of the network while it is on the tape, and its gradient once one has arrived.</summary>
internal sealed unsafe class TapeValue(NativeMemoryBlock data, int rows, int width, bool needsGradient)
{
    /// <summary>The numbers.</summary>
    public float* Data => (float*)Block.Pointer;

    /// <summary>The gradient of the loss with respect to the numbers; null while none has arrived.</summary>
    public float* Gradient { get; private set; }

    /// <summary>Rows.</summary>
    public int Rows { get; } = rows;

    /// <summary>Elements of a row.</summary>
    public int Width { get; } = width;

    /// <summary>Elements.</summary>
    public long Count => (long)Rows * Width;

    /// <summary>Whether anything that is trained lies before this value.</summary>
    public bool NeedsGradient { get; } = needsGradient;

    /// <summary>Whether this is the residual stream, which goes on from layer to layer.</summary>
    public bool IsStream { get; init; }

    /// <summary>Memory of the numbers.</summary>
    public NativeMemoryBlock Block { get; } = data;

    /// <summary>Whether the memory was given back.</summary>
    public bool IsReleased { get; private set; }

    private NativeMemoryBlock? GradientBlock { get; set; }

    /// <summary>The place of the gradient; <paramref name="accumulate"/> says whether one is there already, to be added to.</summary>
    public float* OpenGradient(TapeMemory memory, out bool accumulate)
    {
        accumulate = Gradient is not null;
        if (!accumulate)
        {
            GradientBlock = memory.Rent(Width);
            Gradient = (float*)GradientBlock.Pointer;
        }

        return Gradient;
    }

    /// <summary>Takes numbers that another value owns as the gradient: they may be read, and not be written, through this value.</summary>
    public void BorrowGradient(float* gradient) => Gradient = gradient;

    /// <summary>Makes the memory of the gradient, with the gradient in it, that of another value.</summary>
    public void HandGradientTo(TapeValue other)
    {
        other.GradientBlock = GradientBlock;
        other.Gradient = Gradient;
        GradientBlock = null;
    }

    /// <summary>Declares that the numbers were overwritten by their gradient.</summary>
    public void BecomeGradient() => Gradient = Data;

    /// <summary>Gives the memory back.</summary>
    public void Release(TapeMemory memory)
    {
        if (!IsReleased)
        {
            IsReleased = true;
            memory.Return(Block);
        }

        if (GradientBlock is not null)
        {
            memory.Return(GradientBlock);
            GradientBlock = null;
        }

        Gradient = null;
    }
}
