using Lapidary.Numerics.Formats;
using Lapidary.Numerics.Memory;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

// The gradients of Y = X * transpose(W), with dY the gradient of a loss with respect to Y: dX = dY * W and dW = transpose(dY) * X.
public sealed unsafe partial class MatrixProduct
{
    // What is packed of dY at a time: as much as a last-level cache holds beside the weights. The gradient of a vocabulary's logits is
    // hundreds of megabytes.
    private const long PackedBytes = 16L << 20;

    // Pieces of the inner dimension are whole blocks of the product.
    private const int InnerPiece = 512;

    // Outputs that are added up in one chain. Over a vocabulary, one chain would lose the small terms at its end to the sum so far:
    // with chains of this length the gradient is ten times as exact.
    private const int ChainLength = 4096;

    private NativeMemoryBlock? chain;

    /// <summary>
    /// The gradient of the input: dX [rows, inputs] (+)= dY [rows, outputs] * W [outputs, inputs]. Each element is a chain of
    /// multiply-adds in the order of the outputs, which begins with what dX holds where the call accumulates; every 4,096 outputs
    /// a new chain begins, whose sum is added to dX. So no number of threads or rows changes a bit.
    /// </summary>
    /// <param name="outputGradient">dY [<paramref name="rows"/>, outputs].</param>
    /// <param name="outputGradientStride">Floats from one row of dY to the next, at least outputs.</param>
    /// <param name="rows">Rows of dY and dX.</param>
    /// <param name="weight">W [outputs, inputs] of any format.</param>
    /// <param name="inputGradient">dX [<paramref name="rows"/>, inputs], rows contiguous.</param>
    /// <param name="accumulate">Whether to add to what dX holds instead of overwriting it.</param>
    public void InputGradient(
        float* outputGradient, nint outputGradientStride, int rows, Tensor weight, float* inputGradient, bool accumulate) =>
        InputGradient(outputGradient, outputGradientStride, rows, weight, null, checked((int)weight.Rows), inputGradient, accumulate);

    /// <summary>
    /// The gradient of the weights: dW [outputs, inputs] += transpose(dY [rows, outputs]) * X [rows, inputs]. Each element is one
    /// chain of multiply-adds in the order of the rows that begins with what dW holds: a batch that is cut into several calls
    /// gives the bits of one.
    /// </summary>
    /// <param name="outputGradient">dY [<paramref name="rows"/>, <paramref name="outputs"/>].</param>
    /// <param name="outputGradientStride">Floats from one row of dY to the next, at least <paramref name="outputs"/>.</param>
    /// <param name="input">X [<paramref name="rows"/>, <paramref name="inputs"/>], rows contiguous.</param>
    /// <param name="rows">Rows of dY and X.</param>
    /// <param name="outputs">Rows of dW.</param>
    /// <param name="inputs">Width of X and dW.</param>
    /// <param name="weightGradient">dW, float32, rows contiguous.</param>
    public void WeightGradient(
        float* outputGradient, nint outputGradientStride, float* input, int rows, int outputs, int inputs, float* weightGradient) =>
        WeightGradient(outputGradient, outputGradientStride, input, rows, null, outputs, inputs, weightGradient);

    /// <summary>
    /// As the public form, for the <paramref name="outputs"/> rows of W that <paramref name="weightRows"/> lists; null stands for the
    /// first of them.
    /// </summary>
    internal void InputGradient(
        float* outputGradient,
        nint outputGradientStride,
        int rows,
        Tensor weight,
        int* weightRows,
        int outputs,
        float* inputGradient,
        bool accumulate)
    {
        int inputs = checked((int)weight.RowLength);
        long count = (long)rows * inputs;
        if (count == 0)
        {
            return;
        }

        if (outputs > ChainLength)
        {
            Grow(ref chain, count * sizeof(float));
        }

        for (int first = 0; first < outputs; first += ChainLength)
        {
            int length = Math.Min(ChainLength, outputs - first);
            float* dy = outputGradient + first;
            if (first == 0)
            {
                Chain(dy, outputGradientStride, rows, weight, weightRows, first, length, inputGradient, accumulate);
                continue;
            }

            Chain(dy, outputGradientStride, rows, weight, weightRows, first, length, (float*)chain!.Pointer, accumulate: false);
            VectorAdd.Add(pool, inputGradient, (float*)chain.Pointer, count);
        }
    }

    /// <summary>
    /// As the public form, where output i is row <paramref name="weightRows"/>[i] of dW; null stands for row i.
    /// </summary>
    internal void WeightGradient(
        float* outputGradient,
        nint outputGradientStride,
        float* input,
        int rows,
        int* weightRows,
        int outputs,
        int inputs,
        float* weightGradient)
    {
        // A piece of rows is a block of the product, so that what is packed of it is still in the cache when it is read.
        for (int row = 0; row < rows; row += InnerPiece)
        {
            int depth = Math.Min(InnerPiece, rows - row);
            int piece = PieceLength(outputs, depth, ProductBlock.RowBlock);
            for (int first = 0; first < outputs; first += piece)
            {
                AddProduct(
                    outputGradient + (row * outputGradientStride) + first,
                    outputGradientStride,
                    input + ((nint)row * inputs),
                    depth,
                    weightRows is null ? null : weightRows + first,
                    Math.Min(piece, outputs - first),
                    inputs,
                    weightRows is null ? weightGradient + ((nint)first * inputs) : weightGradient);
            }
        }
    }

    private void AddProduct(
        float* outputGradient,
        nint outputGradientStride,
        float* input,
        int rows,
        int* weightRows,
        int outputs,
        int inputs,
        float* weightGradient)
    {
        Grow(ref packed, (long)rows * outputs * sizeof(float));
        pool.EnsureScratch(GradientProductJob.ScratchBytes);
        var packing = new PackColumnsJob(outputGradient, outputGradientStride, rows, outputs, (float*)packed!.Pointer);
        SharedWork.Run(pool, ref packing, (long)rows * outputs);
        var product = new GradientProductJob
        {
            Product = new ProductBlock
            {
                Packed = (float*)packed.Pointer,
                Rows = outputs,
                Inner = rows,
                Output = weightGradient,
                OutputStride = inputs,
                OutputRows = weightRows,
            },
            Pool = pool,
            Format = WeightFormat.Of(ElementType.F32),
            Weights = (byte*)input,
            WeightRowBytes = (nint)inputs * sizeof(float),
            Columns = inputs,
            Accumulate = true,
        };
        Run(ref product);
    }

    // Outputs whose dY is packed at a time: pieces of about the same length, in units that the product takes well.
    private static int PieceLength(int outputs, int rows, int unit)
    {
        long most = Math.Max(1, PackedBytes / sizeof(float) / Math.Max(1, rows) / unit) * unit;
        long pieces = Math.Max(1, (outputs + most - 1) / most);
        long even = (outputs + pieces - 1) / pieces;
        return (int)Math.Min(outputs, (even + unit - 1) / unit * unit);
    }

    // The part of the gradient of the input that comes from outputs [first, +length), in one chain of multiply-adds.
    private void Chain(
        float* outputGradient,
        nint outputGradientStride,
        int rows,
        Tensor weight,
        int* weightRows,
        int first,
        int length,
        float* inputGradient,
        bool accumulate)
    {
        int inputs = (int)weight.RowLength;
        int piece = PieceLength(length, rows, InnerPiece);
        Grow(ref packed, (long)rows * piece * sizeof(float));
        pool.EnsureScratch(GradientProductJob.ScratchBytes);
        for (int k = 0; k < length; k += piece)
        {
            int depth = Math.Min(piece, length - k);
            var packing = new PackInputJob
            {
                Input = outputGradient + k, Stride = outputGradientStride, Rows = rows, Inner = depth, Packed = (float*)packed!.Pointer,
            };
            SharedWork.Run(pool, ref packing, (long)rows * depth);
            var product = new GradientProductJob
            {
                Product = new ProductBlock
                {
                    Packed = packing.Packed, Rows = rows, Inner = depth, Output = inputGradient, OutputStride = inputs,
                },
                Pool = pool,
                Format = WeightFormat.Of(weight.Type),
                Weights = weightRows is null ? weight.RowPointer(first + k) : weight.Data,
                WeightRowBytes = (nint)weight.RowBytes,
                WeightRows = weightRows is null ? null : weightRows + first + k,
                Columns = inputs,
                Accumulate = accumulate || k != 0,
            };
            Run(ref product);
        }
    }

    private void Run(ref GradientProductJob product)
    {
        product.Plan(pool.ThreadCount);

        // A core does about sixteen multiply-adds in the time in which it passes over one element.
        SharedWork.Run(pool, ref product, (long)product.Product.Rows * product.Product.Inner * product.Columns / 16);
    }
}
