using System.Text.Json;
using System.Text.Json.Nodes;
using Lapidary.Checkpoints;
using Lapidary.Networks;
using Lapidary.Numerics;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Networks;

public class CheckpointConverterTests
{
    [Fact]
    public void A_folder_goes_to_a_wider_type_and_back()
    {
        using var folder = new TemporaryFolder();
        Convert(Fixtures.PathOf("g3-tiny-a-bf16"), folder["f32"], ElementType.F32);
        Convert(folder["f32"], folder["bf16"], ElementType.BF16);
        Convert(folder["bf16"], folder["same"], null);

        foreach (string name in (string[])["bf16", "same"])
        {
            SameTensors(Fixtures.PathOf("g3-tiny-a-bf16"), folder[name]);
        }

        using Checkpoint wide = Checkpoint.Open(folder["f32"]);
        wide.Tensors.Values.ShouldAllBe(tensor => tensor.Type.Name == "F32");
        JsonElement config = ((HuggingFaceFolder)wide).Config;
        config.GetProperty("torch_dtype").GetString().ShouldBe("float32");
        Gemma3Config.From(wide).ShouldBe(Gemma3Config.FromFile(Path.Combine(Fixtures.PathOf("g3-tiny-a-bf16"), "config.json")));
    }

    [Fact]
    public void What_belongs_to_the_tokenizer_is_carried_and_the_rest_is_not()
    {
        using var folder = new TemporaryFolder();
        TinyModel.WriteFolder(
            folder["in"],
            config => config["dtype"] = "float32",
            list => list.Add(new SafetensorsEntry("vision_tower.ids", "I64", [1], [1, 2, 3, 4, 5, 6, 7, 8])));
        string[] carried = ["tokenizer.json", "chat_template.jinja", "generation_config.json"];
        foreach (string file in carried)
        {
            File.WriteAllText(folder["in/" + file], "{}");
        }

        File.WriteAllText(folder["in/training_args.bin"], "x");
        Convert(folder["in"], folder["out"], ElementType.F16, shardLimit: 300);

        Directory.GetFiles(folder["out"]).Select(Path.GetFileName).ShouldNotContain("training_args.bin");
        carried.ShouldAllBe(file => File.ReadAllText(folder["out/" + file]) == "{}");
        using Checkpoint checkpoint = Checkpoint.Open(folder["out"]);
        checkpoint.Files.Count(file => file.EndsWith(".safetensors")).ShouldBeGreaterThan(2);
        TensorInfo ids = checkpoint.Tensors["vision_tower.ids"];
        ids.Type.Name.ShouldBe("I64");
        File.ReadAllBytes(ids.File).AsSpan((int)ids.Offset, 8).ToArray().ShouldBe([1, 2, 3, 4, 5, 6, 7, 8]);
        ((HuggingFaceFolder)checkpoint).Config.GetProperty("dtype").GetString().ShouldBe("float16");
        Gemma3Config.From(checkpoint).Validate(checkpoint);
    }

    [Theory]
    [InlineData(70000f, ElementType.F16, "holds a value of magnitude 70000, which is too large for F16")]
    [InlineData(-65520f, ElementType.F16, "holds a value of magnitude 65520, which is too large for F16")]
    [InlineData(float.MaxValue, ElementType.BF16, "holds a value of magnitude 3.4028235E+38, which is too large for BF16")]
    [InlineData(float.NaN, ElementType.F32, "holds a value that is not finite")]
    [InlineData(float.NegativeInfinity, null, "holds a value that is not finite")]
    public void Values_that_do_not_fit_are_refused_by_the_name_of_their_tensor(float value, ElementType? type, string fragment)
    {
        using var folder = new TemporaryFolder();
        TinyModel.WriteFolder(folder["in"], null, list => BitConverter.GetBytes(value).CopyTo(list[3].Data, 40));
        var thrown = Should.Throw<CheckpointException>(() => Convert(folder["in"], folder["out"], type));
        thrown.Message.ShouldContain("tensor model.layers.0.self_attn.k_proj.weight " + fragment);
        Directory.Exists(folder["out"]).ShouldBeFalse();
    }

    [Fact]
    public void The_largest_half_passes_and_ties_go_to_even()
    {
        using var folder = new TemporaryFolder();
        float[] values = [65519.99f, 1 + (1 / 2048f), 1 + (3 / 2048f), 5e-8f, -0f, 3e-8f];
        TinyModel.WriteFolder(folder["in"], null, list =>
        {
            for (int i = 0; i < values.Length; i++)
            {
                BitConverter.GetBytes(values[i]).CopyTo(list[0].Data, i * 4);
            }
        });
        Convert(folder["in"], folder["out"], ElementType.F16);
        using Checkpoint checkpoint = Checkpoint.Open(folder["out"]);
        var row = new float[8];
        checkpoint.GetTensor("model.embed_tokens.weight").DecodeRow(0, row);
        row[..6].ShouldBe([65504f, 1f, 1 + (2 / 1024f), 5.9604645e-8f, -0f, 5.9604645e-8f]);
    }

    [Fact]
    public void A_GGUF_file_becomes_a_folder_without_the_one_in_its_norms()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["a.gguf"], TinyModel.Gguf().Build());
        using (Checkpoint source = Checkpoint.Open(folder["a.gguf"]))
        {
            CheckpointConverter.ToHuggingFace(source, folder["out"], ElementType.BF16, withTokenizer: false, cancellationToken: TestContext.Current.CancellationToken);
        }


        using Checkpoint gguf = Checkpoint.Open(folder["a.gguf"]);
        using Checkpoint checkpoint = Checkpoint.Open(folder["out"]);
        Gemma3Config config = Gemma3Config.From(checkpoint);
        config.ShouldBe(Gemma3Config.From(gguf));
        config.Validate(checkpoint);
        var row = new float[8];
        checkpoint.GetTensor("model.norm.weight").DecodeRow(0, row);
        row.ShouldAllBe(value => value == 0);
        JsonNode generation = JsonNode.Parse(File.ReadAllText(folder["out/generation_config.json"]))!;
        generation["eos_token_id"]!.GetValue<int>().ShouldBe(1);
    }

    [Fact]
    public void The_output_is_never_the_input_nor_inside_it()
    {
        using var folder = new TemporaryFolder();
        TinyModel.WriteFolder(folder["in"]);
        Directory.CreateSymbolicLink(folder["link"], folder["in"]);
        foreach (string output in (string[])["in", "in/out", "in/../in/", "link", "link/out"])
        {
            Should.Throw<CheckpointException>(() => Convert(folder["in"], folder[output], ElementType.BF16, overwrite: true))
                .Message.ShouldContain("lies in the checkpoint that is converted");
        }

        Directory.GetFileSystemEntries(folder["in"]).Length.ShouldBe(2);
        Convert(folder["in"], folder["in-other"], ElementType.BF16);
        Should.Throw<CheckpointException>(() => Convert(folder["in"], folder["in-other"], ElementType.BF16)).Message.ShouldContain("is not empty");
        Convert(folder["in"], folder["in-other"], ElementType.F32, shardLimit: 500, overwrite: true);
        Convert(folder["in"], folder["in-other"], ElementType.BF16, overwrite: true);
        Directory.GetFiles(folder["in-other"]).Select(Path.GetFileName).Order().ShouldBe(["config.json", "model.safetensors"]);
    }

    private static void Convert(
        string input, string output, ElementType? type, long shardLimit = CheckpointWriter.DefaultShardLimit, bool overwrite = false)
    {
        using Checkpoint checkpoint = Checkpoint.Open(input);
        CheckpointConverter.ToHuggingFace(checkpoint, output, type, overwrite, shardLimit);
    }

    private static unsafe void SameTensors(string expected, string actual)
    {
        using Checkpoint one = Checkpoint.Open(expected);
        using Checkpoint other = Checkpoint.Open(actual);
        other.Tensors.Keys.ShouldBe(one.Tensors.Keys);
        foreach (string name in one.Tensors.Keys)
        {
            Tensor a = one.GetTensor(name);
            Tensor b = other.GetTensor(name);
            b.Type.ShouldBe(a.Type);
            new ReadOnlySpan<byte>(b.Data, (int)b.ByteLength).SequenceEqual(new ReadOnlySpan<byte>(a.Data, (int)a.ByteLength)).ShouldBeTrue(name);
        }
    }
}
