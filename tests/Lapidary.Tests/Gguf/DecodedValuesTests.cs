using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Lapidary.Checkpoints;
using Lapidary.Numerics;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Gguf;

/// <summary>Matrices that llama.cpp quantized decode to exactly the numbers that llama.cpp decodes them to.</summary>
public class DecodedValuesTests
{
    public static TheoryData<string> Files => LlamaCppFile.Names;

    [Theory]
    [MemberData(nameof(Files))]
    public void Decoded_values_are_llama_cpps_bit_for_bit(string name)
    {
        LlamaCppFile file = LlamaCppFile.Open(name);
        using Checkpoint checkpoint = Checkpoint.Open(file.Path);
        foreach ((string tensor, string hash) in file.DecodedHashes)
        {
            Tensor matrix = checkpoint.GetTensor(tensor);
            HashOfDecoded(matrix).ShouldBe(hash, $"{name}: {tensor} ({matrix.Type})");
        }
    }

    private static string HashOfDecoded(Tensor matrix)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var row = new float[matrix.RowLength];
        for (long i = 0; i < matrix.Rows; i++)
        {
            matrix.DecodeRow(i, row);
            hash.AppendData(MemoryMarshal.AsBytes(row.AsSpan()));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
