using System.Text;
using Lapidary.Checkpoints;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Compression;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Compression;

/// <summary>Files of importance matrices: as llama.cpp lays them out, ours, and broken ones.</summary>
public sealed class ImportanceMatrixTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    /// <summary>What is wrong with a file, the file, and what the error must say.</summary>
    public static TheoryData<string, byte[], string> Broken
    {
        get
        {
            var cases = new TheoryData<string, byte[], string>
            {
                { "empty", [], "is empty" },
                { "text", "a calibration text and no matrix"u8.ToArray(), "not a GGUF file, and as one of llama.cpp's older form it gives" },
                { "cut gguf", Gguf().Build()[..^40], "the file is truncated" },
                { "a model", TinyModel.Gguf().Build(), "has no tensor NAME.in_sum2" },
                { "of another type", Gguf().Set("general.type", "model").Build(), "its general.type is not imatrix" },
                { "type is a number", Gguf().Set("general.type", 3u).Build(), "where a text was expected" },
                { "chunks in words", Gguf().Set("imatrix.chunk_count", "9").Build(), "key imatrix.chunk_count holds String" },
                { "negative chunks", Gguf().Remove("imatrix.chunk_size").Raw("imatrix.chunk_size", 5, BitConverter.GetBytes(-1)).Build(), "gives -1 as imatrix.chunk_size" },
                { "datasets no texts", Gguf().Set("imatrix.datasets", 1f, 2f).Build(), "where an array of texts was expected" },
                { "no counts", Gguf().RemoveTensor("blk.0.attn_q.weight.counts").Build(), "has no tensor blk.0.attn_q.weight.counts" },
                { "no sums", Gguf().RemoveTensor("blk.0.attn_q.weight.in_sum2").Build(), "has the counts blk.0.attn_q.weight.counts without" },
                { "half floats", Gguf().Tensor("x.in_sum2", 1, [4], new byte[8]).Tensor("x.counts", 0, [1], new byte[4]).Build(), "tensor x.in_sum2 is F16 [4]" },
                { "counts that do not divide", Entry([1, 2, 3], [1, 1]), "has 3 sums and 2 counts" },
                { "NaN", Entry([1, float.NaN], [1]), "has the sum NaN at column 1" },
                { "infinity", Entry([float.PositiveInfinity], [1]), "has the sum Infinity at column 0" },
                { "negative", Entry([1, -1], [1]), "has the sum -1 at column 1" },
                { "count is NaN", Entry([1], [float.NaN]), "has the count NaN" },
                { "negative count", Entry([1], [-2]), "has the count -2" },
                { "huge count", Entry([1], [1e30f]), "has the count 1E+30" },
                { "dat: cut", Legacy()[..^1], "gives 8 as the length of the name of the text" },
                { "dat: more", [.. Legacy(), 0], "has 1 bytes behind its end" },
                { "dat: cut in the values", Legacy()[..40], "gives 3 as the number of values" },
                { "dat: a billion entries", Patched(Legacy(), 0, 1_000_000_000), "gives 1000000000 as the number of entries" },
                { "dat: long name", Patched(Legacy(), 4, int.MaxValue), "gives 2147483647 as the length of the name of an entry" },
                { "dat: name no UTF-8", Patched(Legacy(), 8, -1), "has a name of an entry that is not valid UTF-8" },
                { "dat: negative name", Patched(Legacy(), 4, -1), "gives -1 as the length of the name of an entry" },
                { "dat: negative calls", Patched(Legacy(), 27, -1), "gives -1 as the number of calls" },
                { "dat: no values", Patched(Legacy(), 31, 0), "gives 0 as the number of values" },
                { "dat: NaN", Patched(Legacy(), 35, BitConverter.SingleToInt32Bits(float.NaN)), "has the sum NaN at column 0" },
                { "dat: twice", Legacy("blk.0.attn_q.weight", "blk.0.attn_q.weight"), "has two entries for blk.0.attn_q.weight" },
            };
            return cases;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_was_written_is_read_again()
    {
        float[] sums = [0, 1.5f, 3e30f, float.Epsilon];
        var matrix = new ImportanceMatrix(
            [
                new ImportanceEntry("blk.1.ffn_down.weight", sums, new long[] { 1024 }),
                new ImportanceEntry("blk.0.experts.weight", new float[] { 1, 2, 3, 4 }, new long[] { 8, 0 }),
            ],
            512,
            2,
            ["a text.txt", "\u00e9"]);
        string path = folder["m.gguf"];
        matrix.Save(path);
        ImportanceMatrix read = ImportanceMatrix.Open(path);
        read.Path.ShouldBe(path);
        read.ChunkSize.ShouldBe(512);
        read.ChunkCount.ShouldBe(2);
        read.Datasets.ShouldBe(["a text.txt", "\u00e9"]);
        read.Entries.Keys.ShouldBe(["blk.0.experts.weight", "blk.1.ffn_down.weight"]);
        read.Entries["blk.1.ffn_down.weight"].SquareSums.ToArray().ShouldBe(sums);
        read.Entries["blk.1.ffn_down.weight"].Counts.ToArray().ShouldBe([1024]);
        read.ImportanceOf("blk.1.ffn_down.weight", 4).ShouldBe([.. sums.Select(sum => sum / 1024f)]);

        // An expert that no token reached.
        read.ImportanceOf("blk.0.experts.weight", 4).ShouldBe([1f / 8, 2f / 8, 1, 1]);

        // The same file every time, in the layout of ggml: what has one row has one dimension.
        read.Save(folder["again.gguf"]);
        File.ReadAllBytes(folder["again.gguf"]).ShouldBe(File.ReadAllBytes(path));
        using GgufFile file = GgufFile.Open(path);
        file.Metadata.Keys.ShouldBe(["general.type", "imatrix.datasets", "imatrix.chunk_count", "imatrix.chunk_size"]);
        file.Metadata["imatrix.chunk_count"].Type.ShouldBe(GgufValueType.UInt32);
        file.Tensors.Keys.ShouldBe(
            ["blk.0.experts.weight.in_sum2", "blk.0.experts.weight.counts", "blk.1.ffn_down.weight.in_sum2", "blk.1.ffn_down.weight.counts"]);
        file.Tensors["blk.1.ffn_down.weight.in_sum2"].Shape.ShouldBe([4]);
        file.Tensors["blk.0.experts.weight.in_sum2"].Shape.ShouldBe([2, 2]);
        file.Tensors["blk.0.experts.weight.counts"].Shape.ShouldBe([2, 1]);
    }

    [Fact]
    public void Files_of_llama_cpp_are_read()
    {
        ImportanceMatrix matrix = Open(Gguf().Tensor("x.in_sum", 0, [1], Bytes(-1)).Build());
        matrix.ChunkCount.ShouldBe(3);
        matrix.ChunkSize.ShouldBe(512);
        matrix.Datasets.ShouldBe(["wiki.train.raw"]);
        matrix.Entries.Keys.ShouldBe(["blk.0.attn_q.weight"]);
        matrix.ImportanceOf("blk.0.attn_q.weight", 3).ShouldBe([2 / 1536f, 0, 5 / 1536f]);
        matrix.ImportanceOf("token_embd.weight", 3).ShouldBeEmpty();
        Should.Throw<CheckpointException>(() => matrix.ImportanceOf("blk.0.attn_q.weight", 4)).Message.ShouldBe(
            $"{matrix.Path}: has 3 columns for blk.0.attn_q.weight where the model has 4; it is the importance matrix of another model");
    }

    [Fact]
    public void The_older_form_is_read()
    {
        ImportanceMatrix matrix = Open(Legacy());
        matrix.ChunkCount.ShouldBe(7);
        matrix.ChunkSize.ShouldBe(0);
        matrix.Datasets.ShouldBe(["text.txt"]);
        matrix.ImportanceOf("blk.0.attn_q.weight", 3).ShouldBe([8f / 4, 6f / 4, 0]);

        // Files of the first versions end behind the entries; without calls the values are what they are.
        ImportanceMatrix first = Open(Patched(Legacy()[..47], 27, 0));
        first.ChunkCount.ShouldBe(0);
        first.Datasets.ShouldBeEmpty();
        first.ImportanceOf("blk.0.attn_q.weight", 3).ShouldBe([8, 6, 0]);
        Open(Legacy()[..51]).ChunkCount.ShouldBe(7);
    }

    [Fact]
    public void A_matrix_of_another_model_is_refused()
    {
        using Checkpoint model = Checkpoint.Open(Fixtures.PathOf("g3-tiny-b"));
        int width = (int)model.Tensors["model.layers.0.self_attn.q_proj.weight"].Shape[^1];
        Matrix(("blk.0.attn_q.weight", width), ("output.weight", 1)).CheckModel(model);
        Should.Throw<CheckpointException>(() => Matrix(("blk.0.attn_q.weight", width + 1)).CheckModel(model)).Message
            .ShouldContain($"has {width + 1} columns for blk.0.attn_q.weight where the model has {width}; it is the importance matrix of another model");
        Should.Throw<CheckpointException>(() => Matrix(("blk.99.attn_q.weight", width)).CheckModel(model)).Message
            .ShouldContain("has an entry for blk.99.attn_q.weight, which ");

        static ImportanceMatrix Matrix(params (string Name, int Columns)[] entries) => new(
            entries.Select(entry => new ImportanceEntry(entry.Name, new float[entry.Columns], new long[] { 1 })), 1, 1, []);
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_broken_file_is_refused(string name, byte[] content, string expected)
    {
        CheckpointException thrown = Should.Throw<CheckpointException>(() => Open(content), name);
        thrown.Message.ShouldContain(expected);
        thrown.Message.ShouldContain(folder.Path);
        thrown.Message.ShouldNotContain("\n");
    }

    [Fact]
    public void What_is_no_file_is_refused()
    {
        Should.Throw<CheckpointException>(() => ImportanceMatrix.Open(folder["none"])).Message.ShouldContain("does not exist");
        Should.Throw<CheckpointException>(() => ImportanceMatrix.Open(folder.Path)).Message.ShouldContain("is a folder");
    }

    [Fact]
    public void Wrong_numbers_are_refused()
    {
        Should.Throw<ArgumentException>(() => new ImportanceEntry("x", new float[3], new long[2]));
        Should.Throw<ArgumentException>(() => new ImportanceEntry("x", Array.Empty<float>(), new long[1]));
        Should.Throw<ArgumentException>(() => new ImportanceEntry("x", new[] { -1f }, new long[1]));
        Should.Throw<ArgumentException>(() => new ImportanceEntry(string.Empty, new float[1], new long[1]));
        var entry = new ImportanceEntry("x", new float[1], new long[1]);
        Should.Throw<ArgumentException>(() => new ImportanceMatrix([entry, entry], 1, 1, []));
        Should.Throw<ArgumentException>(() => new ImportanceMatrix([entry], -1, 1, []));
        Should.Throw<ArgumentException>(() => new ImportanceMatrix([entry], 1, 1L << 32, []));
        var longName = new ImportanceMatrix([new ImportanceEntry(new string('x', 60), new float[1], new long[1])], 1, 1, []);
        Should.Throw<ArgumentException>(() => longName.Save(folder["long.gguf"]));
        Directory.EnumerateFiles(folder.Path).ShouldBeEmpty();
    }

    [Fact]
    public void Mutated_files_are_read_or_refused()
    {
        byte[][] seeds = [Gguf().Build(), Legacy("blk.0.attn_q.weight", "blk.0.attn_k.weight")];
        for (int i = 0; i < 2000; i++)
        {
            var random = new Random(i);
            byte[] bytes = Mutate(seeds[i % 2], random);
            try
            {
                ImportanceMatrix read = i % 2 == 0 ? Open(bytes) : LegacyImportanceFile.Parse(bytes, folder.Path);
                foreach (ImportanceEntry entry in read.Entries.Values)
                {
                    entry.Importance().ShouldAllBe(value => float.IsFinite(value) && value >= 0);
                }
            }
            catch (CheckpointException thrown)
            {
                thrown.Message.ShouldContain(folder.Path);
            }
        }
    }

    private static byte[] Mutate(byte[] seed, Random random)
    {
        byte[] bytes = [.. seed];
        for (int change = random.Next(1, 5); change > 0 && bytes.Length > 8; change--)
        {
            int at = random.Next(bytes.Length - 8);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes = bytes[..at];
                    break;
                case 2:
                    BitConverter.GetBytes(random.Next(2) == 0 ? -1 : random.Next(1 << random.Next(31))).CopyTo(bytes, at);
                    break;
                case 3:
                    BitConverter.GetBytes(random.Next(2) == 0 ? long.MaxValue : 1L << random.Next(63)).CopyTo(bytes, at);
                    break;
                default:
                    bytes = [.. bytes[..at], .. bytes[(at + random.Next(8))..]];
                    break;
            }
        }

        return bytes;
    }

    // The names and values of llama.cpp's imatrix tool, version 2 of its files, put together without our writer.
    private static GgufBuilder Gguf() => new GgufBuilder()
        .Set("general.type", "imatrix")
        .Raw("imatrix.datasets", 9, GgufBuilder.Array(8, 1, GgufBuilder.Text("wiki.train.raw")))
        .Set("imatrix.chunk_count", 3u)
        .Set("imatrix.chunk_size", 512u)
        .Tensor("blk.0.attn_q.weight.in_sum2", 0, [3], Bytes(2, 0, 5))
        .Tensor("blk.0.attn_q.weight.counts", 0, [1], Bytes(1536));

    private static byte[] Entry(float[] sums, float[] counts) => new GgufBuilder()
        .Tensor("x.in_sum2", 0, [(ulong)sums.Length], Bytes(sums))
        .Tensor("x.counts", 0, [(ulong)counts.Length], Bytes(counts))
        .Build();

    private static byte[] Legacy(params string[] names)
    {
        names = names.Length == 0 ? ["blk.0.attn_q.weight"] : names;
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(names.Length);
        foreach (string name in names)
        {
            writer.Write(name.Length);
            writer.Write(Encoding.UTF8.GetBytes(name));
            writer.Write(4);
            writer.Write(3);
            writer.Write(Bytes(8, 6, 0));
        }

        writer.Write(7);
        writer.Write(8);
        writer.Write("text.txt"u8);
        return stream.ToArray();
    }

    private static byte[] Patched(byte[] bytes, int at, int value)
    {
        BitConverter.GetBytes(value).CopyTo(bytes, at);
        return bytes;
    }

    private static byte[] Bytes(params float[] values) => [.. values.SelectMany(BitConverter.GetBytes)];

    private ImportanceMatrix Open(byte[] content)
    {
        string path = folder["imatrix"];
        File.WriteAllBytes(path, content);
        return ImportanceMatrix.Open(path);
    }
}
