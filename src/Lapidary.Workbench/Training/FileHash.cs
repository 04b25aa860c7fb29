using System.Security.Cryptography;
using Lapidary.Checkpoints;

namespace Lapidary.Workbench.Training;

/// <summary>The SHA-256 of files.</summary>
internal static class FileHash
{
    /// <summary>The SHA-256 of a file in lower-case hexadecimal digits.</summary>
    /// <exception cref="CheckpointException">The file cannot be read.</exception>
    public static string Sha256(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20, FileOptions.SequentialScan);
            return Convert.ToHexStringLower(SHA256.HashData(stream));
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"cannot be read: {thrown.Message.TrimEnd('.')}", thrown);
        }
    }
}
