using Lapidary.Numerics;

namespace Lapidary.Checkpoints;

/// <summary>
/// How a file stores the numbers of a tensor: every data type of safetensors and every type number of ggml, also those that cannot be
/// computed with, so that a file can be listed and its sizes checked whatever it holds.
/// </summary>
public sealed class StoredType
{
    // Block lengths and block bytes of ggml: GGML_QUANT_SIZES in gguf-py/gguf/constants.py.
    private static readonly StoredType[] Known =
    [
        new("F32", 1, 32, Numerics.ElementType.F32, 0, true),
        new("F16", 1, 16, Numerics.ElementType.F16, 1, true),
        new("BF16", 1, 16, Numerics.ElementType.BF16, 30, true),
        new("Q4_0", 32, 18 * 8, Numerics.ElementType.Q4_0, 2, false),
        new("Q4_1", 32, 20 * 8, Numerics.ElementType.Q4_1, 3, false),
        new("Q5_0", 32, 22 * 8, Numerics.ElementType.Q5_0, 6, false),
        new("Q5_1", 32, 24 * 8, Numerics.ElementType.Q5_1, 7, false),
        new("Q8_0", 32, 34 * 8, Numerics.ElementType.Q8_0, 8, false),
        new("Q8_1", 32, 36 * 8, null, 9, false),
        new("Q2_K", 256, 84 * 8, Numerics.ElementType.Q2_K, 10, false),
        new("Q3_K", 256, 110 * 8, Numerics.ElementType.Q3_K, 11, false),
        new("Q4_K", 256, 144 * 8, Numerics.ElementType.Q4_K, 12, false),
        new("Q5_K", 256, 176 * 8, Numerics.ElementType.Q5_K, 13, false),
        new("Q6_K", 256, 210 * 8, Numerics.ElementType.Q6_K, 14, false),
        new("Q8_K", 256, 292 * 8, null, 15, false),
        new("IQ2_XXS", 256, 66 * 8, null, 16, false),
        new("IQ2_XS", 256, 74 * 8, null, 17, false),
        new("IQ3_XXS", 256, 98 * 8, null, 18, false),
        new("IQ1_S", 256, 50 * 8, null, 19, false),
        new("IQ4_NL", 32, 18 * 8, null, 20, false),
        new("IQ3_S", 256, 110 * 8, null, 21, false),
        new("IQ2_S", 256, 82 * 8, null, 22, false),
        new("IQ4_XS", 256, 136 * 8, null, 23, false),
        new("I8", 1, 8, null, 24, true),
        new("I16", 1, 16, null, 25, true),
        new("I32", 1, 32, null, 26, true),
        new("I64", 1, 64, null, 27, true),
        new("F64", 1, 64, null, 28, true),
        new("IQ1_M", 256, 56 * 8, null, 29, false),
        new("TQ1_0", 256, 54 * 8, null, 34, false),
        new("TQ2_0", 256, 66 * 8, null, 35, false),
        new("MXFP4", 32, 17 * 8, null, 39, false),
        new("NVFP4", 64, 36 * 8, null, 40, false),
        new("Q1_0", 128, 18 * 8, null, 41, false),
        new("Q2_0", 64, 18 * 8, null, 42, false),
        new("BOOL", 1, 8, null, null, true),
        new("U8", 1, 8, null, null, true),
        new("U16", 1, 16, null, null, true),
        new("U32", 1, 32, null, null, true),
        new("U64", 1, 64, null, null, true),
        new("C64", 1, 64, null, null, true),
        new("F4", 1, 4, null, null, true),
        new("F6_E2M3", 1, 6, null, null, true),
        new("F6_E3M2", 1, 6, null, null, true),
        new("F8_E4M3", 1, 8, null, null, true),
        new("F8_E5M2", 1, 8, null, null, true),
        new("F8_E8M0", 1, 8, null, null, true),
        new("F8_E4M3FNUZ", 1, 8, null, null, true),
        new("F8_E5M2FNUZ", 1, 8, null, null, true),
    ];

    private static readonly Dictionary<string, StoredType> ByName = Known.ToDictionary(type => type.Name);
    private static readonly Dictionary<uint, StoredType> ByNumber =
        Known.Where(type => type.GgmlNumber is not null).ToDictionary(type => type.GgmlNumber!.Value);

    private readonly int blockBits;

    private StoredType(string name, int blockLength, int blockBits, ElementType? elementType, uint? ggmlNumber, bool isInSafetensors)
    {
        Name = name;
        BlockLength = blockLength;
        this.blockBits = blockBits;
        ElementType = elementType;
        GgmlNumber = ggmlNumber;
        IsInSafetensors = isInSafetensors;
    }

    /// <summary>The name that the file format gives to the type.</summary>
    public string Name { get; }

    /// <summary>Elements that are stored together; a row is a whole number of blocks.</summary>
    public int BlockLength { get; }

    /// <summary>The type to compute with, or null where there is none.</summary>
    public ElementType? ElementType { get; }

    /// <summary>The type's number in GGUF files, or null for types that only safetensors has.</summary>
    public uint? GgmlNumber { get; }

    /// <summary>Whether a safetensors file can hold the type.</summary>
    public bool IsInSafetensors { get; }

    /// <summary>Whether the type is a plain IEEE or bfloat16 number that <see cref="ElementType"/> names.</summary>
    public bool IsPlainFloat => ElementType is Numerics.ElementType.F32 or Numerics.ElementType.F16 or Numerics.ElementType.BF16;

    /// <summary>The type of a safetensors <c>dtype</c>, or null if there is none of that name.</summary>
    public static StoredType? FromSafetensors(string name) =>
        ByName.TryGetValue(name, out StoredType? type) && type.IsInSafetensors ? type : null;

    /// <summary>The type of a ggml type number, or null for a number that is unknown or was removed from ggml.</summary>
    public static StoredType? FromGgml(uint number) => ByNumber.GetValueOrDefault(number);

    /// <summary>How files store an element type.</summary>
    public static StoredType Of(ElementType type) => Known.First(known => known.ElementType == type);

    /// <summary>Bytes of a tensor of this type, or null if the shape is impossible: a size that overflows, or a row of broken blocks.</summary>
    /// <param name="shape">The dimensions, outermost first.</param>
    public long? ByteLengthOf(ReadOnlySpan<long> shape)
    {
        UInt128 elements = 1;
        foreach (long size in shape)
        {
            if (size < 0)
            {
                return null;
            }

            // Two factors below 2^63 fit; anything above is refused before the next factor comes.
            elements *= (ulong)size;
            if (elements > long.MaxValue)
            {
                return null;
            }
        }

        if (BlockLength > 1 && (shape.IsEmpty || shape[^1] % BlockLength != 0))
        {
            return null;
        }

        UInt128 bits = elements / (ulong)BlockLength * (ulong)blockBits;
        return bits % 8 == 0 && bits / 8 <= long.MaxValue ? (long)(bits / 8) : null;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
