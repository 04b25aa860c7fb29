namespace Lapidary.Checkpoints;

/// <summary>The type of a metadata value in a GGUF file; the numbers are those of the format.</summary>
public enum GgufValueType
{
    /// <summary>An unsigned byte.</summary>
    UInt8 = 0,

    /// <summary>A signed byte.</summary>
    Int8 = 1,

    /// <summary>16 bits, unsigned.</summary>
    UInt16 = 2,

    /// <summary>16 bits, signed.</summary>
    Int16 = 3,

    /// <summary>32 bits, unsigned.</summary>
    UInt32 = 4,

    /// <summary>32 bits, signed.</summary>
    Int32 = 5,

    /// <summary>IEEE 754 binary32.</summary>
    Float32 = 6,

    /// <summary>One byte, zero for false.</summary>
    Bool = 7,

    /// <summary>A length of 64 bits, then UTF-8.</summary>
    String = 8,

    /// <summary>A type, a count of 64 bits, then the elements.</summary>
    Array = 9,

    /// <summary>64 bits, unsigned.</summary>
    UInt64 = 10,

    /// <summary>64 bits, signed.</summary>
    Int64 = 11,

    /// <summary>IEEE 754 binary64.</summary>
    Float64 = 12,
}
