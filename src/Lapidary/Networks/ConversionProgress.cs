namespace Lapidary.Networks;

/// <summary>How far the writing of a checkpoint has come.</summary>
/// <param name="Tensor">The tensor that was just written, whole or a piece of it.</param>
/// <param name="TensorsDone">Tensors that are written.</param>
/// <param name="TensorCount">Tensors in all.</param>
/// <param name="BytesDone">Bytes of data that are written.</param>
/// <param name="ByteCount">Bytes of data in all.</param>
public readonly record struct ConversionProgress(string Tensor, int TensorsDone, int TensorCount, long BytesDone, long ByteCount);
