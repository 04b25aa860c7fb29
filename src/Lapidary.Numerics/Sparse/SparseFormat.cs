using Lapidary.Numerics.Formats;

namespace Lapidary.Numerics.Sparse;

/// <summary>The members of an <see cref="ISparseRows"/> behind plain calls.</summary>
internal sealed unsafe class SparseFormat
{
    private static readonly SparseFormat BF16 = Describe<SparseWords<BF16Format.Elements>>();
    private static readonly SparseFormat F16 = Describe<SparseWords<F16Format.Elements>>();
    private static readonly SparseFormat Q8_0 = Describe<SparseQ8_0>();

    private readonly delegate*<byte*, int, int> countNonZeros;
    private readonly delegate*<byte*, int, byte*, void> pack;
    private readonly delegate*<byte*, int, long> countPacked;
    private readonly delegate*<byte*, byte*, int, byte*, void> expand;
    private readonly delegate*<byte*, long*, int, in Activations, float*, void> multiplyRows;

    private SparseFormat(
        int groupLength,
        int headBytes,
        int elementBytes,
        int denseBytes,
        delegate*<byte*, int, int> countNonZeros,
        delegate*<byte*, int, byte*, void> pack,
        delegate*<byte*, int, long> countPacked,
        delegate*<byte*, byte*, int, byte*, void> expand,
        delegate*<byte*, long*, int, in Activations, float*, void> multiplyRows)
    {
        GroupLength = groupLength;
        HeadBytes = headBytes;
        ElementBytes = elementBytes;
        DenseBytes = denseBytes;
        this.countNonZeros = countNonZeros;
        this.pack = pack;
        this.countPacked = countPacked;
        this.expand = expand;
        this.multiplyRows = multiplyRows;
    }

    /// <inheritdoc cref="ISparseRows.GroupLength"/>
    public int GroupLength { get; }

    /// <inheritdoc cref="ISparseRows.HeadBytes"/>
    public int HeadBytes { get; }

    /// <inheritdoc cref="ISparseRows.ElementBytes"/>
    public int ElementBytes { get; }

    /// <inheritdoc cref="ISparseRows.DenseBytes"/>
    public int DenseBytes { get; }

    /// <summary>The sparse form of a storage format, or null where there is none.</summary>
    public static SparseFormat? Of(ElementType type) => type switch
    {
        ElementType.BF16 => BF16,
        ElementType.F16 => F16,
        ElementType.Q8_0 => Q8_0,
        _ => null,
    };

    /// <summary>Groups of a row.</summary>
    public int GroupsOf(long length) => checked((int)((length + GroupLength - 1) / GroupLength));

    /// <inheritdoc cref="ISparseRows.CountNonZeros"/>
    public int CountNonZeros(byte* row, int length) => countNonZeros(row, length);

    /// <inheritdoc cref="ISparseRows.Pack"/>
    public void Pack(byte* row, int length, byte* record) => pack(row, length, record);

    /// <inheritdoc cref="ISparseRows.CountPacked"/>
    public long CountPacked(byte* head, int groups) => countPacked(head, groups);

    /// <inheritdoc cref="ISparseRows.Expand"/>
    public void Expand(byte* head, byte* packed, int groups, byte* destination) => expand(head, packed, groups, destination);

    /// <inheritdoc cref="ISparseRows.MultiplyRows"/>
    public void MultiplyRows(byte* records, long* offsets, int rowCount, in Activations x, float* y) =>
        multiplyRows(records, offsets, rowCount, in x, y);

    private static SparseFormat Describe<TRows>()
        where TRows : struct, ISparseRows
        => new(
            TRows.GroupLength,
            TRows.HeadBytes,
            TRows.ElementBytes,
            TRows.DenseBytes,
            &TRows.CountNonZeros,
            &TRows.Pack,
            &TRows.CountPacked,
            &TRows.Expand,
            &TRows.MultiplyRows);
}
