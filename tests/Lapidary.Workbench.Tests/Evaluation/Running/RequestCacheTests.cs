using System.Text;
using Lapidary.Checkpoints;
using Lapidary.Numerics;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Evaluation.Requests;
using Lapidary.Workbench.Evaluation.Running;
using Lapidary.Workbench.Evaluation.Tasks;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Evaluation.Running;

/// <summary>The file of responses, whole, torn and made by strangers.</summary>
public sealed class RequestCacheTests : IDisposable
{
    private static readonly (string Key, EvaluationRequest Request, EvaluationResponse Response)[] Entries =
    [
        (Key(1), new LikelihoodRequest(0, 0, "a", "b"), EvaluationResponse.FromLikelihood(new LikelihoodResponse(-1.0 / 3, true))),
        (Key(2), new LikelihoodRequest(0, 1, "a", "c"), EvaluationResponse.FromLikelihood(new LikelihoodResponse(-5e-324, false))),
        (Key(3), new RollingLikelihoodRequest(1, 0, "a"), EvaluationResponse.FromRolling(-123456.789012345678)),
        (Key(4), new GenerationRequest(2, 0, "a", new GenerationSettings()), EvaluationResponse.FromText("Zwei\n\"Zeilen\" \uFFFD \U0001F600")),
        (Key(5), new GenerationRequest(3, 0, "a", new GenerationSettings()), EvaluationResponse.FromText(string.Empty)),
    ];

    private readonly TemporaryFolder folder = new();

    private string File => folder["cache.jsonl"];

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_was_kept_is_found_again_to_the_last_bit()
    {
        Write();
        using var cache = new RequestCache(File);
        cache.Count.ShouldBe(Entries.Length);
        foreach ((string key, _, EvaluationResponse response) in Entries)
        {
            cache.TryGet(key, out EvaluationResponse found).ShouldBeTrue();
            found.ShouldBe(response);
        }

        cache.TryGet(Key(9), out _).ShouldBeFalse();
    }

    // A process may be killed, and a machine may stop, at any byte.
    [Fact]
    public void A_file_that_ends_anywhere_keeps_its_whole_lines_and_grows_on()
    {
        Write();
        byte[] whole = System.IO.File.ReadAllBytes(File);
        for (int length = 0; length <= whole.Length; length++)
        {
            System.IO.File.WriteAllBytes(File, whole[..length]);
            int lines = whole[..length].Count(value => value == '\n');
            using (var cache = new RequestCache(File))
            {
                cache.Count.ShouldBe(lines);
                foreach ((string key, EvaluationRequest request, EvaluationResponse response) in Entries)
                {
                    cache.Add(key, request, response);
                }
            }

            System.IO.File.ReadAllBytes(File).ShouldBe(whole, $"cut at {length}");
        }
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("{\"key\":\"short\",\"ll\":1}")]
    [InlineData("{\"key\":\"KEY\"}")]
    [InlineData("{\"key\":\"KEY\",\"ll\":\"1\"}")]
    [InlineData("{\"key\":\"KEY\",\"ll\":1,\"text\":\"both\"}")]
    [InlineData("{\"key\":\"KEY\",\"ll\":1,\"other\":1}")]
    [InlineData("{\"key\":\"KEY\",\"ll\":1} x")]
    [InlineData("{\"key\":\"KEY\",\"ll\":[[[[1]]]]}")]
    [InlineData("{\"key\":\"KEY\",\"text\":\"\\ud800\"}")]
    [InlineData("{\"key\":\"KEY\",\"ll\":1e999}")]
    public void A_file_with_another_line_is_left_as_it_is(string line)
    {
        Write();
        System.IO.File.AppendAllText(File, line.Replace("KEY", Key(6), StringComparison.Ordinal) + "\n");
        IsLeft("line 6 is something else than a response that was kept");
    }

    // Whoever names the wrong file must not lose it.
    [Theory]
    [InlineData("my notes\nof years\n")]
    [InlineData("my notes")]
    [InlineData("{\"results\": {}}")]
    [InlineData("[1]\n")]
    public void A_file_of_somebody_else_is_left_as_it_is(string text)
    {
        System.IO.File.WriteAllText(File, text);
        IsLeft("line 1 is something else than a response that was kept; the file is left as it is");
    }

    [Fact]
    public void Zeros_at_the_end_are_what_a_machine_that_stopped_left()
    {
        Write();
        byte[] good = System.IO.File.ReadAllBytes(File);
        System.IO.File.WriteAllBytes(File, [.. good, .. new byte[4096]]);
        using (var cache = new RequestCache(File))
        {
            cache.Count.ShouldBe(Entries.Length);
        }

        System.IO.File.ReadAllBytes(File).ShouldBe(good);
    }

    [Fact]
    public void Any_bytes_are_read_without_a_fault()
    {
        Write();
        byte[] whole = System.IO.File.ReadAllBytes(File);
        var random = new SplitMix64(11);
        for (int round = 0; round < 300; round++)
        {
            byte[] bytes = [.. whole];
            for (int change = 0; change < 1 + (round % 8); change++)
            {
                bytes[random.NextInt(bytes.Length)] = (byte)random.NextInt(256);
            }

            System.IO.File.WriteAllBytes(File, bytes);
            try
            {
                using var cache = new RequestCache(File);
                cache.Count.ShouldBeInRange(0, Entries.Length);
            }
            catch (CheckpointException)
            {
                System.IO.File.ReadAllBytes(File).ShouldBe(bytes);
            }
        }
    }

    [Fact]
    public void A_file_is_used_by_one_process_at_a_time()
    {
        using var first = new RequestCache(File);
        Should.Throw<CheckpointException>(() => new RequestCache(File)).Message.ShouldContain("cannot be used to keep responses");
    }

    private void IsLeft(string fragment)
    {
        byte[] before = System.IO.File.ReadAllBytes(File);
        Should.Throw<CheckpointException>(() => new RequestCache(File)).Message.ShouldContain(fragment);
        System.IO.File.ReadAllBytes(File).ShouldBe(before);
    }

    private static string Key(int number) => number.ToString("x64", System.Globalization.CultureInfo.InvariantCulture);

    private void Write()
    {
        System.IO.File.Delete(File);
        using var cache = new RequestCache(File);
        foreach ((string key, EvaluationRequest request, EvaluationResponse response) in Entries)
        {
            cache.Add(key, request, response);
        }
    }
}
