using System.Text.Json;
using Lapidary.Numerics;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Compression;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Compression;

/// <summary>The choice of types against files that llama.cpp wrote, and against its rules where no file was at hand.</summary>
public sealed class QuantizationMixTests
{
    private static readonly JsonElement Files =
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Fixtures.PathOf("quantization"), "types.json"))).RootElement;

    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (JsonProperty model in Files.EnumerateObject())
            {
                foreach (JsonProperty type in model.Value.GetProperty("types").EnumerateObject())
                {
                    cases.Add(model.Name, type.Name);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_matrix_gets_the_type_of_llama_cpp(string model, string type)
    {
        JsonElement facts = Files.GetProperty(model);
        int layers = facts.GetProperty("layers").GetInt32();
        var network = new NetworkShape(
            layers, facts.GetProperty("heads").GetInt32() / facts.GetProperty("kv_heads").GetInt32(), TiedEmbeddings: true);
        QuantizationMix mix = QuantizationMix.Find(type)!;
        foreach (JsonProperty role in facts.GetProperty("types").GetProperty(type).EnumerateObject())
        {
            long rowLength = facts.GetProperty("row_lengths").GetProperty(role.Name).GetInt64();
            string[] expected = role.Value.GetString()!.Split(' ');
            for (int layer = 0; layer < layers; layer++)
            {
                string name = role.Name == "token_embd" ? "token_embd.weight" : $"blk.{layer}.{role.Name}.weight";
                mix.TypeOf(name, rowLength, network).ToString().ShouldBe(expected[expected.Length == 1 ? 0 : layer], name);
            }
        }
    }

    // What llama.cpp gives with an importance matrix was read from its files, of 18 layers with rows of 64 and 160 (tests/Peers).
    [Theory]
    [InlineData("Q4_0", ElementType.Q4_1)]
    [InlineData("Q5_0", ElementType.Q5_1)]
    [InlineData("Q4_1", null)]
    [InlineData("Q4_K_M", null)]
    [InlineData("Q2_K", null)]
    public void An_importance_matrix_changes_the_first_of_ffn_down_in_two_mixes(string name, ElementType? changed)
    {
        var network = new NetworkShape(18, 4, true);
        QuantizationMix mix = QuantizationMix.Find(name)!;
        for (int layer = 0; layer < 18; layer++)
        {
            foreach (string role in (string[])["attn_q", "attn_v", "attn_output", "ffn_up", "ffn_down"])
            {
                string tensor = $"blk.{layer}.{role}.weight";
                ElementType without = mix.TypeOf(tensor, 256, network);
                mix.TypeOf(tensor, 256, network, withImportance: true)
                    .ShouldBe(role == "ffn_down" && layer < 2 && changed is { } other ? other : without, tensor);
            }
        }
    }

    [Fact]
    public void The_files_cover_every_mix_but_the_plainest()
    {
        string[] covered = [.. Cases.Select(row => row.Data.Item2).Distinct(), "F32", "BF16"];
        QuantizationMix.All.Select(mix => mix.Name).Order().ShouldBe(covered.Order());
        var network = new NetworkShape(18, 4, true);
        QuantizationMix.Find("F32")!.TypeOf("token_embd.weight", 640, network).ShouldBe(ElementType.F32);
        QuantizationMix.Find("BF16")!.TypeOf("blk.3.attn_v.weight", 640, network).ShouldBe(ElementType.BF16);
    }

    // llama_ftype of include/llama.h.
    [Theory]
    [InlineData("F32", 0)]
    [InlineData("F16", 1)]
    [InlineData("Q4_0", 2)]
    [InlineData("Q4_1", 3)]
    [InlineData("Q8_0", 7)]
    [InlineData("Q5_0", 8)]
    [InlineData("Q5_1", 9)]
    [InlineData("Q2_K", 10)]
    [InlineData("Q3_K_S", 11)]
    [InlineData("Q3_K_M", 12)]
    [InlineData("Q3_K_L", 13)]
    [InlineData("Q4_K_S", 14)]
    [InlineData("Q4_K_M", 15)]
    [InlineData("Q5_K_S", 16)]
    [InlineData("Q5_K_M", 17)]
    [InlineData("Q6_K", 18)]
    [InlineData("BF16", 32)]
    public void A_mix_has_the_number_of_llama_cpp(string name, uint number) => QuantizationMix.Find(name)!.FileType.ShouldBe(number);

    [Theory]
    [InlineData("q4_k_m", "Q4_K_M")]
    [InlineData("Q3_K", "Q3_K_M")]
    [InlineData("q4_k", "Q4_K_M")]
    [InlineData("Q5_K", "Q5_K_M")]
    [InlineData("Q2_K", "Q2_K")]
    [InlineData("Q4_K_L", null)]
    [InlineData("", null)]
    public void Names_are_those_of_llama_cpp(string name, string? mix) => QuantizationMix.Find(name)?.Name.ShouldBe(mix);

    [Theory]
    [InlineData("Q2_K", 64, ElementType.Q4_0)]
    [InlineData("Q3_K_S", 64, ElementType.Q4_0)]
    [InlineData("Q4_K_S", 64, ElementType.Q5_0)]
    [InlineData("Q5_K_S", 64, ElementType.Q5_1)]
    [InlineData("Q6_K", 64, ElementType.Q8_0)]
    [InlineData("Q6_K", 48, ElementType.F16)]
    [InlineData("Q4_0", 48, ElementType.F16)]
    [InlineData("Q8_0", 48, ElementType.F16)]
    public void Rows_that_blocks_do_not_divide_get_another_type(string mix, long rowLength, ElementType type) =>
        QuantizationMix.Find(mix)!.TypeOf("blk.9.attn_q.weight", rowLength, new NetworkShape(18, 4, true)).ShouldBe(type);

    [Fact]
    public void An_output_matrix_of_its_own_leaves_the_embedding_to_the_base_type()
    {
        var network = new NetworkShape(18, 4, TiedEmbeddings: false);
        QuantizationMix mix = QuantizationMix.Find("Q4_K_M")!;
        mix.TypeOf("output.weight", 256, network).ShouldBe(ElementType.Q6_K);
        mix.TypeOf("output.weight", 640, network).ShouldBe(ElementType.Q8_0);
        mix.TypeOf("token_embd.weight", 256, network).ShouldBe(ElementType.Q4_K);
        mix.TypeOf("token_embd.weight", 640, network).ShouldBe(ElementType.Q5_0);
    }
}
