using Lapidary.Checkpoints;
using Lapidary.Numerics;
using Lapidary.Numerics.Formats;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Gguf;

/// <summary>What llama.cpp made of the same F32 weights (tests/Fixtures/gguf/README.md).</summary>
public sealed unsafe class LlamaCppEncodingTests
{
    [Fact]
    public void Q4_0_blocks_are_those_that_llama_cpp_wrote()
    {
        using Checkpoint wide = Checkpoint.Open(LlamaCppFile.Open("narrow-F32").Path);
        using Checkpoint narrow = Checkpoint.Open(LlamaCppFile.Open("narrow-Q4_0").Path);
        int compared = 0;
        foreach (string name in narrow.Tensors.Keys.Where(name => narrow.GetTensor(name).Type == ElementType.Q4_0))
        {
            Tensor source = wide.GetTensor(name), expected = narrow.GetTensor(name);
            source.Type.ShouldBe(ElementType.F32);
            var blocks = new byte[expected.ByteLength];
            Q4_0Format.Encode(source.AsFloats(), [], blocks);
            blocks.AsSpan().SequenceEqual(new ReadOnlySpan<byte>(expected.Data, blocks.Length)).ShouldBeTrue(name);
            compared++;
        }

        compared.ShouldBe(15);
    }
}
