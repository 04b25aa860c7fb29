using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Lapidary.Checkpoints;
using Lapidary.Inference;
using Lapidary.Numerics;
using Lapidary.Numerics.Formats;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Compression;
using Lapidary.Workbench.Evaluation.Texts;
using Xunit;

namespace Lapidary.Peers.Tests;

/// <summary>Importance matrices: llama.cpp's sums against ours, and what llama.cpp quantizes by a file of ours against our encoders.</summary>
public sealed class ImportanceMatrixTests(RandomModels models, ITestOutputHelper log) : IDisposable
{
    private const int ChunkLength = 64;
    private const int BeginToken = 2;

    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Presets => [.. RandomModels.Presets];

    // The numbers of the mixes in llama.h.
    public static TheoryData<string, string, int> Mixes
    {
        get
        {
            var mixes = new TheoryData<string, string, int>();
            foreach (string preset in RandomModels.Presets)
            {
                foreach ((string name, int number) in new[]
                {
                    ("Q4_0", 2), ("Q8_0", 7), ("Q2_K", 10), ("Q3_K_S", 11), ("Q4_K_M", 15), ("Q5_K_M", 17), ("Q6_K", 18),
                })
                {
                    mixes.Add(preset, name, number);
                }
            }

            return mixes;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Presets))]
    public void Sums_are_those_of_llama_cpp(string preset)
    {
        PeerEnvironment.RequireModels();
        string driver = PeerEnvironment.CompileDriver("imatrix", models.Scratch);
        string model = models.Gguf(preset, "F32");
        File.WriteAllBytes(folder["tokens.i32"], MemoryMarshal.AsBytes(Tokens.AsSpan()));
        ExternalProgram.Run(
            driver, "collect", model, folder["tokens.i32"], Number(ChunkLength), Number(BeginToken), folder["theirs.gguf"]);
        ImportanceMatrix expected = ImportanceMatrix.Open(folder["theirs.gguf"]), actual = Collect(model);
        Assert.Equal(expected.Entries.Keys, actual.Entries.Keys);
        Assert.Equal(expected.ChunkCount, actual.ChunkCount);
        Assert.Equal(expected.ChunkSize, actual.ChunkSize);
        double largest = 0;
        foreach ((string name, ImportanceEntry entry) in expected.Entries)
        {
            Assert.Equal(entry.Counts.ToArray(), actual.Entries[name].Counts.ToArray());
            float[] a = entry.Importance(), b = actual.Entries[name].Importance();
            Assert.Equal(a.Length, b.Length);
            double mean = a.Average();
            for (int i = 0; i < a.Length; i++)
            {
                // Of columns that hardly matter, the rounding of the others is left.
                largest = Math.Max(largest, Math.Abs((double)a[i] - b[i]) / Math.Max(a[i], 0.1 * mean));
            }
        }

        log.WriteLine($"{preset}: {expected.Entries.Count} matrices, largest relative difference {largest:g3}");
        largest.ShouldBeAtMost(5e-3);
    }

    [Theory]
    [MemberData(nameof(Mixes))]
    public void Llama_cpp_quantizes_by_our_file_to_our_blocks(string preset, string mix, int number)
    {
        PeerEnvironment.RequireModels();
        string driver = PeerEnvironment.CompileDriver("imatrix", models.Scratch);
        string model = models.Gguf(preset, "F32");
        Collect(model).Save(folder["ours.gguf"]);
        var matrix = ImportanceMatrix.Open(folder["ours.gguf"]);
        string output = ExternalProgram.Run(driver, "quantize", model, folder["quantized.gguf"], Number(number), folder["ours.gguf"]);
        Assert.Equal(matrix.Entries.Count, int.Parse(output, CultureInfo.InvariantCulture));

        using Checkpoint source = Checkpoint.Open(model), quantized = Checkpoint.Open(folder["quantized.gguf"]);
        matrix.CheckModel(quantized);
        int weighted = 0;
        long bytes = 0;
        foreach ((string name, TensorInfo info) in quantized.Tensors)
        {
            Tensor expected = quantized.GetTensor(name), weights = source.GetTensor(name);
            if (expected.Type == ElementType.F32)
            {
                continue;
            }

            float[] importance = matrix.ImportanceOf(info.StoredName, weights.RowLength);
            weighted += importance.Length > 0 ? 1 : 0;
            WeightFormat format = WeightFormat.Of(expected.Type);
            var values = new float[weights.RowLength];
            var row = new byte[expected.RowBytes];
            for (long i = 0; i < weights.Rows; i++)
            {
                weights.DecodeRow(i, values);
                format.Encode(values, importance, row);
                Assert.True(row.AsSpan().SequenceEqual(Bytes(expected, i)), $"{name}, row {i}, {expected.Type}");
            }

            bytes += expected.ByteLength;
        }

        log.WriteLine($"{preset}, {mix}: {bytes} bytes are equal, {weighted} tensors with an importance");
        Assert.Equal(matrix.Entries.Count, weighted);
    }

    [Fact]
    public void The_gguf_package_reads_our_file()
    {
        PeerEnvironment.RequireModels();
        string node = PeerEnvironment.Node;
        string package = Path.Combine(Path.GetDirectoryName(PeerEnvironment.Peer)!, "node_modules", "@huggingface", "gguf", "dist", "index.mjs");
        Assert.SkipUnless(File.Exists(package), "The package @huggingface/gguf is not beside LLAMA_PEER.");
        ImportanceMatrix matrix = Collect(models.Gguf("tiny", "F32"));
        matrix.Save(folder["ours.gguf"]);
        const string Program = """
            const { gguf } = await import(process.argv[1]);
            const { metadata, tensorInfos } = await gguf(process.argv[2], { allowLocalFile: true });
            console.log(JSON.stringify({ metadata, tensorInfos }, (_, value) => typeof value === "bigint" ? Number(value) : value));
            """;
        using JsonDocument json = JsonDocument.Parse(ExternalProgram.Run(node, "--input-type=module", "-e", Program, package, folder["ours.gguf"]));
        JsonElement metadata = json.RootElement.GetProperty("metadata");
        Assert.Equal("imatrix", metadata.GetProperty("general.type").GetString());
        Assert.Equal("tokens", metadata.GetProperty("imatrix.datasets")[0].GetString());
        Assert.Equal(4, metadata.GetProperty("imatrix.chunk_count").GetInt32());
        Assert.Equal(ChunkLength, metadata.GetProperty("imatrix.chunk_size").GetInt32());
        Assert.Equal(
            matrix.Entries.Keys.SelectMany(name => new[] { name + ".in_sum2", name + ".counts" }),
            json.RootElement.GetProperty("tensorInfos").EnumerateArray().Select(tensor => tensor.GetProperty("name").GetString()));
    }

    private static int[] Tokens
    {
        get
        {
            var random = new SplitMix64(11);
            return [.. Enumerable.Range(0, 4 * ChunkLength).Select(_ => random.NextInt(RandomModels.Vocabulary))];
        }
    }

    private static ImportanceMatrix Collect(string path)
    {
        using LanguageModel model = LanguageModel.Open(path, new InferenceOptions { Threads = 1 });
        return ImportanceCollector.Collect(model, new TextChunks(Tokens, ChunkLength, BeginToken), ["tokens"]);
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static unsafe ReadOnlySpan<byte> Bytes(Tensor tensor, long row) => new(tensor.RowPointer(row), (int)tensor.RowBytes);
}
