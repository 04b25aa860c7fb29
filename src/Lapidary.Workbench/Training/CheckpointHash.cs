using System.Security.Cryptography;
using System.Text;
using Lapidary.Checkpoints;

namespace Lapidary.Workbench.Training;

/// <summary>What identifies the weights of a checkpoint.</summary>
public static class CheckpointHash
{
    /// <summary>SHA-256 over the SHA-256 of each file with weights, in the order of their names, as lower-case hexadecimal digits.</summary>
    public static string Of(Checkpoint checkpoint)
    {
        var text = new StringBuilder();
        foreach (string file in checkpoint.Tensors.Values.Select(tensor => tensor.File).Distinct().Order(StringComparer.Ordinal))
        {
            text.Append(FileHash.Sha256(file)).Append('\n');
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(text.ToString())));
    }
}
