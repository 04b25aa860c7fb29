namespace Lapidary.Numerics;

/// <summary>How the numbers of a tensor are stored. The names are those of GGUF.</summary>
public enum ElementType
{
    /// <summary>IEEE 754 binary32.</summary>
    F32,

    /// <summary>IEEE 754 binary16.</summary>
    F16,

    /// <summary>The upper half of a binary32.</summary>
    BF16,

    /// <summary>Blocks of 32: a half scale and 4-bit numbers, centred at 8.</summary>
    Q4_0,

    /// <summary>Blocks of 32: a half scale, a half minimum and 4-bit numbers.</summary>
    Q4_1,

    /// <summary>Blocks of 32: a half scale and 5-bit numbers, centred at 16.</summary>
    Q5_0,

    /// <summary>Blocks of 32: a half scale, a half minimum and 5-bit numbers.</summary>
    Q5_1,

    /// <summary>Blocks of 32: a half scale and signed bytes.</summary>
    Q8_0,

    /// <summary>Super-blocks of 256: 16 groups with 4-bit scales and minima, 2-bit numbers.</summary>
    Q2_K,

    /// <summary>Super-blocks of 256: 16 groups with 6-bit scales, 3-bit numbers.</summary>
    Q3_K,

    /// <summary>Super-blocks of 256: 8 groups with 6-bit scales and minima, 4-bit numbers.</summary>
    Q4_K,

    /// <summary>Super-blocks of 256: 8 groups with 6-bit scales and minima, 5-bit numbers.</summary>
    Q5_K,

    /// <summary>Super-blocks of 256: 16 groups with 8-bit scales, 6-bit numbers.</summary>
    Q6_K,
}
