namespace Lapidary.Numerics.Formats.Encoding;

/// <summary>Checks the lengths of what a format encodes.</summary>
internal static class EncodeArguments
{
    /// <summary>Throws where a row is not a whole number of blocks, or importance or blocks are not of its length.</summary>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public static void Check<TFormat>(int values, int importance, int blockBytes)
        where TFormat : struct, IWeightFormat
    {
        if (values % TFormat.BlockLength != 0)
        {
            throw new ArgumentException(
                $"A row of {values} elements is not a whole number of {TFormat.Type} blocks of {TFormat.BlockLength}.", nameof(values));
        }

        if (importance != 0 && importance != values)
        {
            throw new ArgumentException($"A row of {values} elements has an importance of {importance}.", nameof(importance));
        }

        long expected = (long)values / TFormat.BlockLength * TFormat.BlockBytes;
        if (blockBytes != expected)
        {
            throw new ArgumentException(
                $"A row of {values} elements is {expected} bytes in {TFormat.Type}, room is for {blockBytes}.", nameof(blockBytes));
        }
    }
}
