using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Lapidary.Checkpoints;
using Lapidary.Numerics;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Evaluation.Texts;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Evaluation.Texts;

/// <summary>Files of recorded logits: the fixture's, hand-made ones, and those of strangers.</summary>
public sealed unsafe class RecordedLogitsTests : IDisposable
{
    private const int Context = 8;
    private const int Vocabulary = 37;
    private const int RowBytes = 8 + (2 * 38);
    private const int RowsPerChunk = 3;

    private static readonly int Cases = Environment.GetEnvironmentVariable("LAPIDARY_LONG_TESTS") == "1" ? 50_000 : 1_500;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<BrokenFile> Broken()
    {
        byte[] good = Small();
        BrokenFile Made(string name, string fragment, Func<byte[], byte[]> change) => new(
            name,
            folder =>
            {
                string path = Path.Combine(folder, "base.kld");
                File.WriteAllBytes(path, change([.. good]));
                return path;
            },
            fragment);
        return
        [
            new BrokenFile("missing", folder => Path.Combine(folder, "nothing"), "cannot be read"),
            new BrokenFile("folder", folder => folder, "cannot be read"),
            Made("empty", "does not begin with _logits_", _ => []),
            Made("short header", "does not begin with _logits_", bytes => bytes[..19]),
            Made("another file", "does not begin with _logits_", bytes => With(bytes, 0, 0x46554747)),
            Made("no context", "0 tokens in a chunk where 3 to", bytes => With(bytes, 8, 0)),
            Made("negative context", "-8 tokens in a chunk where 3 to", bytes => With(bytes, 8, -8)),
            Made("huge context", "2147483647 tokens in a chunk", bytes => With(bytes, 8, int.MaxValue)),
            Made("no vocabulary", "0 tokens in the vocabulary where 1 to", bytes => With(bytes, 12, 0)),
            Made("huge vocabulary", "2147483647 tokens in the vocabulary", bytes => With(bytes, 12, int.MaxValue)),
            Made("no chunks", "0 chunks where 1 to", bytes => With(bytes, 16, 0)),
            Made("huge chunks", "2147483647 chunks where 1 to", bytes => With(bytes, 16, int.MaxValue)),
            Made("more chunks than there are", "3 chunks of 8 tokens and a vocabulary of 37 take 872", bytes => With(bytes, 16, 3)),
            Made("largest sizes that are allowed", "take", bytes => With(With(With(bytes, 8, 1 << 24), 12, 1 << 24), 16, 4)),
            Made("truncated", "bytes where 2 chunks", bytes => bytes[..^1]),
            Made("something behind the end", "bytes where 2 chunks", bytes => [.. bytes, 0]),
            Made("token out of the vocabulary", "holds the token 37", bytes => With(bytes, 20 + 12, Vocabulary)),
            Made("negative token", "holds the token -1", bytes => With(bytes, 20, -1)),
        ];
    }

    public static TheoryData<float, float> WrongRows => new()
    {
        { float.NaN, -24 }, { -1e-3f, -24 }, { 1e-4f, float.NaN }, { 1e-4f, float.NegativeInfinity }, { float.PositiveInfinity, -24 }, { 1e-4f, 1 }, { 1, -24 },
    };

    [Fact]
    public void A_row_is_decoded_to_the_numbers_of_the_fixture()
    {
        using var recorded = RecordedLogits.Open(PerplexityFixture.PathOf("synthetic.kld"));
        (recorded.ContextLength, recorded.VocabularySize, recorded.ChunkCount).ShouldBe((Context, Vocabulary, 40));
        double[] expected = PerplexityFixture.Tensor<double>("synthetic.safetensors", "decoded_log_p");
        float[] decoded = Rows(recorded, out float[] largest);
        for (int i = 0; i < expected.Length; i++)
        {
            Math.Abs(decoded[i] - expected[i]).ShouldBeAtMost(4e-6, $"number {i}");
        }

        for (int row = 0; row < largest.Length; row++)
        {
            largest[row].ShouldBe(decoded.AsSpan(row * Vocabulary, Vocabulary).ToArray().Max());
        }
    }

    [Fact]
    public void Rows_are_written_as_the_fixture_has_them()
    {
        using var original = RecordedLogits.Open(PerplexityFixture.PathOf("synthetic.kld"));
        float[] logits = PerplexityFixture.Tensor<float>("synthetic.safetensors", "base_logits");
        var chunks = new TextChunks(original.Tokens, Context, 2);
        using (var writer = new RecordedLogitsWriter(folder["ours.kld"], chunks, Vocabulary))
        {
            foreach (float[] row in logits.Chunk(Vocabulary))
            {
                writer.Write(row, row.Max(), LogSumExp.Reference(row));
            }

            writer.Complete();
            writer.ByteLength.ShouldBe(new FileInfo(folder["ours.kld"]).Length);
        }

        byte[] ours = File.ReadAllBytes(folder["ours.kld"]), theirs = File.ReadAllBytes(PerplexityFixture.PathOf("synthetic.kld"));
        ours.Length.ShouldBe(theirs.Length);
        int start = RecordedLogitsLayout.HeaderBytes + (4 * Context * 40);
        ours[..start].ShouldBe(theirs[..start]);
        for (int row = 0; row < 120; row++)
        {
            int at = start + (row * RowBytes);
            Floats(ours, at).ShouldBe(Floats(theirs, at), 2e-6);
            ours[(at + 8)..(at + RowBytes)].ShouldBe(theirs[(at + 8)..(at + RowBytes)], $"row {row}");
        }
    }

    [Fact]
    public void The_divergence_from_a_recorded_base_is_the_fixtures()
    {
        using var recorded = RecordedLogits.Open(PerplexityFixture.PathOf("synthetic.kld"));
        float[] p = Rows(recorded, out float[] largestP), q = PerplexityFixture.Tensor<float>("synthetic.safetensors", "logits");
        float[] largestQ = [.. q.Chunk(Vocabulary).Select(row => row.Max())];
        double[] sumsP = new double[120], sumsQ = [.. q.Chunk(Vocabulary).Select(row => LogSumExp.Reference(row))], divergences = new double[120];
        var same = new bool[120];
        using var pool = new WorkerPool(1);
        fixed (float* x = p, y = q)
        {
            LogitDivergence.Forward(pool, new LogitRows(x, largestP, sumsP), new LogitRows(y, largestQ, sumsQ), Vocabulary, divergences, same);
        }

        double[] expected = PerplexityFixture.Tensor<double>("synthetic.safetensors", "kld_16bit");
        int[] targets = PerplexityFixture.Tensor<int>("synthetic.safetensors", "target");
        var scores = new TokenScores();
        for (int row = 0; row < 120; row++)
        {
            Math.Abs(divergences[row] - expected[row]).ShouldBeAtMost(5e-6, $"row {row}");
            int target = (row * Vocabulary) + targets[row];
            scores.Add(new TokenComparison(sumsQ[row] - q[target], -p[target], divergences[row], same[row]));
        }

        scores.Divergence()!.ShouldBe(PerplexityFixture.Results["synthetic"]!["kl_16bit_file"]!, PerplexityFixture.Tolerance);
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_broken_file_is_one_sentence(BrokenFile file)
    {
        string path = file.Make(folder.Path);
        var thrown = Should.Throw<CheckpointException>(() => RecordedLogits.Open(path).Dispose());
        thrown.Message.ShouldStartWith(path + ": ");
        thrown.Message.ShouldContain(file.Fragment);
    }

    [Theory]
    [MemberData(nameof(WrongRows))]
    public void A_row_of_something_else_is_refused_with_its_place(float scale, float smallest)
    {
        byte[] bytes = Small();
        int at = 20 + (4 * Context * 2) + RowBytes;
        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(at), scale);
        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(at + 4), smallest);
        File.WriteAllBytes(folder["base.kld"], bytes);
        using var recorded = RecordedLogits.Open(folder["base.kld"]);
        Should.Throw<CheckpointException>(() => Rows(recorded, out _)).Message.ShouldContain($"at byte {at} a row that is none of log-probabilities");
    }

    [Fact]
    public void Mutated_files_are_read_or_refused()
    {
        byte[] good = Small();
        var random = new SplitMix64(7);
        string path = folder["base.kld"];
        for (int i = 0; i < Cases; i++)
        {
            byte[] bytes = [.. good];
            for (int changes = 1 + (int)(random.NextBits() % 4); changes > 0; changes--)
            {
                bytes[(int)(random.NextBits() % (ulong)(changes % 2 == 0 ? bytes.Length : 24))] = (byte)random.NextBits();
            }

            File.WriteAllBytes(path, i % 3 == 0 ? bytes[..(int)(random.NextBits() % (ulong)bytes.Length)] : bytes);
            try
            {
                using var recorded = RecordedLogits.Open(path);
                Rows(recorded, out _);
            }
            catch (CheckpointException thrown)
            {
                thrown.Path.ShouldBe(path);
            }
        }
    }

    [Fact]
    public void A_file_that_is_not_complete_is_not_there()
    {
        var chunks = new TextChunks(new int[16], Context, null);
        using (var writer = new RecordedLogitsWriter(folder["base.kld"], chunks, 5))
        {
            writer.Write(new float[5], 0, Math.Log(5));
            Should.Throw<InvalidOperationException>(writer.Complete);
        }

        Directory.GetFileSystemEntries(folder.Path).ShouldBeEmpty();
        File.WriteAllText(folder["file"], "no folder");
        Should.Throw<CheckpointException>(() => new RecordedLogitsWriter(Path.Combine(folder["file"], "base.kld"), chunks, 5).Dispose())
            .Message.ShouldContain("is a file where a folder");
    }

    private static float[] Rows(RecordedLogits recorded, out float[] largest)
    {
        int perChunk = recorded.ContextLength - 1 - (recorded.ContextLength / 2);
        var logits = new float[recorded.ChunkCount * perChunk * recorded.VocabularySize];
        largest = new float[recorded.ChunkCount * perChunk];
        var sums = new double[perChunk];
        using var pool = new WorkerPool(1);
        fixed (float* x = logits)
        {
            for (int chunk = 0; chunk < recorded.ChunkCount; chunk++)
            {
                recorded.Begin(chunk, []);
                recorded.Fill(pool, new int[perChunk], x + (chunk * perChunk * recorded.VocabularySize), largest.AsSpan(chunk * perChunk), sums);
                sums.ShouldAllBe(sum => sum == 0);
            }
        }

        return logits;
    }

    // Two chunks of the fixture's forty.
    private static byte[] Small()
    {
        byte[] all = File.ReadAllBytes(PerplexityFixture.PathOf("synthetic.kld"));
        int rows = RecordedLogitsLayout.HeaderBytes + (4 * Context * 40);
        byte[] bytes = [.. all[..(20 + (4 * Context * 2))], .. all[rows..(rows + (2 * RowsPerChunk * RowBytes))]];
        return With(bytes, 16, 2);
    }

    private static byte[] With(byte[] bytes, int offset, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(offset), value);
        return bytes;
    }

    private static double[] Floats(byte[] bytes, int at) => [.. MemoryMarshal.Cast<byte, float>(bytes.AsSpan(at, 8)).ToArray().Select(value => (double)value)];
}
