namespace Lapidary.Text.Data.Files;

/// <summary>The bytes of a row as they come. What goes beyond the limit of a row is not kept, only noted.</summary>
internal sealed class RowBuffer
{
    private byte[] bytes = new byte[4096];

    /// <summary>Number of bytes so far.</summary>
    public int Count { get; private set; }

    /// <summary>Whether something was left out.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>The bytes so far.</summary>
    public ReadOnlySpan<byte> Bytes => bytes.AsSpan(0, Count);

    /// <summary>Begins a row.</summary>
    public void Clear()
    {
        Count = 0;
        IsTooLong = false;
    }

    /// <summary>Adds a byte.</summary>
    public void Add(byte value)
    {
        if (Count < bytes.Length)
        {
            bytes[Count++] = value;
            return;
        }

        Add([value]);
    }

    /// <summary>Adds bytes.</summary>
    public void Add(ReadOnlySpan<byte> more)
    {
        if (IsTooLong || more.Length > RowLimit.Bytes - Count)
        {
            IsTooLong = true;
            return;
        }

        if (more.Length > bytes.Length - Count)
        {
            Array.Resize(ref bytes, Math.Min(Math.Max(2 * bytes.Length, Count + more.Length), RowLimit.Bytes));
        }

        more.CopyTo(bytes.AsSpan(Count));
        Count += more.Length;
    }
}
