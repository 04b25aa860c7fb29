using Lapidary.Checkpoints;
using Lapidary.Inference;
using Lapidary.Networks;
using Lapidary.Numerics.Threading;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Inference;

/// <summary>A pruned model without its zeros gives the logits of the same model as it is, bit by bit.</summary>
public sealed class SparseModelTests
{
    private static readonly int[] Tokens = [2, .. Enumerable.Range(1, 79).Select(i => i * 7919 % 270)];

    public static TheoryData<string> Models =>
        ["g3-tiny-a-bf16", "g3-tiny-b-bf16", "gguf/narrow-F16.gguf", "gguf/narrow-BF16.gguf", "gguf/narrow-Q8_0.gguf"];

    [Theory]
    [MemberData(nameof(Models))]
    public void Prompts_and_decoding_give_the_bits_of_the_dense_model(string name)
    {
        using var folder = new TemporaryFolder();
        string path = PrunedModel.Write(Fixtures.PathOf(name), folder[Path.GetFileName(name)], 0.6);
        foreach (int threads in new[] { 1, 3 })
        {
            foreach (bool exact in new[] { false, true })
            {
                var options = new InferenceOptions { Threads = threads, Exact = exact, ChunkSize = 32 };
                using LanguageModel dense = LanguageModel.Open(path, options);
                using LanguageModel sparse = LanguageModel.Open(path, options with { Sparse = true });
                dense.Sparse.ShouldBeNull();
                sparse.Sparse.ShouldNotBeNull().Matrices.ShouldBe(Matrices(dense));
                sparse.Sparse!.Sparsity.ShouldBe(0.6, 0.05);
                Prompt(sparse).ShouldBe(Prompt(dense));
                Decode(sparse).ShouldBe(Decode(dense));
            }
        }
    }

    [Fact]
    public void Only_matrices_with_enough_zeros_are_packed()
    {
        using var folder = new TemporaryFolder();
        string path = PrunedModel.Write(
            Fixtures.PathOf("g3-tiny-a-bf16"), folder["pruned"], 0.9, name => name.Contains("mlp", StringComparison.Ordinal));
        using LanguageModel dense = LanguageModel.Open(path);
        using LanguageModel sparse = LanguageModel.Open(path, new InferenceOptions { Sparse = true });
        SparseSummary summary = sparse.Sparse.ShouldNotBeNull();
        summary.Matrices.ShouldBe(3 * sparse.Config.LayerCount);
        summary.Bytes.ShouldBeLessThan(summary.DenseBytes / 3);
        Decode(sparse).ShouldBe(Decode(dense));
    }

    [Theory]
    [InlineData("g3-tiny-a")]
    [InlineData("g3-tiny-a-bf16")]
    [InlineData("gguf/wide-Q4_K.gguf")]
    public void A_model_without_zeros_or_without_a_sparse_form_stays_as_it_is(string name)
    {
        using LanguageModel sparse = LanguageModel.Open(Fixtures.PathOf(name), new InferenceOptions { Sparse = true });
        sparse.Sparse.ShouldBe(new SparseSummary(0, 0, 0, 0, 0));
        sparse.Sparse!.Sparsity.ShouldBe(0);
    }

    [Fact]
    public void A_file_that_was_cut_after_it_was_opened_is_named()
    {
        using var folder = new TemporaryFolder();
        string path = PrunedModel.Write(Fixtures.PathOf("g3-tiny-a-bf16"), folder["pruned"], 0.6);
        using Checkpoint checkpoint = Checkpoint.Open(path);
        using var pool = new WorkerPool(1);
        using var sparse = new SparseWeights(pool);
        TensorInfo info = checkpoint.Tensors["model.embed_tokens.weight"];
        TensorInfo beyond = info with { Offset = new FileInfo(info.File).Length - 100 };
        CheckpointException thrown = Should.Throw<CheckpointException>(() => sparse.Of(beyond));
        thrown.Message.ShouldContain("model.safetensors");
        thrown.Message.ShouldContain("ends in tensor model.embed_tokens.weight");
        sparse.Summary.Matrices.ShouldBe(0);
    }

    private static int Matrices(LanguageModel model) => model.Checkpoint.Tensors.Values.Count(info => info.Shape.Length == 2);

    private static int[] Prompt(LanguageModel model)
    {
        var logits = new List<float>();
        using InferenceSession session = model.CreateSession(Tokens.Length);
        session.ProcessAll(Tokens, (_, _, tile) => logits.AddRange(tile));
        return Bits([.. logits]);
    }

    private static int[] Decode(LanguageModel model)
    {
        var logits = new List<float>();
        using InferenceSession session = model.CreateSession(Tokens.Length);
        session.Process(Tokens.AsSpan(0, 20));
        foreach (int token in Tokens[20..])
        {
            logits.AddRange(session.Decode(token));
        }

        return Bits([.. logits]);
    }

    private static int[] Bits(float[] values) => [.. values.Select(BitConverter.SingleToInt32Bits)];
}
