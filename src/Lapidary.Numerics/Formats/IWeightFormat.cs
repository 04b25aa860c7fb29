namespace Lapidary.Numerics.Formats;

/// <summary>
/// One storage format of weights: its layout, how it encodes and decodes, and its product with a vector. Each format is one file that implements
/// this interface; <see cref="WeightFormat"/> lists them. The layouts of the block formats are those of ggml
/// (<c>ggml-common.h</c>); in a row of a matrix the blocks follow each other along the inner dimension.
/// </summary>
public unsafe interface IWeightFormat
{
    /// <summary>The element type that this format stores.</summary>
    static abstract ElementType Type { get; }

    /// <summary>Elements in a block; a row is a whole number of blocks.</summary>
    static abstract int BlockLength { get; }

    /// <summary>Bytes in a block.</summary>
    static abstract int BlockBytes { get; }

    /// <summary>The form of the vector that <see cref="MultiplyRows"/> reads.</summary>
    static abstract ActivationLayout Activations { get; }

    /// <summary>
    /// Decodes <paramref name="count"/> elements, a whole number of blocks, with vectors. Gives exactly the numbers of
    /// <see cref="DecodeReference"/>, on every instruction set.
    /// </summary>
    static abstract void Decode(byte* source, float* destination, int count);

    /// <summary>Decodes in plain scalar code, as the published layout is written: the definition of the format.</summary>
    static abstract void DecodeReference(ReadOnlySpan<byte> source, Span<float> destination);

    /// <summary>
    /// Encodes a row with vectors, to exactly the bytes of <see cref="EncodeReference"/>, on every instruction set, which are those of ggml's
    /// reference quantizers (<c>ggml-quants.c</c>).
    /// </summary>
    /// <param name="values">A row of finite numbers, a whole number of blocks. What others become is not said.</param>
    /// <param name="importance">
    /// For each number how much its squared difference counts, finite and not negative, or empty where all count alike; formats that round
    /// each number by itself, Q8_0 among them, make no use of it. Which blocks an importance leads to may depend on the whole row.
    /// </param>
    /// <param name="blocks">Receives the blocks of the row, exactly as many bytes as they take.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    static abstract void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, Span<byte> blocks);

    /// <summary><see cref="Encode"/> in plain scalar code.</summary>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    static abstract void EncodeReference(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, Span<byte> blocks);

    /// <summary>
    /// The fast product of decoding: y[r] = row r times x, for <paramref name="rowCount"/> rows of <c>x.Length</c> elements that
    /// are <paramref name="rowBytes"/> apart. How y[r] is computed does not depend on the other rows.
    /// </summary>
    static abstract void MultiplyRows(byte* rows, nint rowBytes, int rowCount, in Activations x, float* y);

    /// <summary>
    /// Row times x in plain scalar code with the same form of the vector: block sums exact, the sum over blocks in double precision.
    /// </summary>
    static abstract double MultiplyReference(ReadOnlySpan<byte> row, in Activations x);
}
