namespace Lapidary.Numerics.Formats;

/// <summary>
/// A format as a value: the members of an <see cref="IWeightFormat"/> behind plain calls, so that one matrix product serves them all.
/// </summary>
public sealed unsafe class WeightFormat
{
    private static readonly WeightFormat[] Formats = Register(
        Describe<F32Format>(),
        Describe<F16Format>(),
        Describe<BF16Format>(),
        Describe<Q4_0Format>(),
        Describe<Q4_1Format>(),
        Describe<Q5_0Format>(),
        Describe<Q5_1Format>(),
        Describe<Q8_0Format>(),
        Describe<Q2_KFormat>(),
        Describe<Q3_KFormat>(),
        Describe<Q4_KFormat>(),
        Describe<Q5_KFormat>(),
        Describe<Q6_KFormat>());

    private readonly delegate*<byte*, float*, int, void> decode;
    private readonly delegate*<byte*, nint, int, in Activations, float*, void> multiplyRows;
    private readonly delegate*<ReadOnlySpan<byte>, Span<float>, void> decodeReference;
    private readonly delegate*<ReadOnlySpan<float>, ReadOnlySpan<float>, Span<byte>, void> encode;
    private readonly delegate*<ReadOnlySpan<float>, ReadOnlySpan<float>, Span<byte>, void> encodeReference;
    private readonly delegate*<ReadOnlySpan<byte>, in Activations, double> multiplyReference;

    private WeightFormat(
        ElementType type,
        int blockLength,
        int blockBytes,
        ActivationLayout activations,
        delegate*<byte*, float*, int, void> decode,
        delegate*<byte*, nint, int, in Activations, float*, void> multiplyRows,
        delegate*<ReadOnlySpan<byte>, Span<float>, void> decodeReference,
        delegate*<ReadOnlySpan<float>, ReadOnlySpan<float>, Span<byte>, void> encode,
        delegate*<ReadOnlySpan<float>, ReadOnlySpan<float>, Span<byte>, void> encodeReference,
        delegate*<ReadOnlySpan<byte>, in Activations, double> multiplyReference)
    {
        Type = type;
        BlockLength = blockLength;
        BlockBytes = blockBytes;
        Activations = activations;
        this.decode = decode;
        this.multiplyRows = multiplyRows;
        this.decodeReference = decodeReference;
        this.encode = encode;
        this.encodeReference = encodeReference;
        this.multiplyReference = multiplyReference;
    }

    /// <summary>All formats.</summary>
    public static IEnumerable<WeightFormat> All => Formats.Where(format => format is not null);

    /// <summary>The element type that the format stores.</summary>
    public ElementType Type { get; }

    /// <summary>Elements in a block.</summary>
    public int BlockLength { get; }

    /// <summary>Bytes in a block.</summary>
    public int BlockBytes { get; }

    /// <summary>The form of the vector that <see cref="MultiplyRows"/> reads.</summary>
    public ActivationLayout Activations { get; }

    /// <summary>The format of an element type.</summary>
    public static WeightFormat Of(ElementType type) => Formats[(int)type];

    /// <summary>Bytes of a row of <paramref name="length"/> elements.</summary>
    /// <exception cref="OverflowException">The row is larger than memory can be.</exception>
    public long RowBytes(long length) => checked(length / BlockLength * BlockBytes);

    /// <inheritdoc cref="IWeightFormat.Decode"/>
    public void Decode(byte* source, float* destination, int count) => decode(source, destination, count);

    /// <inheritdoc cref="IWeightFormat.DecodeReference"/>
    public void DecodeReference(ReadOnlySpan<byte> source, Span<float> destination) => decodeReference(source, destination);

    /// <inheritdoc cref="IWeightFormat.Encode"/>
    public void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, Span<byte> blocks) =>
        encode(values, importance, blocks);

    /// <inheritdoc cref="IWeightFormat.EncodeReference"/>
    public void EncodeReference(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, Span<byte> blocks) =>
        encodeReference(values, importance, blocks);

    /// <inheritdoc cref="IWeightFormat.MultiplyRows"/>
    public void MultiplyRows(byte* rows, nint rowBytes, int rowCount, in Activations x, float* y) =>
        multiplyRows(rows, rowBytes, rowCount, in x, y);

    /// <inheritdoc cref="IWeightFormat.MultiplyReference"/>
    public double MultiplyReference(ReadOnlySpan<byte> row, in Activations x) => multiplyReference(row, in x);

    private static WeightFormat Describe<TFormat>()
        where TFormat : struct, IWeightFormat
        => new(
            TFormat.Type,
            TFormat.BlockLength,
            TFormat.BlockBytes,
            TFormat.Activations,
            &TFormat.Decode,
            &TFormat.MultiplyRows,
            &TFormat.DecodeReference,
            &TFormat.Encode,
            &TFormat.EncodeReference,
            &TFormat.MultiplyReference);

    private static WeightFormat[] Register(params ReadOnlySpan<WeightFormat> formats)
    {
        var table = new WeightFormat[Enum.GetValues<ElementType>().Length];
        foreach (WeightFormat format in formats)
        {
            table[(int)format.Type] = format;
        }

        return table;
    }
}
