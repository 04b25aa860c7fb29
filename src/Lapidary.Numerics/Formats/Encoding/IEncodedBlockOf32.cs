namespace Lapidary.Numerics.Formats.Encoding;

/// <summary>What encoding needs to know of a format with unsigned quants in blocks of 32, beyond <see cref="IBlockOf32"/>.</summary>
internal unsafe interface IEncodedBlockOf32 : IBlockOf32
{
    /// <summary>The largest quant.</summary>
    static abstract int Largest { get; }

    /// <summary>Stores 32 quants between 0 and <see cref="Largest"/>.</summary>
    static abstract void Pack(byte* block, byte* quants);
}
