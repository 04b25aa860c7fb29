using Lapidary.Checkpoints;
using Lapidary.Networks;
using Lapidary.Numerics;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Compression;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Compression;

/// <summary>Whole files: types, numbers, refusals.</summary>
public sealed class QuantizerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Mixes => [.. QuantizationMix.All.Select(mix => mix.Name)];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Mixes))]
    public void A_file_holds_the_numbers_of_the_model_in_the_types_of_its_mix(string mix)
    {
        using Checkpoint source = Checkpoint.Open(WriteModel());
        QuantizationOptions options = Options(mix);
        GgufPlan plan = Quantizer.Plan(source, options);
        plan.Write(source, folder["1.gguf"], threads: 1, cancellationToken: TestContext.Current.CancellationToken);
        plan.Write(source, folder["2.gguf"], threads: 2, cancellationToken: TestContext.Current.CancellationToken);
        File.ReadAllBytes(folder["1.gguf"]).AsSpan().SequenceEqual(File.ReadAllBytes(folder["2.gguf"])).ShouldBeTrue();

        using GgufCheckpoint written = GgufCheckpoint.Open(folder["1.gguf"]);
        written.Gguf.Metadata["general.file_type"].ToInt64().ShouldBe(options.Mix.FileType);
        written.Gguf.Metadata["general.quantization_version"].ToInt64().ShouldBe(2);
        NetworkShape network = NetworkShape.Of(Gemma3Config.From(source));
        foreach (PlannedTensor tensor in plan.Tensors)
        {
            Tensor actual = written.GetTensor(tensor.Source.Name);
            bool isMatrix = tensor.Source.Shape.Length > 1;
            actual.Type.ShouldBe(
                isMatrix ? options.Mix.TypeOf(tensor.Target.Name, tensor.Source.Shape[^1], network) : ElementType.F32, tensor.Target.Name);
            Distance(source.GetTensor(tensor.Source.Name), actual, isMatrix ? 0 : 1).ShouldBeAtMost(Bound(actual.Type), $"{tensor.Target.Name}, {actual.Type}");
        }
    }

    [Fact]
    public void A_gguf_file_is_quantized_to_the_bytes_of_the_folder_that_it_was_made_of()
    {
        using Checkpoint source = Checkpoint.Open(WriteModel());
        CheckpointConverter.ToGguf(source, folder["f32.gguf"], ElementType.F32, withTokenizer: false, cancellationToken: TestContext.Current.CancellationToken);
        using Checkpoint gguf = Checkpoint.Open(folder["f32.gguf"]);
        Write(source, Options("Q3_K_M"), "a.gguf");
        Write(gguf, Options("Q3_K_M"), "b.gguf");
        using GgufFile a = GgufFile.Open(folder["a.gguf"]), b = GgufFile.Open(folder["b.gguf"]);
        a.Tensors.Keys.ShouldBe(b.Tensors.Keys);
        foreach (string name in a.Tensors.Keys)
        {
            Bytes(a.GetTensor(name)).SequenceEqual(Bytes(b.GetTensor(name))).ShouldBeTrue(name);
        }
    }

    [Fact]
    public void Overrides_win_over_the_mix_and_the_first_one_wins()
    {
        using Checkpoint source = Checkpoint.Open(WriteModel());
        QuantizationOptions options = Options("Q4_K_M") with
        {
            Overrides =
            [
                new TensorTypeOverride(@"^blk\.1\.attn_v", ElementType.Q8_0), new TensorTypeOverride("attn_[vk]", ElementType.Q5_1),
                new TensorTypeOverride("token_embd", ElementType.F16),
            ],
        };
        var types = Quantizer.Plan(source, options).Tensors.ToDictionary(tensor => tensor.Target.Name, tensor => tensor.Target.Type.Name);
        types["blk.1.attn_v.weight"].ShouldBe("Q8_0");
        types["blk.0.attn_v.weight"].ShouldBe("Q5_1");
        types["blk.1.attn_k.weight"].ShouldBe("Q5_1");
        types["blk.1.attn_k_norm.weight"].ShouldBe("F32");
        types["blk.1.attn_q.weight"].ShouldBe("Q4_K");
        types["token_embd.weight"].ShouldBe("F16");
        Quantizer.Plan(source, Options("Q8_0") with { Overrides = options.Overrides, Pure = true }).Tensors
            .Single(tensor => tensor.Target.Name == "token_embd.weight").Target.Type.Name.ShouldBe("F16");
    }

    [Fact]
    public void A_pure_file_has_one_type_or_is_refused()
    {
        using Checkpoint source = Checkpoint.Open(WriteModel());
        Quantizer.Plan(source, Options("Q4_0") with { Pure = true }).Tensors.Where(tensor => tensor.Source.Shape.Length > 1)
            .ShouldAllBe(tensor => tensor.Target.Type.Name == "Q4_0");
        Refusal(source, Options("Q4_K_M") with { Pure = true }).ShouldContain(
            "tensor blk.0.attn_output.weight has rows of 128 numbers, which are no whole number of Q4_K blocks of 256");
        Refusal(source, Options("Q4_0") with { Overrides = [new TensorTypeOverride("output", ElementType.Q6_K)] })
            .ShouldContain("which are no whole number of Q6_K blocks of 256");
        Refusal(source, Options("Q4_0") with { Overrides = [new TensorTypeOverride("attn_norm", ElementType.Q8_0)] })
            .ShouldContain("has no matrix whose GGUF name matches attn_norm");
    }

    [Fact]
    public void An_importance_matrix_weighs_the_errors_of_the_columns_that_it_knows()
    {
        using Checkpoint source = Checkpoint.Open(WriteModel());
        const string Known = "blk.1.ffn_up.weight";
        var weights = new float[256];
        Array.Fill(weights, 1e-3f);
        Array.Fill(weights, 10, 0, 16);
        var matrix = new ImportanceMatrix([new ImportanceEntry(Known, weights, new long[] { 1 })], 512, 3, ["some/where/text.txt"]);
        Write(source, Options("Q4_0"), "plain.gguf");
        Write(source, Options("Q4_0") with { Importance = matrix }, "weighed.gguf");
        using GgufFile plain = GgufFile.Open(folder["plain.gguf"]), weighed = GgufFile.Open(folder["weighed.gguf"]);
        foreach (string name in plain.Tensors.Keys)
        {
            bool isSame = Bytes(plain.GetTensor(name)).SequenceEqual(Bytes(weighed.GetTensor(name)));
            isSame.ShouldBe(plain.Tensors[name].StoredName != Known, name);
        }

        // By hand from the definition: the first columns come out better for it.
        Tensor exact = source.GetTensor("model.layers.1.mlp.up_proj.weight");
        string up = plain.Tensors.Values.Single(tensor => tensor.StoredName == Known).Name;
        ErrorOfFirst(exact, weighed.GetTensor(up)).ShouldBeAtMost(0.9 * ErrorOfFirst(exact, plain.GetTensor(up)));

        weighed.Metadata["quantize.imatrix.file"].ToText().ShouldBe("the importance matrix");
        weighed.Metadata["quantize.imatrix.dataset"].ToText().ShouldBe("text.txt");
        weighed.Metadata["quantize.imatrix.entries_count"].ToInt64().ShouldBe(1);
        weighed.Metadata["quantize.imatrix.chunks_count"].ToInt64().ShouldBe(3);
        plain.Metadata.ContainsKey("quantize.imatrix.file").ShouldBeFalse();

        // Sums of a block would overflow.
        weights[3] = 1e21f;
        Refusal(source, Options("Q4_0") with { Importance = matrix }).ShouldContain("gives column 3 of blk.1.ffn_up.weight an importance of 1E+21");

        var other = new ImportanceMatrix([new ImportanceEntry(Known, new float[64], new long[] { 1 })], 512, 3, []);
        Refusal(source, Options("Q4_0") with { Importance = other }).ShouldContain("has 64 columns for blk.1.ffn_up.weight where the model has 256");
    }

    [Fact]
    public void Types_by_name_win_over_everything()
    {
        using Checkpoint source = Checkpoint.Open(WriteModel());
        QuantizationOptions options = Options("Q8_0") with
        {
            Pure = true,
            Overrides = [new TensorTypeOverride("ffn_up", ElementType.F16)],
            Types = new Dictionary<string, ElementType> { ["blk.0.ffn_up.weight"] = ElementType.Q3_K },
        };
        var types = Quantizer.Plan(source, options).Tensors.ToDictionary(tensor => tensor.Target.Name, tensor => tensor.Target.Type.Name);
        types["blk.0.ffn_up.weight"].ShouldBe("Q3_K");
        types["blk.1.ffn_up.weight"].ShouldBe("F16");
    }

    [Fact]
    public void Patterns_are_regular_expressions()
    {
        Should.Throw<ArgumentException>(() => new TensorTypeOverride("(", ElementType.F16));
        Should.Throw<ArgumentException>(() => new TensorTypeOverride("(?=a)", ElementType.F16));
        new TensorTypeOverride(@"blk\.\d+\.ffn", ElementType.F16).Matches("blk.11.ffn_up.weight").ShouldBeTrue();
    }

    [Fact]
    public void A_quantized_source_is_quantized_again_only_where_that_is_allowed()
    {
        using (Checkpoint source = Checkpoint.Open(WriteModel()))
        {
            Write(source, Options("Q8_0"), "q8.gguf");
        }

        using Checkpoint quantized = Checkpoint.Open(folder["q8.gguf"]);
        Refusal(quantized, Options("Q4_0")).ShouldContain("tensor token_embd.weight is Q8_0 already where F32, F16 or BF16 was expected");
        Refusal(quantized, Options("F16")).ShouldContain("--allow-requantize");
        Write(quantized, Options("Q4_0") with { AllowRequantize = true }, "q4.gguf");
        using (Checkpoint written = Checkpoint.Open(folder["q4.gguf"]))
        {
            foreach ((string name, TensorInfo info) in written.Tensors.Where(tensor => tensor.Value.Shape.Length > 1))
            {
                Distance(quantized.GetTensor(name), written.GetTensor(name), 0).ShouldBeAtMost(Bound(info.Type.ElementType!.Value), name);
            }
        }

        // Nothing is quantized twice where the type stays.
        Write(quantized, Options("Q8_0"), "same.gguf");
        File.ReadAllBytes(folder["same.gguf"]).AsSpan().SequenceEqual(File.ReadAllBytes(folder["q8.gguf"])).ShouldBeTrue();
    }

    [Fact]
    public void Numbers_that_are_none_are_named_and_leave_nothing_behind()
    {
        TinyModel.WriteFolder(folder["in"], null, list => BitConverter.GetBytes(float.NaN).CopyTo(list[3].Data, 40));
        using Checkpoint source = Checkpoint.Open(folder["in"]);
        foreach (string mix in (string[])["F16", "Q8_0", "F32"])
        {
            Should.Throw<CheckpointException>(() => Write(source, Options(mix), "a.gguf")).Message.ShouldContain(
                "tensor model.layers.0.self_attn.k_proj.weight holds a value that is not finite, at row 1, column 2");
        }

        TinyModel.WriteFolder(folder["large"], null, list => BitConverter.GetBytes(-1e38f).CopyTo(list[3].Data, 40));
        using Checkpoint large = Checkpoint.Open(folder["large"]);
        Should.Throw<CheckpointException>(() => Write(large, Options("F16"), "a.gguf")).Message.ShouldContain(
            "tensor model.layers.0.self_attn.k_proj.weight holds a value of magnitude 1E+38, which is too large for F16, at row 1, column 2");
        Should.Throw<OperationCanceledException>(() => Quantizer.Plan(source, Options("Q8_0")).Write(
            source, folder["a.gguf"], cancellationToken: new CancellationToken(canceled: true)));
        Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe(["in", "large"]);
    }

    [Fact]
    public void A_block_that_stays_is_looked_at_too()
    {
        using (Checkpoint source = Checkpoint.Open(WriteModel()))
        {
            Write(source, Options("Q8_0"), "q8.gguf");
        }

        TensorInfo broken;
        using (Checkpoint written = Checkpoint.Open(folder["q8.gguf"]))
        {
            broken = written.Tensors["model.layers.1.mlp.up_proj.weight"];
        }

        using (FileStream file = File.OpenWrite(folder["q8.gguf"]))
        {
            // The scale of the second block becomes a half that is not a number.
            file.Position = broken.Offset + 34;
            file.Write([0x00, 0x7E]);
        }

        using Checkpoint quantized = Checkpoint.Open(folder["q8.gguf"]);
        Should.Throw<CheckpointException>(() => Write(quantized, Options("Q8_0"), "same.gguf")).Message.ShouldContain(
            "tensor blk.1.ffn_up.weight holds a value that is not finite, at row 0, column 32");
    }

    [Fact]
    public void A_file_that_shrinks_is_said_to()
    {
        using (Checkpoint model = Checkpoint.Open(WriteModel()))
        {
            Write(model, Options("F32"), "in.gguf");
        }

        using Checkpoint source = Checkpoint.Open(folder["in.gguf"]);
        GgufPlan plan = Quantizer.Plan(source, Options("Q4_0"));
        using (var file = new FileStream(folder["in.gguf"], FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.SetLength(file.Length / 2);
        }

        Should.Throw<CheckpointException>(() => plan.Write(source, folder["a.gguf"])).Message.ShouldContain("which its header says is there whole");
        File.Exists(folder["a.gguf"]).ShouldBeFalse();
    }

    private static QuantizationOptions Options(string mix) => new(QuantizationMix.Find(mix)!) { WithTokenizer = false };

    private static string Refusal(Checkpoint source, QuantizationOptions options) =>
        Should.Throw<CheckpointException>(() => Quantizer.Plan(source, options)).Message;

    private static double ErrorOfFirst(Tensor expected, Tensor actual)
    {
        var x = new float[expected.RowLength];
        var y = new float[expected.RowLength];
        double sum = 0;
        for (long row = 0; row < expected.Rows; row++)
        {
            expected.DecodeRow(row, x);
            actual.DecodeRow(row, y);
            sum += x.Take(16).Zip(y, (a, b) => Math.Pow((double)a - b, 2)).Sum();
        }

        return sum;
    }

    // Root mean square of the difference, as a share of that of the numbers.
    private static double Distance(Tensor expected, Tensor actual, float shift)
    {
        var x = new float[expected.RowLength];
        var y = new float[expected.RowLength];
        double difference = 0, size = 0;
        for (long row = 0; row < expected.Rows; row++)
        {
            expected.DecodeRow(row, x);
            actual.DecodeRow(row, y);
            for (int i = 0; i < x.Length; i++)
            {
                float wanted = x[i] + shift;
                difference += Math.Pow((double)y[i] - wanted, 2);
                size += Math.Pow(wanted, 2);
            }
        }

        return Math.Sqrt(difference / size);
    }

    // A normal number in blocks of 32 between -max and max: about 2.3 deviations in 2^bits steps; coarse formats by half as much again.
    private static double Bound(ElementType type) => type switch
    {
        ElementType.F32 => 0,
        ElementType.F16 => 5e-4,
        ElementType.BF16 => 4e-3,
        ElementType.Q8_0 => 0.01,
        ElementType.Q6_K => 0.025,
        ElementType.Q5_0 or ElementType.Q5_1 or ElementType.Q5_K => 0.06,
        ElementType.Q4_0 or ElementType.Q4_1 or ElementType.Q4_K => 0.12,
        ElementType.Q3_K => 0.25,
        _ => 0.45,
    };

    private static unsafe ReadOnlySpan<byte> Bytes(Tensor tensor) => new(tensor.Data, checked((int)tensor.ByteLength));

    // Rows of 256, but of 128 in the output of attention.
    private string WriteModel()
    {
        Gemma3Config config = Gemma3Presets.Get("tiny") with { HiddenSize = 256, IntermediateSize = 256, VocabularySize = 128 };
        RandomCheckpoint.Write(config, folder["model"], 7, ElementType.F32, cancellationToken: TestContext.Current.CancellationToken);
        return folder["model"];
    }

    private void Write(Checkpoint source, QuantizationOptions options, string name) =>
        Quantizer.Plan(source, options).Write(source, folder[name], threads: 1, cancellationToken: TestContext.Current.CancellationToken);
}
