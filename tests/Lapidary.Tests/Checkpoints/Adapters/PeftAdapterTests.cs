using System.Text.Json.Nodes;
using Lapidary.Checkpoints;
using Lapidary.Checkpoints.Adapters;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Checkpoints.Adapters;

/// <summary>Adapters of PEFT, read and written again.</summary>
public class PeftAdapterTests
{
    private static readonly string Fixture = Fixtures.PathOf("train-g3-tiny-a");

    [Fact]
    public void A_lora_of_PEFT_is_read()
    {
        using PeftAdapter adapter = PeftAdapter.Open(Path.Combine(Fixture, "lora_adapter"));

        LoraConfig config = adapter.Lora.ShouldNotBeNull();
        (config.Rank, config.Alpha, config.BaseModel, config.UseDora, config.UseRsLora).ShouldBe((4, 8.0, "g3-tiny-a", false, false));
        config.TargetModules.ShouldBe(["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]);
        adapter.Pairs.Count.ShouldBe(49);
        LoraPair pair = adapter.Pairs["model.layers.0.mlp.down_proj.weight"];
        pair.A.Shape.ShouldBe([4, 160]);
        pair.B.Shape.ShouldBe([64, 4]);
        pair.Scale.ShouldBe(2);
        pair.Magnitude.ShouldBeNull();
    }

    [Fact]
    public void A_lora_that_is_read_and_written_again_has_the_same_names_keys_and_numbers()
    {
        using var folder = new TemporaryFolder();
        string source = Path.Combine(Fixture, "lora_adapter");
        using (PeftAdapter adapter = PeftAdapter.Open(source))
        {
            PeftAdapter.Save(folder["copy"], adapter.Lora!, adapter.Pairs.Values);
        }

        SameConfiguration(source, folder["copy"]);
        SameTensors(source, folder["copy"]);
    }

    [Fact]
    public void A_tuned_prompt_that_is_read_and_written_again_has_the_same_names_keys_and_numbers()
    {
        using var folder = new TemporaryFolder();
        string source = Path.Combine(Fixture, "prompt_adapter");
        using (PeftAdapter adapter = PeftAdapter.Open(source))
        {
            adapter.Prompt.ShouldNotBeNull().VirtualTokens.ShouldBe(8);
            PeftAdapter.Save(folder["copy"], adapter.Prompt, adapter.PromptEmbeddings!);
        }

        SameConfiguration(source, folder["copy"]);
        SameTensors(source, folder["copy"]);
    }

    [Fact]
    public void Unknown_keys_are_kept_and_known_ones_change()
    {
        using var folder = new TemporaryFolder();
        string source = CopyOf(folder["source"], json =>
        {
            json["some_day"] = new JsonArray(1, "two");
            json["lora_alpha"] = 8.0;
        });
        using (PeftAdapter adapter = PeftAdapter.Open(source))
        {
            LoraConfig changed = adapter.Lora! with { BaseModel = "elsewhere", Dropout = 0.1 };
            PeftAdapter.Save(folder["copy"], changed, adapter.Pairs.Values);
        }

        JsonObject written = Read(folder["copy"]);
        written["some_day"]!.ToJsonString().ShouldBe("""[1,"two"]""");
        written["base_model_name_or_path"]!.GetValue<string>().ShouldBe("elsewhere");
        written["lora_dropout"]!.GetValue<double>().ShouldBe(0.1);
        written.Select(field => field.Key).ShouldBe(Read(source).Select(field => field.Key));
    }

    private static string CopyOf(string folder, Action<JsonObject> change)
    {
        Directory.CreateDirectory(folder);
        string source = Path.Combine(Fixture, "lora_adapter");
        File.Copy(Path.Combine(source, PeftAdapter.WeightsFile), Path.Combine(folder, PeftAdapter.WeightsFile));
        JsonObject json = Read(source);
        change(json);
        File.WriteAllText(Path.Combine(folder, PeftAdapter.ConfigFile), json.ToJsonString());
        return folder;
    }

    private static JsonObject Read(string folder) =>
        (JsonObject)JsonNode.Parse(File.ReadAllText(Path.Combine(folder, PeftAdapter.ConfigFile)))!;

    private static void SameConfiguration(string expected, string actual) =>
        Read(actual).ToJsonString().ShouldBe(Read(expected).ToJsonString());

    private static void SameTensors(string expected, string actual)
    {
        using SafetensorsFile one = SafetensorsFile.Open(Path.Combine(expected, PeftAdapter.WeightsFile));
        using SafetensorsFile other = SafetensorsFile.Open(Path.Combine(actual, PeftAdapter.WeightsFile));
        other.Tensors.Keys.ShouldBe(one.Tensors.Keys);
        other.Metadata.ShouldBe(one.Metadata);
        foreach (string name in one.Tensors.Keys)
        {
            other.GetTensor(name).Shape.ShouldBe(one.GetTensor(name).Shape);
            other.GetTensor(name).AsFloats().ToArray().ShouldBe(one.GetTensor(name).AsFloats().ToArray());
        }
    }
}
