using System.Text.Json;
using Lapidary.Checkpoints;
using Lapidary.Networks;
using Lapidary.Numerics;
using Lapidary.Tests.Common;
using Lapidary.Text;
using Xunit;

namespace Lapidary.Peers.Tests;

/// <summary>Whole models that are written as GGUF, against what the peers make of the same folder and of the same file.</summary>
public sealed class ConversionTests(RandomModels models, ITestOutputHelper log) : IDisposable
{
    private const string Pebble = "pebble-it";

    private readonly TemporaryFolder folder = new();

    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (string model in RandomModels.Presets.Append(Pebble))
            {
                foreach (string type in RandomModels.FloatTypes)
                {
                    cases.Add(model, type);
                }
            }

            return cases;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void Llama_cpp_loads_our_file_and_gives_our_logits(string model, string type)
    {
        PeerEnvironment.RequireModels();
        string source = FolderOf(model);
        string file = Convert(source, type);
        float[] ours = Ours.ExactLogits(file, RandomModels.Prompt);
        float[] llama = ExternalProgram.LlamaLogits(file, RandomModels.Prompt, folder.Path);

        int vocabulary = ours.Length / RandomModels.Prompt.Length;
        Distance distance = Distance.Between(ours, Array.ConvertAll(llama, value => (double)value), vocabulary);
        double spread = Math.Sqrt(ours.Sum(logit => (double)logit * logit) / ours.Length);
        log.WriteLine($"{distance}, logits deviate by {spread:g3}");

        // As in LogitsTests for the random models, whose logits deviate by 0.3 at most; Pebble's are larger.
        double scale = model == Pebble ? Math.Max(1, spread / 0.3) : 1;
        distance.Largest.ShouldBeAtMost(scale * type switch { "F32" => 1e-3, "F16" => 3e-3, _ => 2e-2 });

        // The file of the peers' own converter holds the same numbers, so it gives the same logits.
        Assert.True(Ours.ExactLogits(models.GgufOf(source, type), RandomModels.Prompt).AsSpan().SequenceEqual(ours));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Tensors_and_vocabulary_are_those_of_the_converter(string model, string type)
    {
        PeerEnvironment.RequireModels();
        string source = FolderOf(model);
        using GgufFile expected = GgufFile.Open(models.GgufOf(source, type));
        using GgufFile written = GgufFile.Open(Convert(source, type));
        Assert.Equal(expected.Tensors.Keys, written.Tensors.Keys);
        foreach ((string name, TensorInfo tensor) in expected.Tensors)
        {
            Assert.Equal(tensor.Shape, written.Tensors[name].Shape);
            Assert.True(Bytes(expected.GetTensor(name)).SequenceEqual(Bytes(written.GetTensor(name))), name);
        }

        foreach ((string key, GgufValue value) in expected.Metadata)
        {
            if (key is not ("general.name" or "tokenizer.ggml.scores"))
            {
                Assert.Equal(value.ToString(), written.Metadata[key].ToString());
            }
        }

        // Minus zero and zero are the same score.
        Assert.Equal(
            expected.Metadata["tokenizer.ggml.scores"].ToSingles(), written.Metadata["tokenizer.ggml.scores"].ToSingles());
        Assert.Equal(
            expected.Metadata["tokenizer.ggml.tokens"].ToTexts(), written.Metadata["tokenizer.ggml.tokens"].ToTexts());
        Assert.Equal(
            expected.Metadata["tokenizer.ggml.token_type"].ToInt64s(), written.Metadata["tokenizer.ggml.token_type"].ToInt64s());
    }

    [Fact]
    public void Patterns_of_layers_mean_the_same_to_llama_cpp()
    {
        PeerEnvironment.RequireModels();
        foreach (string pattern in (string[])["LLL", "GGG", "LGLGL", "GLLG"])
        {
            string source = folder[pattern];
            Gemma3Config tiny = Gemma3Presets.Get("tiny");
            LayerSpec global = tiny.Layers.First(layer => layer.Window is null);
            LayerSpec local = tiny.Layers.First(layer => layer.Window is not null) with { Window = 8 };
            Gemma3Config config = tiny with { Layers = [.. pattern.Select(layer => layer == 'G' ? global : local)], SlidingWindow = 8 };
            RandomCheckpoint.Write(config, source, 5, ElementType.F32, cancellationToken: TestContext.Current.CancellationToken);
            string file = folder[pattern + ".gguf"];
            using (Checkpoint checkpoint = Checkpoint.Open(source))
            {
                // Token ids need no tokenizer, which llama.cpp understands.
                CheckpointConverter.ToGguf(checkpoint, file, withTokenizer: false, cancellationToken: TestContext.Current.CancellationToken);
            }

            int[] tokens = [.. RandomModels.Prompt.Select(id => id % config.VocabularySize)];
            float[] ours = Ours.ExactLogits(file, tokens);
            float[] llama = ExternalProgram.LlamaLogits(file, tokens, folder.Path);
            Distance distance = Distance.Between(ours, Array.ConvertAll(llama, value => (double)value), config.VocabularySize);
            log.WriteLine($"{pattern}: {distance}");
            distance.Largest.ShouldBeAtMost(1e-3);
        }
    }

    [Fact]
    public void The_real_vocabulary_agrees_in_all_three_forms()
    {
        PeerEnvironment.RequireModels();
        string gguf = WriteRealVocabulary();
        string back = folder["back"];
        using (Checkpoint checkpoint = Checkpoint.Open(gguf))
        {
            CheckpointConverter.ToHuggingFace(checkpoint, back, cancellationToken: TestContext.Current.CancellationToken);
        }

        Tokenizer json = Tokenizer.Open(PeerEnvironment.TokenizerFolder);
        Tokenizer written = Tokenizer.Open(gguf);
        Tokenizer returned = Tokenizer.Open(back);
        List<string> texts = [.. TokenizerTexts.All(PeerEnvironment.Texts).Where(text => TokenizerTexts.IsValid(text) && !text.AsSpan().ContainsAny('\0', '\u001e'))];
        List<int[]> llama = GemmaVocabulary.LlamaIds(gguf, texts);
        int others = 0;
        for (int i = 0; i < texts.Count; i++)
        {
            int[] ids = written.Encode(texts[i], addBos: false);
            Assert.True(ids.SequenceEqual(llama[i]), TokenizerTexts.Json(texts[i]));

            // The mark of a space, which no keyboard has, is not what added tokens of a GGUF file look for; and its vocabulary ends
            // with the embedding, before <image_soft_token>.
            if (texts[i].Contains('\u2581', StringComparison.Ordinal) || texts[i].Contains("<image_soft_token>", StringComparison.Ordinal))
            {
                others++;
                continue;
            }

            Assert.True(ids.SequenceEqual(json.Encode(texts[i], addBos: false)), TokenizerTexts.Json(texts[i]));
            Assert.True(ids.SequenceEqual(returned.Encode(texts[i], addBos: false)), TokenizerTexts.Json(texts[i]));
        }

        List<int[]> javaScript = GemmaVocabulary.JavaScriptIds([.. texts.Take(2_000)], back);
        for (int i = 0; i < javaScript.Count; i++)
        {
            Assert.True(javaScript[i].SequenceEqual(returned.Encode(texts[i], addBos: false)), TokenizerTexts.Json(texts[i]));
        }

        log.WriteLine($"{texts.Count} strings, {others} of them with a mark or an image token");
    }

    [Fact]
    public void The_gguf_package_reads_the_files()
    {
        string node = PeerEnvironment.Node;
        string modules = Path.Combine(Path.GetDirectoryName(PeerEnvironment.Peer)!, "node_modules");
        Assert.SkipUnless(Directory.Exists(Path.Combine(modules, "@huggingface", "gguf")), "The package @huggingface/gguf is not beside LLAMA_PEER.");
        string file = Convert(PeerEnvironment.TunedPebble, "F16");
        const string Program = """
            const { gguf } = await import(process.argv[1]);
            const { metadata, tensorInfos } = await gguf(process.argv[2], { allowLocalFile: true });
            console.log(JSON.stringify({ metadata, tensorInfos }, (_, value) => typeof value === "bigint" ? Number(value) : value));
            """;
        string output = ExternalProgram.Run(
            node, "--input-type=module", "-e", Program, Path.Combine(modules, "@huggingface", "gguf", "dist", "index.mjs"), file);
        using JsonDocument json = JsonDocument.Parse(output);
        using GgufFile written = GgufFile.Open(file);
        JsonElement metadata = json.RootElement.GetProperty("metadata");
        Assert.Equal(written.Metadata["tokenizer.ggml.tokens"].ToTexts(), metadata.GetProperty("tokenizer.ggml.tokens").EnumerateArray().Select(token => token.GetString()));
        Assert.Equal(written.Metadata["tokenizer.chat_template"].ToText(), metadata.GetProperty("tokenizer.chat_template").GetString());
        Assert.Equal(1, metadata.GetProperty("general.file_type").GetInt32());
        foreach (JsonElement tensor in json.RootElement.GetProperty("tensorInfos").EnumerateArray())
        {
            TensorInfo ours = written.Tensors[tensor.GetProperty("name").GetString()!];
            Assert.Equal(ours.Shape.Reverse(), tensor.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()));
            Assert.Equal((int)ours.Type.GgmlNumber!.Value, tensor.GetProperty("dtype").GetInt32());
        }
    }

    private static unsafe ReadOnlySpan<byte> Bytes(Tensor tensor) => new(tensor.Data, checked((int)tensor.ByteLength));

    // A narrow network with as many rows as the vocabulary needs.
    private string WriteRealVocabulary()
    {
        Gemma3Config config = Gemma3Presets.Get("tiny") with { VocabularySize = 262_144, HiddenSize = 32, IntermediateSize = 32 };
        RandomCheckpoint.Write(config, folder["real"], 1, ElementType.BF16);
        foreach (string file in Directory.GetFiles(PeerEnvironment.TokenizerFolder, "tokenizer*.json"))
        {
            File.Copy(file, Path.Combine(folder["real"], Path.GetFileName(file)));
        }

        return Convert(folder["real"], "BF16");
    }

    private string FolderOf(string model) => model == Pebble ? PeerEnvironment.TunedPebble : models.HuggingFace(model);

    private string Convert(string source, string type)
    {
        string file = folder[$"{Path.GetFileName(source)}-{type}.gguf"];
        using Checkpoint checkpoint = Checkpoint.Open(source);
        CheckpointConverter.ToGguf(checkpoint, file, Enum.Parse<ElementType>(type));
        return file;
    }
}
