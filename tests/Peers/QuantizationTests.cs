using System.Globalization;
using Lapidary.Checkpoints;
using Lapidary.Inference;
using Lapidary.Networks;
using Lapidary.Numerics;
using Lapidary.Numerics.Formats;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Compression;
using Lapidary.Workbench.Evaluation.Texts;
using Shouldly;
using Xunit;

namespace Lapidary.Peers.Tests;

/// <summary>Quantized files against those that <c>llama_model_quantize</c> makes of the same F32 file: types, bytes and metadata.</summary>
public sealed class QuantizationTests(RandomModels models, ITestOutputHelper log) : IDisposable
{
    private const string Pebble = "pebble-it";
    // Deep enough for rules about the first eighth of the layers: the tiny shapes, 18 times.
    private const string Deep = "deep";
    private const int ChunkLength = 64;
    private const int BeginToken = 2;

    private readonly TemporaryFolder folder = new();

    public static TheoryData<string, string, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, string, bool>();
            foreach (string model in RandomModels.Presets.Append(Pebble).Append(Deep))
            {
                foreach (QuantizationMix mix in QuantizationMix.All)
                {
                    cases.Add(model, mix.Name, false);

                    // Where blocks do not divide the rows llama.cpp quietly takes another type, and we refuse.
                    bool isWhole = WeightFormat.Of(mix.BaseType).BlockLength <= 32 || model is "tiny-k" or Pebble;
                    bool isFirst = QuantizationMix.All.First(other => other.BaseType == mix.BaseType) == mix;
                    if (isWhole && isFirst)
                    {
                        cases.Add(model, mix.Name, true);
                    }
                }
            }

            return cases;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_file_is_that_of_llama_cpp(string model, string type, bool pure)
    {
        PeerEnvironment.RequireModels();
        string source = Source(model);
        ExternalProgram.LlamaQuantize(source, folder["theirs.gguf"], type, pure);
        Compare(source, $"{model}, {type}", new QuantizationOptions(QuantizationMix.Find(type)!) { Pure = pure });
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_file_by_an_importance_matrix_is_that_of_llama_cpp(string model, string type, bool pure)
    {
        PeerEnvironment.RequireModels();
        string source = Source(model), driver = PeerEnvironment.CompileDriver("imatrix", models.Scratch);
        using (LanguageModel opened = LanguageModel.Open(source, new InferenceOptions { Threads = 1 }))
        {
            var random = new SplitMix64(12);
            int[] tokens = [.. Enumerable.Range(0, 4 * ChunkLength).Select(_ => random.NextInt(RandomModels.Vocabulary))];
            ImportanceCollector.Collect(opened, new TextChunks(tokens, ChunkLength, BeginToken), ["some/tokens.txt"], cancellation: TestContext.Current.CancellationToken).Save(folder["i.gguf"]);
        }

        QuantizationMix mix = QuantizationMix.Find(type)!;
        ExternalProgram.Run(
            driver,
            ["quantize", source, folder["theirs.gguf"], mix.FileType.ToString(CultureInfo.InvariantCulture), folder["i.gguf"],
                .. pure ? (string[])["--pure"] : []]);
        Compare(source, $"{model}, {type}", new QuantizationOptions(mix) { Pure = pure, Importance = ImportanceMatrix.Open(folder["i.gguf"]) });
    }

    private string Source(string model)
    {
        if (model != Deep)
        {
            return model == Pebble ? models.GgufOf(PeerEnvironment.TunedPebble, "F32") : models.Gguf(model, "F32");
        }

        Gemma3Config tiny = Gemma3Presets.Get("tiny");
        Gemma3Config config = tiny with
        {
            VocabularySize = RandomModels.Vocabulary, Layers = [.. Enumerable.Range(0, 18).Select(layer => tiny.Layers[layer % tiny.Layers.Length])],
        };
        RandomCheckpoint.Write(config, folder["deep"], 5, ElementType.F32, cancellationToken: TestContext.Current.CancellationToken);
        using Checkpoint written = Checkpoint.Open(folder["deep"]);
        CheckpointConverter.ToGguf(
            written, folder["deep.gguf"], ElementType.F32, withTokenizer: false, cancellationToken: TestContext.Current.CancellationToken);
        return folder["deep.gguf"];
    }

    private void Compare(string source, string title, QuantizationOptions options)
    {
        using (Checkpoint checkpoint = Checkpoint.Open(source))
        {
            Quantizer.Plan(checkpoint, options)
                .Write(checkpoint, folder["ours.gguf"], threads: 1, cancellationToken: TestContext.Current.CancellationToken);
        }

        using GgufFile theirs = GgufFile.Open(folder["theirs.gguf"]), ours = GgufFile.Open(folder["ours.gguf"]);
        ours.Tensors.Keys.Order().ShouldBe(theirs.Tensors.Keys.Order());
        long total = 0, equal = 0;
        foreach ((string name, TensorInfo expected) in theirs.Tensors)
        {
            ours.Tensors[name].Type.ShouldBe(expected.Type, name);
            ReadOnlySpan<byte> theirBytes = Bytes(theirs.GetTensor(name)), ourBytes = Bytes(ours.GetTensor(name));
            for (int i = 0; i < theirBytes.Length; i++)
            {
                equal += theirBytes[i] == ourBytes[i] ? 1 : 0;
            }

            total += theirBytes.Length;
        }

        log.WriteLine($"{title}{(options.Pure ? ", pure" : string.Empty)}: {equal} of {total} bytes are equal.");
        equal.ShouldBe(total);
        ours.Metadata.Keys.Order().ShouldBe(theirs.Metadata.Keys.Order());
        foreach ((string key, GgufValue value) in theirs.Metadata)
        {
            ours.Metadata[key].ToString().ShouldBe(value.ToString(), key);
        }
    }

    private static unsafe ReadOnlySpan<byte> Bytes(Tensor tensor) => new(tensor.Data, checked((int)tensor.ByteLength));
}
