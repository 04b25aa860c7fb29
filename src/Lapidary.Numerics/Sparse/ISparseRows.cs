using Lapidary.Numerics.Formats;

namespace Lapidary.Numerics.Sparse;

/// <summary>
/// How the rows of one storage format are kept without their zeros. A row is a record: a head with the masks, behind it the elements that are
/// not zero, packed. A group is the run of elements that one mask covers.
/// </summary>
internal unsafe interface ISparseRows
{
    /// <summary>Elements of a group.</summary>
    static abstract int GroupLength { get; }

    /// <summary>Bytes of the head per group.</summary>
    static abstract int HeadBytes { get; }

    /// <summary>Bytes of an element.</summary>
    static abstract int ElementBytes { get; }

    /// <summary>Bytes of a whole group as the format stores it.</summary>
    static abstract int DenseBytes { get; }

    /// <summary>Elements of an encoded row of <paramref name="length"/> elements that are not zero.</summary>
    static abstract int CountNonZeros(byte* row, int length);

    /// <summary>Makes the record of an encoded row of <paramref name="length"/> elements.</summary>
    static abstract void Pack(byte* row, int length, byte* record);

    /// <summary>Elements that are not zero in <paramref name="groups"/> groups whose head is <paramref name="head"/>.</summary>
    static abstract long CountPacked(byte* head, int groups);

    /// <summary>
    /// Writes groups as the format stores them, <see cref="DenseBytes"/> each, the last one whole too. Reads up to 64 bytes behind the packed elements.
    /// </summary>
    static abstract void Expand(byte* head, byte* packed, int groups, byte* destination);

    /// <summary>
    /// y[r] = row r times x for the records at <paramref name="offsets"/> from <paramref name="records"/>, in the bits of
    /// <see cref="IWeightFormat.MultiplyRows"/> on the same rows with their zeros.
    /// </summary>
    static abstract void MultiplyRows(byte* records, long* offsets, int rowCount, in Activations x, float* y);
}
