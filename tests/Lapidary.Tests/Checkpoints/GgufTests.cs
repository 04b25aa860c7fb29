using Lapidary.Checkpoints;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Checkpoints;

public class GgufTests
{
    [Theory]
    [InlineData(2u, 32)]
    [InlineData(3u, 32)]
    [InlineData(3u, 128)]
    public void Metadata_and_tensors_are_read(uint version, int alignment)
    {
        var builder = new GgufBuilder { Version = version, Alignment = alignment };
        builder.Set("general.architecture", "gemma3").Set("general.alignment", (uint)alignment)
            .Raw("u8", 0, [200]).Raw("i8", 1, [200]).Raw("u16", 2, [1, 2]).Raw("i16", 3, [0, 128]).Raw("i32", 5, [255, 255, 255, 255])
            .Raw("u64", 10, BitConverter.GetBytes(ulong.MaxValue)).Raw("i64", 11, BitConverter.GetBytes(-5L))
            .Raw("f64", 12, BitConverter.GetBytes(0.1)).Set("f32", 0.5f).Set("yes", true).Set("text", "Gr\u00fc\u00dfe")
            .Set("texts", "a", string.Empty, "\u00e9").Set("floats", 1f, 2f).Set("flags", true, false)
            .Raw("nested", 9, GgufBuilder.Array(9, 2, [.. GgufBuilder.Array(0, 2, [1, 2]), .. GgufBuilder.Array(8, 1, GgufBuilder.Text("x"))]))
            .Tensor("blk.3.attn_q.weight", 0, [2, 3], new byte[24]).Tensor("other", 16, [256], new byte[66]);
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["a"], builder.Build());

        using GgufFile file = GgufFile.Open(folder["a"]);
        IReadOnlyDictionary<string, GgufValue> metadata = file.Metadata;
        file.Version.ShouldBe((int)version);
        file.Alignment.ShouldBe(alignment);
        metadata["u8"].ToInt64().ShouldBe(200);
        metadata["i8"].ToInt64().ShouldBe(-56);
        metadata["u16"].ToInt64().ShouldBe(513);
        metadata["i16"].ToInt64().ShouldBe(short.MinValue);
        metadata["i32"].ToInt64().ShouldBe(-1);
        metadata["i64"].ToInt64().ShouldBe(-5);
        metadata["u64"].ToString().ShouldBe("18446744073709551615");
        Should.Throw<CheckpointException>(() => metadata["u64"].ToInt64()).Message.ShouldContain("above 2^63 - 1");
        metadata["f64"].ToDouble().ShouldBe(0.1);
        metadata["f32"].ToDouble().ShouldBe(0.5);
        metadata["yes"].ToBoolean().ShouldBeTrue();
        metadata["text"].ToText().ShouldBe("Gr\u00fc\u00dfe");
        metadata["texts"].ToTexts().ShouldBe(["a", string.Empty, "\u00e9"]);
        metadata["texts"].IndexOf("\u00e9"u8).ShouldBe(2);
        metadata["texts"].IndexOf("b"u8).ShouldBe(-1);
        metadata["floats"].ToSingles().ShouldBe([1f, 2f]);
        metadata["flags"].ToBooleans().ShouldBe([true, false]);
        metadata["nested"].Items[0].ToInt64s().ShouldBe([1, 2]);
        metadata["nested"].Items[1].ToTexts().ShouldBe(["x"]);
        Should.Throw<CheckpointException>(() => metadata["text"].ToInt64()).Message.ShouldContain("key text holds String where a whole number");
        file.Tensors["blk.3.attn_q.weight"].Shape.ToArray().ShouldBe([2, 3]);
        (file.Tensors["other"].Offset % alignment).ShouldBe(0);
    }

    [Fact]
    public void A_checkpoint_has_canonical_names_and_lists_types_that_it_cannot_compute_with()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["a.gguf"], TinyModel.Gguf().Tensor("blk.0.ffn_gate_exps.weight", 23, [256], new byte[136]).Build());

        using Checkpoint checkpoint = Checkpoint.Open(folder["a.gguf"]);
        checkpoint.Format.ShouldBe(CheckpointFormat.Gguf);
        checkpoint.NormsIncludeOne.ShouldBeTrue();
        checkpoint.HasTokenizer.ShouldBeTrue();
        checkpoint.Tensors.Keys.ShouldBe([.. TinyModel.Tensors().Select(tensor => tensor.Name), "blk.0.ffn_gate_exps.weight"]);
        foreach ((string name, string gguf, ulong[] shape) in TinyModel.Tensors())
        {
            checkpoint.Tensors[name].StoredName.ShouldBe(gguf);
            checkpoint.Tensors[name].Shape.Select(size => (ulong)size).ShouldBe(shape);
            TensorNames.ToGguf(name).ShouldBe(gguf);
        }

        checkpoint.Tensors["blk.0.ffn_gate_exps.weight"].Type.Name.ShouldBe("IQ4_XS");
        Should.Throw<CheckpointException>(() => checkpoint.GetTensor("blk.0.ffn_gate_exps.weight")).Message.ShouldContain("stored as IQ4_XS");
        checkpoint.GetTensor("model.norm.weight").AsFloats().ToArray().ShouldAllBe(value => value == 1);
    }

    [Fact]
    public void A_large_vocabulary_costs_nothing_until_it_is_asked_for()
    {
        string[] words = [.. Enumerable.Range(0, 262144).Select(i => $"word{i}")];
        byte[] bytes = TinyModel.Gguf().Set("tokenizer.ggml.tokens", words).Build();
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["a.gguf"], bytes);

        long before = GC.GetAllocatedBytesForCurrentThread();
        using GgufFile file = GgufFile.Open(folder["a.gguf"]);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(500_000);
        file.Metadata["tokenizer.ggml.tokens"].ToTexts().SequenceEqual(words).ShouldBeTrue();
        GgufValue tokens = file.Metadata["tokenizer.ggml.tokens"];
        file.Dispose();
        Should.Throw<ObjectDisposedException>(() => tokens.ToTexts());
    }

    [Fact]
    public void Norms_of_Gemma_3n_are_stored_as_they_are()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["a.gguf"], TinyModel.Gguf().Set("general.architecture", "gemma3n").Build());
        using Checkpoint checkpoint = Checkpoint.Open(folder["a.gguf"]);
        checkpoint.NormsIncludeOne.ShouldBeFalse();
    }
}
