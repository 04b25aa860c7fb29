using System.Text;

namespace Lapidary.Text.Data.Files;

/// <summary>Says where bytes stop being UTF-8.</summary>
internal static class ValidText
{
    /// <summary>What is wrong with bytes that are no UTF-8.</summary>
    public static string Fault(ReadOnlySpan<byte> bytes)
    {
        int at = 0;
        while (Rune.DecodeFromUtf8(bytes[at..], out _, out int length) == System.Buffers.OperationStatus.Done)
        {
            at += length;
        }

        return $"is not valid UTF-8 (byte {at + 1})";
    }
}
