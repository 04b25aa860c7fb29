using System.Text.Json;
using Lapidary.Checkpoints;
using Lapidary.Numerics;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Checkpoints;

public class HuggingFaceFolderTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("language_model.", "language_model.")]
    [InlineData("model.language_model.", "")]
    public void Text_old_and_new_names_are_the_same_tensors(string prefix, string headPrefix)
    {
        using var folder = new TemporaryFolder();
        TinyModel.WriteFolder(folder.Path, tensors: list =>
        {
            for (int i = 0; i < list.Count; i++)
            {
                string name = prefix.StartsWith("model.") ? list[i].Name["model.".Length..] : list[i].Name;
                list[i] = list[i] with { Name = prefix + name };
            }

            list.Add(new SafetensorsEntry(headPrefix + "lm_head.weight", "F32", [16, 8], new byte[512]));
            list.Add(new SafetensorsEntry("vision_tower.vision_model.embeddings.weight", "U8", [1], [1]));
        });

        using Checkpoint checkpoint = Checkpoint.Open(folder.Path);
        string[] expected =
            [.. TinyModel.Tensors().Select(tensor => tensor.Name), "lm_head.weight", "vision_tower.vision_model.embeddings.weight"];
        checkpoint.Tensors.Keys.ShouldBe(expected);
        checkpoint.Tensors["model.norm.weight"].StoredName.ShouldBe(prefix.StartsWith("model.") ? prefix + "norm.weight" : prefix + "model.norm.weight");
        checkpoint.GetTensor("model.norm.weight").ShouldBeSameAs(checkpoint.GetTensor("model.norm.weight"));
        checkpoint.NormsIncludeOne.ShouldBeFalse();
        checkpoint.Format.ShouldBe(CheckpointFormat.HuggingFace);
        checkpoint.HasTokenizer.ShouldBeFalse();
    }

    [Fact]
    public void The_fixtures_are_read()
    {
        foreach ((string name, string type, long tensors) in ((string, string, long)[])[("g3-tiny-a", "F32", 93), ("g3-tiny-b-bf16", "BF16", 158)])
        {
            using Checkpoint checkpoint = Checkpoint.Open(Fixtures.PathOf(name));
            checkpoint.Tensors.Count.ShouldBe((int)tensors);
            checkpoint.Tensors.Values.ShouldAllBe(tensor => tensor.Type.Name == type);
            checkpoint.Files.Select(Path.GetFileName).ShouldBe(["model.safetensors", "config.json"]);
            checkpoint.TensorBytes.ShouldBe(checkpoint.Tensors.Values.Sum(tensor => tensor.Length * (type == "F32" ? 4 : 2)));
        }
    }

    [Fact]
    public void A_closed_checkpoint_gives_no_tensors()
    {
        Checkpoint checkpoint = Checkpoint.Open(Fixtures.PathOf("g3-tiny-a"));
        checkpoint.Dispose();
        checkpoint.Dispose();
        Should.Throw<ObjectDisposedException>(() => checkpoint.GetTensor("model.norm.weight"));
    }

    [Fact]
    public void A_checkpoint_is_cut_where_a_file_would_grow_too_large()
    {
        using var folder = new TemporaryFolder();
        TinyModel.WriteFolder(folder["a"]);
        File.WriteAllBytes(folder["a/model.safetensors"], [1, 2, 3]);
        TensorDeclaration[] tensors =
        [
            new("large", StoredType.Of(ElementType.F32), [100]), new("none", StoredType.Of(ElementType.F32), [0]),
            new("huge", StoredType.Of(ElementType.F32), [200]),
            new("b", StoredType.Of(ElementType.F32), [3]), new("c", StoredType.Of(ElementType.F32), [2]),
            new("d", StoredType.Of(ElementType.F32), [1]), new("e", StoredType.Of(ElementType.F32), [0]),
        ];
        using (var output = new OutputFolder(folder["a"], overwrite: true))
        using (var writer = new CheckpointWriter(output, tensors, shardLimit: 20))
        {
            foreach (TensorDeclaration tensor in tensors)
            {
                using Tensor values = Tensor.Allocate(ElementType.F32, tensor.Shape.AsSpan());
                values.AsFloats().Fill(tensor.Shape[0]);
                writer.Write(values);
            }

            writer.Complete();
            output.Commit();
        }

        string[] files = [.. Directory.GetFiles(folder["a"]).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];
        files.ShouldBe(
        [
            "config.json", "model-00001-of-00005.safetensors", "model-00002-of-00005.safetensors", "model-00003-of-00005.safetensors",
            "model-00004-of-00005.safetensors", "model-00005-of-00005.safetensors", "model.safetensors.index.json",
        ]);
        using JsonDocument index = JsonDocument.Parse(File.ReadAllText(folder["a/model.safetensors.index.json"]));
        index.RootElement.GetProperty("metadata").GetProperty("total_size").GetInt64().ShouldBe(1224);
        index.RootElement.GetProperty("weight_map").GetProperty("c").GetString().ShouldBe("model-00004-of-00005.safetensors");
        using Checkpoint checkpoint = Checkpoint.Open(folder["a"]);
        checkpoint.Tensors.Count.ShouldBe(7);
        checkpoint.GetTensor("c").AsFloats().ToArray().ShouldBe([2f, 2f]);
    }

    [Fact]
    public void An_output_that_is_not_committed_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        using (var output = new OutputFolder(folder["new/deep"], overwrite: false))
        {
            output.Write("a.json", new System.Text.Json.Nodes.JsonObject());
            Directory.GetFiles(folder["new/deep"]).Length.ShouldBe(1);
        }

        Directory.Exists(folder["new"]).ShouldBeFalse();
    }
}
