using System.Text;
using Lapidary.Checkpoints;
using Lapidary.Numerics;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Training;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Training;

public sealed class MetricsLogTests
{
    private static readonly int Cases = Environment.GetEnvironmentVariable("LAPIDARY_LONG_TESTS") == "1" ? 50_000 : 1_000;

    private static MetricsEntry Training(long step) => new()
    {
        Step = step,
        Epoch = step / 8.0,
        Loss = 3.5 / (step + 1),
        LearningRate = 2e-4,
        GradientNorm = 0.5,
        MeanTokenAccuracy = 0.25,
        Tokens = step * 512,
        TokensPerSecond = 3123.5,
        Seconds = step * 0.1,
        MemoryBytes = 1L << 31,
    };

    [Fact]
    public void Lines_have_the_names_of_the_field()
    {
        using var folder = new TemporaryFolder();
        using (var log = new MetricsLog(folder["run"], null))
        {
            log.Write(Training(1));
            log.Write(new MetricsEntry { Step = 1, ValidationLoss = 1.5, ValidationAccuracy = 0.5 });
            log.Write(new MetricsEntry { Step = 2, Sparsity = 0.5 });
            log.Flush();
        }

        File.ReadAllText(Path.Combine(folder["run"], "metrics.jsonl")).ShouldBe(
            """
            {"step":1,"epoch":0.125,"loss":1.75,"learning_rate":0.0002,"grad_norm":0.5,"mean_token_accuracy":0.25,"num_tokens":512,"tokens_per_second":3123.5,"seconds":0.1,"memory_bytes":2147483648}
            {"step":1,"eval_loss":1.5,"eval_mean_token_accuracy":0.5}
            {"step":2,"sparsity":0.5}

            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Entries_come_back_also_those_that_JSON_has_no_numbers_for()
    {
        using var folder = new TemporaryFolder();
        MetricsEntry[] entries =
        [
            Training(1),
            new() { Step = 2, Loss = double.NaN, GradientNorm = double.PositiveInfinity, LearningRate = double.NegativeInfinity },
            new() { Step = long.MaxValue, Loss = double.Epsilon, Sparsity = 1 / 3.0 },
        ];
        using (var log = new MetricsLog(folder.Path, null))
        {
            foreach (MetricsEntry entry in entries)
            {
                log.Write(entry);
                MetricsLog.Read(folder["metrics.jsonl"]).Last().ShouldBe(entry);
            }
        }

        MetricsLog.Read(folder["metrics.jsonl"]).ShouldBe(entries);
    }

    [Fact]
    public void A_resume_cuts_the_file_back_to_the_checkpoint()
    {
        using var folder = new TemporaryFolder();
        string path = folder["metrics.jsonl"];
        using (var log = new MetricsLog(folder.Path, null))
        {
            for (int step = 1; step <= 5; step++)
            {
                log.Write(Training(step));
            }

            log.Write(new MetricsEntry { Step = 3, ValidationLoss = 1 });
        }

        string whole = File.ReadAllText(path);
        string[] lines = whole.Split('\n');
        File.WriteAllText(path, whole + lines[4][..20]);
        using (var log = new MetricsLog(folder.Path, 3))
        {
            log.Write(Training(4) with { Loss = 9 });
        }

        MetricsEntry[] story = [.. MetricsLog.Read(path)];
        story.Select(entry => entry.Step).ShouldBe([1, 2, 3, 3, 4]);
        story[^1].Loss.ShouldBe(9);
        File.ReadAllText(path).ShouldStartWith(string.Join('\n', lines[..3]) + "\n" + lines[5] + "\n");
        Directory.GetFiles(folder.Path).Length.ShouldBe(1);

        using (new MetricsLog(folder.Path, null))
        {
            new FileInfo(path).Length.ShouldBe(0);
        }
    }

    [Fact]
    public void A_resume_without_a_log_begins_one()
    {
        using var folder = new TemporaryFolder();
        using (var log = new MetricsLog(folder.Path, 3))
        {
            log.Write(Training(4));
        }

        MetricsLog.Read(folder["metrics.jsonl"]).Single().Step.ShouldBe(4);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n\n")]
    [InlineData("{\"step\":1}")]
    [InlineData("{\"loss\":1}\n")]
    [InlineData("{\"step\":-1}\n")]
    [InlineData("{\"step\":1.5}\n")]
    [InlineData("{\"step\":1} x\n")]
    [InlineData("{\"step\":1\n")]
    [InlineData("[{\"step\":1}]\n")]
    [InlineData("{\"\\ud800\":1,\"step\":1}\n")]
    [InlineData("null\n")]
    public void Lines_that_are_no_entries_are_passed_over(string content)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["metrics.jsonl"], content);
        MetricsLog.Read(folder["metrics.jsonl"]).ShouldBeEmpty();
    }

    [Fact]
    public void What_is_of_another_kind_is_left_out_and_unknown_names_are_passed_over()
    {
        using var folder = new TemporaryFolder();
        string overlong = new('x', 300_000);
        File.WriteAllText(
            folder["metrics.jsonl"],
            $"{{\"step\":1,\"loss\":[1,{{}}],\"other\":{{\"a\":[]}},\"num_tokens\":-1,\"grad_norm\":\"x\",\"eval_loss\":2}}\r\n{overlong}\n{{\"step\":2}}\n{{\"x\":\"{overlong}\"}}\n{{\"step\":3}}\n");
        MetricsLog.Read(folder["metrics.jsonl"]).ShouldBe([new() { Step = 1, ValidationLoss = 2 }, new() { Step = 2 }, new() { Step = 3 }]);
    }

    [Fact]
    public void A_missing_file_is_one_sentence()
    {
        using var folder = new TemporaryFolder();
        Should.Throw<CheckpointException>(() => MetricsLog.Read(folder["metrics.jsonl"]).Count()).Message.ShouldEndWith("metrics.jsonl: does not exist");
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_one_sentence()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["run"], "a file");
        Should.Throw<CheckpointException>(() => new MetricsLog(folder["run"], null)).Message.ShouldContain("metrics.jsonl: cannot be written");
    }

    [Fact]
    public void Mutated_lines_are_read_or_passed_over()
    {
        using var folder = new TemporaryFolder();
        using (var log = new MetricsLog(folder.Path, null))
        {
            log.Write(Training(7) with { Loss = double.NaN, ValidationLoss = 1 });
        }

        byte[] valid = File.ReadAllBytes(folder["metrics.jsonl"])[..^1];
        var random = new SplitMix64(3);
        ReadOnlySpan<byte> marks = "{}[]\",:0-e\\u"u8;
        for (int i = 0; i < Cases; i++)
        {
            byte[] mutated = [.. valid];
            for (int changes = 1 + random.NextInt(4); changes > 0; changes--)
            {
                mutated[random.NextInt(mutated.Length)] = random.NextInt(2) == 0 ? (byte)random.NextBits() : marks[random.NextInt(marks.Length)];
            }

            MetricsEntry? entry = MetricsLine.Parse(mutated.AsSpan(0, random.NextInt(mutated.Length + 1)));
            (entry is null || entry.Step >= 0).ShouldBeTrue();
        }
    }
}
