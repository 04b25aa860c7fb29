namespace Lapidary.Numerics.Formats.Encoding;

/// <summary>What encoding needs to know of a K format, beyond <see cref="ISuperBlock"/>.</summary>
internal unsafe interface IEncodedSuperBlock : ISuperBlock
{
    /// <summary>Elements of a group that has a scale of its own.</summary>
    static abstract int GroupLength { get; }

    /// <summary>The largest quant as stored, the offset included.</summary>
    static abstract int Largest { get; }

    /// <summary>Stores the integer scales, and the integer minimums where the format has them, of all groups.</summary>
    static abstract void PackScales(byte* block, int* scales, int* minimums);

    /// <summary>Stores 256 quants between 0 and <see cref="Largest"/>.</summary>
    static abstract void PackQuants(byte* block, byte* quants);
}
