using Lapidary.Checkpoints;
using Lapidary.Numerics;
using Lapidary.Numerics.Formats;
using Shouldly;
using Xunit;

namespace Lapidary.Peers.Tests;

/// <summary>Encoding F32 weights gives the blocks that llama.cpp quantizes them to.</summary>
public sealed unsafe class EncodedBlocksTests(RandomModels models, ITestOutputHelper log)
{
    public static TheoryData<string> Presets => [.. RandomModels.Presets];

    [Theory]
    [MemberData(nameof(Presets))]
    public void Q4_0_blocks_are_those_of_llama_cpp(string preset)
    {
        PeerEnvironment.RequireModels();
        using Checkpoint source = Checkpoint.Open(models.Gguf(preset, "F32"));
        using Checkpoint quantized = Checkpoint.Open(models.Gguf(preset, "Q4_0"));
        long blocks = 0;
        foreach (string name in quantized.Tensors.Keys.Where(name => quantized.GetTensor(name).Type == ElementType.Q4_0))
        {
            Tensor weights = source.GetTensor(name), expected = quantized.GetTensor(name);
            var row = new byte[expected.RowBytes];
            for (long i = 0; i < expected.Rows; i++)
            {
                fixed (byte* destination = row)
                {
                    Q4_0Format.Encode((float*)weights.RowPointer(i), destination, (int)weights.RowLength);
                }

                row.AsSpan().SequenceEqual(new ReadOnlySpan<byte>(expected.RowPointer(i), row.Length)).ShouldBeTrue($"{name}, row {i}");
                blocks += row.Length / Q4_0Format.BlockBytes;
            }
        }

        log.WriteLine($"{preset}: {blocks} blocks are equal.");
        blocks.ShouldBeGreaterThan(0);
    }
}
