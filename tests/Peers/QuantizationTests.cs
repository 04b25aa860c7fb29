using Lapidary.Checkpoints;
using Lapidary.Networks;
using Lapidary.Numerics;
using Lapidary.Numerics.Formats;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Compression;
using Shouldly;
using Xunit;

namespace Lapidary.Peers.Tests;

/// <summary>Quantized files against those that <c>llama_model_quantize</c> makes of the same F32 file: types, bytes and metadata.</summary>
public sealed class QuantizationTests(RandomModels models, ITestOutputHelper log) : IDisposable
{
    private const string Pebble = "pebble-it";

    private readonly TemporaryFolder folder = new();

    public static TheoryData<string, string, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, string, bool>();
            foreach (string model in RandomModels.Presets.Append(Pebble))
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
        string source = model == Pebble ? models.GgufOf(PeerEnvironment.TunedPebble, "F32") : models.Gguf(model, "F32");
        ExternalProgram.LlamaQuantize(source, folder["theirs.gguf"], type, pure);
        using (Checkpoint checkpoint = Checkpoint.Open(source))
        {
            Quantizer.Plan(checkpoint, new QuantizationOptions(QuantizationMix.Find(type)!) { Pure = pure })
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

        log.WriteLine($"{model}, {type}{(pure ? ", pure" : string.Empty)}: {equal} of {total} bytes are equal.");
        equal.ShouldBe(total);
        ours.Metadata.Keys.Order().ShouldBe(theirs.Metadata.Keys.Order());
        foreach ((string key, GgufValue value) in theirs.Metadata)
        {
            ours.Metadata[key].ToString().ShouldBe(value.ToString(), key);
        }
    }

    private static unsafe ReadOnlySpan<byte> Bytes(Tensor tensor) => new(tensor.Data, checked((int)tensor.ByteLength));
}
