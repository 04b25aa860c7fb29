using System.Security.Cryptography;
using Lapidary.Checkpoints;
using Lapidary.Networks;
using Lapidary.Numerics;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Networks;

public class RandomCheckpointTests
{
    private static readonly Gemma3Config Tiny = Gemma3Presets.Get("tiny");

    [Fact]
    public void A_random_checkpoint_is_sound_and_depends_on_nothing_but_its_seed()
    {
        using var folder = new TemporaryFolder();
        Write(folder["a"], 7, ElementType.F32);
        Write(folder["b"], 7, ElementType.F32);
        Write(folder["c"], 8, ElementType.F32);

        Hash(folder["a/model.safetensors"]).ShouldBe(Hash(folder["b/model.safetensors"]));
        Hash(folder["a/model.safetensors"]).ShouldNotBe(Hash(folder["c/model.safetensors"]));
        using Checkpoint checkpoint = Checkpoint.Open(folder["a"]);
        Gemma3Config config = Gemma3Config.From(checkpoint);
        config.ShouldBe(Tiny);
        config.Validate(checkpoint);
    }

    [Fact]
    public void Narrow_types_are_the_wide_numbers_rounded()
    {
        using var folder = new TemporaryFolder();
        Write(folder["f32"], 7, ElementType.F32);
        Write(folder["f16"], 7, ElementType.F16);
        Write(folder["bf16"], 7, ElementType.BF16);
        using Checkpoint wide = Checkpoint.Open(folder["f32"]);
        using Checkpoint half = Checkpoint.Open(folder["f16"]);
        using Checkpoint brain = Checkpoint.Open(folder["bf16"]);
        const string Name = "model.layers.3.mlp.down_proj.weight";
        var row = new float[160];
        var expected = new float[160];
        wide.GetTensor(Name).DecodeRow(9, expected);
        half.GetTensor(Name).DecodeRow(9, row);
        row.ShouldBe(expected.Select(value => (float)(Half)value));
        brain.GetTensor(Name).DecodeRow(9, row);
        row.ShouldBe(expected.Select(RoundToBFloat16));
    }

    [Fact]
    public void The_numbers_are_normally_distributed()
    {
        const int Count = 1 << 20;
        var values = new float[Count];
        new GaussianStream(1, "name").Fill(0, values, 1);
        double mean = values.Average(value => (double)value);
        double variance = values.Average(value => (value - mean) * (value - mean));
        double kurtosis = values.Average(value => Math.Pow(value - mean, 4)) / (variance * variance);
        Math.Abs(mean).ShouldBeLessThan(0.005);
        Math.Abs(variance - 1).ShouldBeLessThan(0.01);
        Math.Abs(kurtosis - 3).ShouldBeLessThan(0.05);

        // Kolmogorov's and Smirnov's distance; 1.95 / sqrt(n) is passed by chance once in a thousand times.
        Array.Sort(values);
        double distance = values.Select((value, i) => Math.Abs(Phi(value) - ((i + 0.5) / Count))).Max();
        distance.ShouldBeLessThan(1.95 / Math.Sqrt(Count));
    }

    [Fact]
    public void A_number_depends_on_its_position_alone()
    {
        var stream = new GaussianStream(3, "x");
        var whole = new float[1000];
        stream.Fill(0, whole, 0.5f);
        foreach ((int start, int length) in ((int, int)[])[(0, 1), (32, 31), (64, 33), (960, 40)])
        {
            var part = new float[length];
            stream.Fill(start, part, 0.5f);
            part.ShouldBe(whole[start..(start + length)]);
        }

        // Written down once: the numbers are part of what a seed means, on every machine.
        whole[..4].ShouldBe(Expected);
    }

    [Fact]
    public void A_tokenizer_is_copied_and_a_missing_one_named()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["tokenizer"]);
        File.WriteAllText(folder["tokenizer/chat_template.jinja"], "t");
        Should.Throw<CheckpointException>(() => Write(folder["a"], 1, ElementType.BF16, folder["tokenizer"]))
            .Message.ShouldContain("has neither tokenizer.json nor tokenizer.model");
        File.WriteAllText(folder["tokenizer/tokenizer.json"], TinyTokenizer.Json().ToJsonString());
        var steps = new List<ConversionProgress>();
        Write(folder["a"], 1, ElementType.BF16, folder["tokenizer"], progress: new Steps(steps));

        using Checkpoint checkpoint = Checkpoint.Open(folder["a"]);
        checkpoint.HasTokenizer.ShouldBeTrue();
        checkpoint.Files.Select(Path.GetFileName).ShouldBe(
            ["model.safetensors", "config.json", "tokenizer.json", "chat_template.jinja", "generation_config.json"]);
        steps[^1].ShouldBe(new ConversionProgress("model.norm.weight", steps.Count, steps.Count, checkpoint.TensorBytes, checkpoint.TensorBytes));
    }

    [Fact]
    public void What_is_cancelled_leaves_nothing_and_what_is_there_is_not_overwritten()
    {
        using var folder = new TemporaryFolder();
        Should.Throw<OperationCanceledException>(() =>
            RandomCheckpoint.Write(Tiny, folder["a"], 1, ElementType.BF16, cancellationToken: new CancellationToken(canceled: true)));
        Directory.Exists(folder["a"]).ShouldBeFalse();
        File.WriteAllText(folder["old"], "old");
        Should.Throw<CheckpointException>(() => Write(folder.Path, 1, ElementType.BF16)).Message.ShouldContain("is not empty");
        Should.Throw<CheckpointException>(() => Write(folder["old"], 1, ElementType.BF16)).Message.ShouldContain("is a file");
        Write(folder.Path, 1, ElementType.BF16, overwrite: true);
        File.ReadAllText(folder["old"]).ShouldBe("old");
    }

    private static readonly float[] Expected = [0.057240285f, 1.2428557f, -0.14780015f, 0.42784187f];

    private static void Write(
        string folder, ulong seed, ElementType type, string? tokenizer = null, bool overwrite = false, Steps? progress = null) =>
        RandomCheckpoint.Write(Tiny, folder, seed, type, tokenizer, overwrite, progress, TestContext.Current.CancellationToken);

    private static string Hash(string path) => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)));

    private static float RoundToBFloat16(float value)
    {
        double exact = value;
        uint bits = BitConverter.SingleToUInt32Bits(value);
        float below = BitConverter.UInt32BitsToSingle(bits & 0xFFFF_0000);
        float above = BitConverter.UInt32BitsToSingle((bits & 0xFFFF_0000) + 0x10000);
        double down = Math.Abs(exact - below);
        double up = Math.Abs(above - exact);
        return down < up || (down == up && (bits & 0x10000) == 0) ? below : above;
    }

    // Abramowitz and Stegun 7.1.26, error below 1.5e-7.
    private static double Phi(double x)
    {
        double t = 1 / (1 + (0.3275911 * Math.Abs(x) / Math.Sqrt(2)));
        double polynomial = t * (0.254829592 + (t * (-0.284496736 + (t * (1.421413741 + (t * (-1.453152027 + (t * 1.061405429))))))));
        double tail = polynomial * Math.Exp(-x * x / 2) / 2;
        return x < 0 ? tail : 1 - tail;
    }

    private sealed class Steps(List<ConversionProgress> steps) : IProgress<ConversionProgress>
    {
        public void Report(ConversionProgress value) => steps.Add(value);
    }
}
