using Lapidary.Checkpoints;
using Lapidary.Inference;
using Lapidary.Networks;
using Lapidary.Numerics;
using Lapidary.Numerics.Formats;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Inference;

/// <summary>Models that run with some matrices replaced.</summary>
public sealed class ReplacementTests
{
    private const string Name = "model.layers.1.mlp.up_proj.weight";

    [Fact]
    public void A_replaced_matrix_counts_like_one_in_the_file()
    {
        using var folder = new TemporaryFolder();
        string model = Fixtures.PathOf("g3-tiny-a");
        using Checkpoint checkpoint = Checkpoint.Open(model);
        using Tensor encoded = Encode(checkpoint.GetTensor(Name), ElementType.Q4_0);
        StoredType quantized = StoredType.Of(ElementType.Q4_0), plain = StoredType.Of(ElementType.F32);
        GgufPlan.Create(checkpoint, (name, _) => name == "blk.1.ffn_up.weight" ? quantized : plain, 0, withTokenizer: false)
            .Write(checkpoint, folder["a.gguf"], cancellationToken: TestContext.Current.CancellationToken);
        float[] expected = Logits(folder["a.gguf"], new InferenceOptions { Threads = 1, Exact = true });
        float[] unchanged = Logits(model, new InferenceOptions { Threads = 1, Exact = true });
        float[] actual = Logits(
            model, new InferenceOptions { Threads = 1, Exact = true, Replacements = new Dictionary<string, Tensor> { [Name] = encoded } });
        actual.ShouldBe(expected);
        actual.ShouldNotBe(unchanged);
    }

    [Theory]
    [InlineData("model.layers.9.mlp.up_proj.weight", 160, "no matrix model.layers.9.mlp.up_proj.weight")]
    [InlineData("model.norm.weight", 64, "no matrix model.norm.weight")]
    [InlineData(Name, 159, "A replacement of model.layers.1.mlp.up_proj.weight is ")]
    public void What_does_not_fit_is_refused(string name, long rows, string expected)
    {
        using Tensor other = Tensor.Allocate(ElementType.F32, rows, 64);
        var options = new InferenceOptions { Threads = 1, Replacements = new Dictionary<string, Tensor> { [name] = other } };
        Should.Throw<ArgumentException>(() => LanguageModel.Open(Fixtures.PathOf("g3-tiny-a"), options)).Message.ShouldContain(expected);
    }

    private static unsafe Tensor Encode(Tensor source, ElementType type)
    {
        Tensor encoded = Tensor.Allocate(type, source.Shape.AsSpan());
        var row = new float[source.RowLength];
        for (long i = 0; i < source.Rows; i++)
        {
            source.DecodeRow(i, row);
            WeightFormat.Of(type).Encode(row, [], new Span<byte>(encoded.RowPointer(i), (int)encoded.RowBytes));
        }

        return encoded;
    }

    private static float[] Logits(string path, InferenceOptions options)
    {
        using LanguageModel model = LanguageModel.Open(path, options);
        using InferenceSession session = model.CreateSession(8);
        return session.Process([2, 5, 7, 11]).ToArray();
    }
}
