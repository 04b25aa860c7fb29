using Lapidary.Checkpoints;
using Lapidary.Numerics;
using Lapidary.Numerics.Formats;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Peers.Tests;

/// <summary>Encoding gives the blocks that llama.cpp quantizes the same numbers to, byte for byte, with and without an importance.</summary>
public sealed class EncodedBlocksTests(RandomModels models, ITestOutputHelper log)
{
    // Rows of the base model that comes along and how many of them are compared: the scalar peer is slow.
    private const int RowsOfTensor = 64;

    private static readonly ElementType[] Types =
        [.. WeightFormat.All.Where(format => format.Type is not ElementType.F32).Select(format => format.Type)];

    public static TheoryData<ElementType, bool> Cases
    {
        get
        {
            var cases = new TheoryData<ElementType, bool>();
            foreach (ElementType type in Types)
            {
                cases.Add(type, false);
                cases.Add(type, true);
            }

            return cases;
        }
    }

    public static TheoryData<string, string> Files
    {
        get
        {
            var files = new TheoryData<string, string>();
            foreach (string preset in RandomModels.Presets)
            {
                foreach (string type in (string[])["Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q2_K", "Q3_K_S", "Q4_K_S", "Q5_K_S", "Q6_K"])
                {
                    files.Add(preset, type);
                }
            }

            return files;
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Files_that_llama_cpp_quantized_hold_our_blocks(string preset, string type)
    {
        PeerEnvironment.RequireModels();
        using Checkpoint source = Checkpoint.Open(models.Gguf(preset, "F32"));
        using Checkpoint quantized = Checkpoint.Open(models.Gguf(preset, type));
        long blocks = 0;
        foreach (string name in quantized.Tensors.Keys.Where(name => quantized.GetTensor(name).Type != ElementType.F32))
        {
            Tensor weights = source.GetTensor(name), expected = quantized.GetTensor(name);
            WeightFormat format = WeightFormat.Of(expected.Type);
            var row = new byte[expected.RowBytes];
            var values = new float[weights.RowLength];
            for (long i = 0; i < expected.Rows; i++)
            {
                weights.DecodeRow(i, values);
                format.Encode(values, [], row);
                row.AsSpan().SequenceEqual(Bytes(expected, i)).ShouldBeTrue($"{name}, row {i}, {expected.Type}");
                blocks += row.Length / format.BlockBytes;
            }
        }

        log.WriteLine($"{preset}, {type}: {blocks} blocks are equal.");
        blocks.ShouldBeGreaterThan(0);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Rows_of_every_kind_have_the_blocks_of_ggml(ElementType type, bool hasImportance)
    {
        using var ggml = new GgmlQuantizer();
        WeightFormat format = WeightFormat.Of(type);
        int[] widths = format.BlockLength == 256 ? [256, 512, 768, 2048] : [32, 96, 640, 768, 2048];
        long total = 0, equal = 0;
        foreach (string kind in StructuredRows.Names)
        {
            foreach (int width in widths)
            {
                float[] values = StructuredRows.Row(kind, width, seed: (ulong)width);
                float[] importance = hasImportance ? StructuredRows.Importance(width, seed: (ulong)width) : [];
                Compare(ggml, format, values, importance, kind, ref total, ref equal);
                if (hasImportance)
                {
                    Compare(ggml, format, values, new float[width], $"{kind}, no importance at all", ref total, ref equal);
                }
            }
        }

        log.WriteLine($"{type}: {equal} of {total} bytes are equal.");
        equal.ShouldBe(total);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Trained_weights_have_the_blocks_of_ggml(ElementType type, bool hasImportance)
    {
        using var ggml = new GgmlQuantizer();
        using Checkpoint pebble = Checkpoint.Open(PeerEnvironment.TunedPebble);
        WeightFormat format = WeightFormat.Of(type);
        long total = 0, equal = 0;
        foreach (string name in pebble.Tensors.Keys)
        {
            Tensor tensor = pebble.GetTensor(name);
            if (tensor.Shape.Length < 2 || tensor.RowLength % format.BlockLength != 0)
            {
                continue;
            }

            var values = new float[tensor.RowLength];
            float[] importance = hasImportance ? StructuredRows.Importance(values.Length) : [];
            for (long row = 0; row < Math.Min(RowsOfTensor, tensor.Rows); row++)
            {
                tensor.DecodeRow(row, values);
                Compare(ggml, format, values, importance, $"{name}, row {row}", ref total, ref equal);
            }
        }

        log.WriteLine($"{type}: {equal} of {total} bytes are equal.");
        total.ShouldBeGreaterThan(0);
        equal.ShouldBe(total);
    }

    [Fact]
    public void The_stored_blocks_are_those_of_ggml()
    {
        using var ggml = new GgmlQuantizer();
        string path = Path.Combine(AppContext.BaseDirectory, "Fixtures", "encoded.json");
        byte[] written = EncodedFixture.Write(ggml);
        if (Environment.GetEnvironmentVariable("LAPIDARY_WRITE_FIXTURES") is { Length: > 0 } folder)
        {
            File.WriteAllBytes(Path.Combine(folder, "encoded.json"), written);
            return;
        }

        File.ReadAllBytes(path).AsSpan().SequenceEqual(written).ShouldBeTrue();
    }

    private static ReadOnlySpan<byte> Bytes(Tensor tensor, long row)
    {
        unsafe
        {
            return new ReadOnlySpan<byte>(tensor.RowPointer(row), (int)tensor.RowBytes);
        }
    }

    private void Compare(
        GgmlQuantizer ggml, WeightFormat format, float[] values, float[] importance, string what, ref long total, ref long equal)
    {
        byte[] expected = ggml.Encode(format.Type, values, 1, importance), actual = new byte[expected.Length];
        format.Encode(values, importance, actual);
        int same = expected.Zip(actual).Count(pair => pair.First == pair.Second);
        if (same < expected.Length)
        {
            int first = expected.AsSpan().CommonPrefixLength(actual);
            log.WriteLine(
                $"{format.Type}, {what}, {values.Length} elements: {expected.Length - same} of {expected.Length} bytes differ, the first is "
                + $"byte {first}: {actual[first]:x2}, ggml has {expected[first]:x2}. Weighted error {Error(format, actual, values, importance):g6}, "
                + $"ggml's {Error(format, expected, values, importance):g6}.");
        }

        total += expected.Length;
        equal += same;
    }

    private static double Error(WeightFormat format, byte[] blocks, float[] values, float[] importance)
    {
        var decoded = new float[values.Length];
        format.DecodeReference(blocks, decoded);
        return values.Select((x, i) => (importance.Length > 0 ? importance[i] : 1.0) * Math.Pow(x - (double)decoded[i], 2)).Sum();
    }
}
