using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Lapidary.Checkpoints;
using Lapidary.Checkpoints.Adapters;
using Lapidary.Inference;
using Lapidary.Networks;
using Lapidary.Tests.Common;
using Xunit;

namespace Lapidary.Peers.Tests;

/// <summary>A LoRA that is written as GGUF and given to llama.cpp, against the same LoRA here.</summary>
public sealed class AdapterTests(RandomModels models, ITestOutputHelper log)
{
    // As in LogitsTests, F32: llama.cpp's GELU is a table in half precision. The adapters make the logits several times as large, and
    // with them what the table adds: up to 1.1e-3 were seen.
    private const double Tolerance = 2e-3;

    private static readonly LoraConfig Plain = new() { Rank = 8, Alpha = 16, TargetModules = [LoraConfig.AllLinear] };

    public static TheoryData<string, string, float> Cases => new()
    {
        { "tiny", "plain", 1 },
        { "tiny-k", "plain", 0.5f },
        { "tiny-gqa", "rslora", 1 },
        { "tiny", "patterns", -1 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Llama_cpp_gives_our_logits_with_our_file(string preset, string kind, float scale)
    {
        PeerEnvironment.RequireModels();
        string driver = PeerEnvironment.CompileDriver("lora_logits", models.Scratch);
        using var folder = new TemporaryFolder();
        string file = models.Gguf(preset, "F32");
        string lora = RandomAdapter.Write(folder["lora"], models.HuggingFace(preset), ConfigOf(kind), seed: 3);
        using (PeftAdapter adapter = PeftAdapter.Open(lora))
        using (Checkpoint model = Checkpoint.Open(file))
        {
            AdapterConverter.ToGguf(adapter, model, folder["lora.gguf"]);
        }

        float[] ours = OurLogits(file, [new AdapterReference(lora, scale)]);
        float[] without = OurLogits(file, []);
        float[] llama = LlamaLogits(driver, file, folder, scale);

        Distance distance = Distance.Between(ours, Array.ConvertAll(llama, value => (double)value), RandomModels.Vocabulary);
        Distance change = Distance.Between(without, Array.ConvertAll(ours, value => (double)value), RandomModels.Vocabulary);
        log.WriteLine($"from llama.cpp: {distance}; the adapter's change: {change}");
        distance.Largest.ShouldBeAtMost(Tolerance);
        Assert.True(change.Largest > 50 * Tolerance, "The adapter changes too little for the comparison to mean anything.");
    }

    [Fact]
    public void The_gguf_package_reads_the_file()
    {
        string node = PeerEnvironment.Node;
        string modules = Path.Combine(Path.GetDirectoryName(PeerEnvironment.Peer)!, "node_modules");
        Assert.SkipUnless(Directory.Exists(Path.Combine(modules, "@huggingface", "gguf")), "The package @huggingface/gguf is not beside LLAMA_PEER.");
        PeerEnvironment.RequireModels();
        using var folder = new TemporaryFolder();
        string lora = RandomAdapter.Write(folder["lora"], models.HuggingFace("tiny"), Plain, seed: 4);
        using (PeftAdapter adapter = PeftAdapter.Open(lora))
        using (Checkpoint model = Checkpoint.Open(models.HuggingFace("tiny")))
        {
            AdapterConverter.ToGguf(adapter, model, folder["lora.gguf"], Lapidary.Numerics.ElementType.F16);
        }

        // Beside the packages, because that is where imports are looked for.
        const string Program = """
            const { gguf } = await import(process.argv[1]);
            const { metadata, tensorInfos } = await gguf(process.argv[2], { allowLocalFile: true });
            console.log(JSON.stringify({ metadata, tensorInfos }, (_, value) => typeof value === "bigint" ? Number(value) : value));
            """;
        string output = ExternalProgram.Run(
            node, "--input-type=module", "-e", Program, Path.Combine(modules, "@huggingface", "gguf", "dist", "index.mjs"), folder["lora.gguf"]);
        using JsonDocument json = JsonDocument.Parse(output);
        JsonElement metadata = json.RootElement.GetProperty("metadata");
        Assert.Equal("adapter", metadata.GetProperty("general.type").GetString());
        Assert.Equal("lora", metadata.GetProperty("adapter.type").GetString());
        Assert.Equal(16, metadata.GetProperty("adapter.lora.alpha").GetDouble());
        using GgufFile written = GgufFile.Open(folder["lora.gguf"]);
        JsonElement tensors = json.RootElement.GetProperty("tensorInfos");
        Assert.Equal(written.Tensors.Count, tensors.GetArrayLength());
        foreach (JsonElement tensor in tensors.EnumerateArray())
        {
            TensorInfo ours = written.Tensors[tensor.GetProperty("name").GetString()!];
            Assert.Equal(ours.Shape.Reverse(), tensor.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()));
            Assert.Equal(1, tensor.GetProperty("dtype").GetInt32());
        }
    }

    private static LoraConfig ConfigOf(string kind) => kind switch
    {
        "plain" => Plain,
        "rslora" => Plain with { UseRsLora = true },
        _ => Plain with
        {
            RankPattern = new Dictionary<string, int> { ["q_proj"] = 3, [@"layers\.0\.mlp\..*"] = 5 },
            AlphaPattern = new Dictionary<string, double> { ["o_proj"] = 3 },
        },
    };

    private static float[] OurLogits(string path, IReadOnlyList<AdapterReference> adapters)
    {
        using LanguageModel model = LanguageModel.Open(path, new InferenceOptions { Threads = 1, Exact = true, Adapters = adapters });
        using InferenceSession session = model.CreateSession(RandomModels.Prompt.Length);
        var result = new List<float>();
        session.ProcessAll(RandomModels.Prompt, (_, _, logits) => result.AddRange(logits));
        return [.. result];
    }

    private static float[] LlamaLogits(string driver, string model, TemporaryFolder folder, float scale)
    {
        File.WriteAllBytes(folder["tokens.i32"], MemoryMarshal.AsBytes(RandomModels.Prompt.AsSpan()).ToArray());
        ExternalProgram.Run(
            driver, model, folder["lora.gguf"], scale.ToString(CultureInfo.InvariantCulture), folder["tokens.i32"], folder["out.f32"]);
        return MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(folder["out.f32"])).ToArray();
    }
}
