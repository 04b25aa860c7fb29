using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Lapidary.Inference;
using Lapidary.Inference.Sampling;
using Lapidary.Numerics;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Inference.Sampling;

/// <summary>Distributions against exact computation, draws against the distributions, and what must never happen.</summary>
public class SamplerTests
{
    private static readonly float[] Logits = [1.5f, -2f, 0.25f, 3f, 3f, float.NegativeInfinity, -0.5f, 2.75f, 0f, -0f, -7f, 1.5f];
    private static readonly int[] History = [3, 3, 7, 1, 3, 0, 5, 9, 7];

    public static TheoryData<SamplingOptions> Chains =>
    [
        new SamplingOptions(),
        new SamplingOptions { Temperature = 0.3f },
        new SamplingOptions { Temperature = 4, TopK = 3 },
        new SamplingOptions { TopK = 1 },
        new SamplingOptions { TopK = 12 },
        new SamplingOptions { TopK = 5000 },
        new SamplingOptions { TopP = 0.5f },
        new SamplingOptions { TopP = 0.95f, Temperature = 0.7f },
        new SamplingOptions { TopP = 1e-6f },
        new SamplingOptions { MinP = 0.1f },
        new SamplingOptions { MinP = 1 },
        new SamplingOptions { TopK = 6, TopP = 0.8f, MinP = 0.2f, Temperature = 1.7f },
        new SamplingOptions { RepetitionPenalty = 1.3f },
        new SamplingOptions { RepetitionPenalty = 1.3f, PenaltyWindow = 3 },
        new SamplingOptions { RepetitionPenalty = 1.3f, PenaltyWindow = 0 },
        new SamplingOptions { PresencePenalty = 0.6f, FrequencyPenalty = 0.4f, PenaltyWindow = null },
        new SamplingOptions { RepetitionPenalty = 0.5f, PresencePenalty = -1, FrequencyPenalty = -0.2f, TopK = 4 },
        new SamplingOptions { LogitBias = ImmutableDictionary<int, float>.Empty.Add(1, 6).Add(3, float.NegativeInfinity).Add(8, -0.5f), TopP = 0.9f },
        new SamplingOptions { Temperature = 0 },
        new SamplingOptions { Temperature = 0, LogitBias = ImmutableDictionary<int, float>.Empty.Add(1, 9) },
        new SamplingOptions { Temperature = 1e-40f },
        GenerationPreset.Gemma3.Sampling,
        GenerationPreset.Gemma3nGguf.Sampling,
    ];

    [Theory]
    [MemberData(nameof(Chains))]
    public void The_distribution_is_the_documented_one(SamplingOptions options)
    {
        var sampler = new Sampler(options, Logits.Length);
        sampler.Accept(History);
        double[] expected = ReferenceSampler.Distribution(Logits, options, History);
        double[] actual = Dense(sampler.Distribution(Logits), Logits.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            (actual[i] > 0).ShouldBe(expected[i] > 0, $"token {i}");
            actual[i].ShouldBe(expected[i], 1e-6, $"token {i}");
        }
    }

    [Theory]
    [MemberData(nameof(Chains))]
    public void A_hundred_thousand_draws_fit_the_distribution(SamplingOptions options)
    {
        const int Draws = 100_000;
        var sampler = new Sampler(options with { Seed = 20250101 }, Logits.Length);
        sampler.Accept(History);
        var counts = new int[Logits.Length];
        for (int i = 0; i < Draws; i++)
        {
            counts[sampler.Sample(Logits)]++;
        }

        double[] expected = ReferenceSampler.Distribution(Logits, options, History);
        double statistic = 0, rareExpected = 0, rareSeen = 0;
        int cells = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            double mean = expected[i] * Draws;
            if (mean == 0)
            {
                counts[i].ShouldBe(0, $"token {i} was filtered out");
            }
            else if (mean < 5)
            {
                rareExpected += mean;
                rareSeen += counts[i];
            }
            else
            {
                statistic += (counts[i] - mean) * (counts[i] - mean) / mean;
                cells++;
            }
        }

        if (rareExpected >= 5)
        {
            statistic += (rareSeen - rareExpected) * (rareSeen - rareExpected) / rareExpected;
            cells++;
        }

        // The 99.9 % points of the chi-square distribution with 0 to 11 degrees of freedom.
        double[] points = [1e-9, 10.83, 13.82, 16.27, 18.47, 20.52, 22.46, 24.32, 26.12, 27.88, 29.59, 31.26];
        statistic.ShouldBeAtMost(points[Math.Max(0, cells - 1)]);
    }

    [Fact]
    public void A_large_vocabulary_gives_what_the_definition_says()
    {
        float[] logits = Peaked(262_144, 3);
        foreach (SamplingOptions options in new[]
        {
            new SamplingOptions { TopK = 64, TopP = 0.95f },
            new SamplingOptions { TopK = 3000 },
            new SamplingOptions { TopP = 0.9f, MinP = 0.001f, Temperature = 2 },
            new SamplingOptions { MinP = 0.05f },
            new SamplingOptions { TopP = 0.99f },
        })
        {
            double[] expected = ReferenceSampler.Distribution(logits, options);
            double[] actual = Dense(new Sampler(options, logits.Length).Distribution(logits), logits.Length);
            double worst = expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max();
            worst.ShouldBeAtMost(1e-7, options.ToString());

            // The nucleus ends where sums of hundreds of thousands of terms cross the bound: one token more or less is rounding.
            Math.Abs(expected.Count(p => p > 0) - actual.Count(p => p > 0)).ShouldBeLessThanOrEqualTo(1, options.ToString());
        }
    }

    [Fact]
    public void The_unfiltered_draw_over_a_large_vocabulary_fits_in_bins()
    {
        float[] logits = Peaked(100_001, 9);
        double[] expected = ReferenceSampler.Distribution(logits, new SamplingOptions { Temperature = 1.5f });
        var sampler = new Sampler(new SamplingOptions { Temperature = 1.5f, Seed = 4 }, logits.Length);
        var seen = new double[32];
        var means = new double[32];
        for (int i = 0; i < expected.Length; i++)
        {
            means[i * 32L / expected.Length] += expected[i] * 20_000;
        }

        for (int i = 0; i < 20_000; i++)
        {
            seen[sampler.Sample(logits) * 32L / expected.Length]++;
        }

        // The 99.9 % point with 31 degrees of freedom.
        seen.Zip(means, (count, mean) => (count - mean) * (count - mean) / mean).Sum().ShouldBeAtMost(61.1);
    }

    [Fact]
    public void Greedy_takes_the_first_of_equals()
    {
        var sampler = new Sampler(SamplingOptions.Greedy, 1000);
        var logits = new float[1000];
        sampler.Sample(logits).ShouldBe(0);
        logits[999] = logits[300] = 2;
        sampler.Sample(logits).ShouldBe(300);
        logits.AsSpan().Fill(float.NegativeInfinity);
        logits[700] = -1e30f;
        sampler.Sample(logits).ShouldBe(700);
    }

    [Theory]
    [InlineData(float.NaN, "NaN at token 517")]
    [InlineData(float.PositiveInfinity, "at token 517")]
    public void Logits_that_are_no_numbers_are_an_error_that_names_the_token(float bad, string expected)
    {
        var logits = new float[1000];
        logits[517] = bad;
        foreach (SamplingOptions options in new[] { SamplingOptions.Greedy, new SamplingOptions(), GenerationPreset.Gemma3.Sampling })
        {
            Should.Throw<NonFiniteException>(() => new Sampler(options, 1000).Sample(logits)).Message.ShouldContain(expected);
        }
    }

    [Fact]
    public void A_vocabulary_of_which_nothing_is_left_is_an_error()
    {
        float[] logits = [float.NegativeInfinity, 1];
        var options = new SamplingOptions { LogitBias = ImmutableDictionary<int, float>.Empty.Add(1, float.NegativeInfinity) };
        Should.Throw<NonFiniteException>(() => new Sampler(options, 2).Sample(logits)).Message.ShouldContain("rule out every token");
        Should.Throw<ArgumentException>(() => new Sampler(options, 3).Sample(logits)).Message.ShouldContain("2 logits");
    }

    [Fact]
    public void Filters_leave_at_least_the_most_likely_token_and_draws_stay_inside()
    {
        Gen<float> logit = Gen.Frequency(
            (8, Gen.Choose(-4000, 4000).Select(value => value / 100f)),
            (1, Gen.Constant(float.NegativeInfinity)),
            (1, Gen.Elements(0f, -0f, 1e30f, -1e30f, float.MaxValue, float.MinValue, float.Epsilon)));
        Gen<(float[] Logits, SamplingOptions Options)> cases =
            from logits in Gen.ArrayOf(logit)
            from k in Gen.Choose(0, 20)
            from p in Gen.Choose(1, 1000)
            from m in Gen.Choose(0, 1000)
            from t in Gen.Elements(0f, 1e-30f, 0.01f, 0.7f, 1f, 5f, 1e30f)
            from penalty in Gen.Elements(1f, 1.1f, 0.9f, 50f)
            from seed in Gen.Choose(0, int.MaxValue)
            select (logits, new SamplingOptions
            {
                TopK = k, TopP = p / 1000f, MinP = m / 1000f, Temperature = t, RepetitionPenalty = penalty, Seed = (ulong)seed,
            });
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000), Prop.ForAll(cases.ToArbitrary(), test =>
        {
            if (!test.Logits.Any(float.IsFinite))
            {
                return true;
            }

            var sampler = new Sampler(test.Options, test.Logits.Length);
            IReadOnlyList<TokenLogProbability> kept = sampler.Distribution(test.Logits);
            int[] tokens = [.. kept.Select(token => token.Token)];
            double total = kept.Sum(token => Math.Exp(token.LogProbability));
            return tokens.Contains(Array.IndexOf(test.Logits, test.Logits.Max()))
                && tokens.Distinct().Count() == tokens.Length
                && tokens.All(token => test.Logits[token] > float.NegativeInfinity)
                && Math.Abs(total - 1) < 1e-9
                && Enumerable.Range(0, 20).All(_ => tokens.Contains(sampler.Sample(test.Logits)));
        }));
    }

    [Fact]
    public void Choosing_a_token_allocates_no_managed_memory()
    {
        float[] logits = Peaked(262_144, 1);
        SamplingOptions[] chains =
        [
            new(), SamplingOptions.Greedy, GenerationPreset.Gemma3.Sampling, GenerationPreset.Gemma3nGguf.Sampling,
            new() { TopP = 0.9f, MinP = 0.01f, LogitBias = ImmutableDictionary<int, float>.Empty.Add(5, 1), FrequencyPenalty = 0.1f },
            new() { TopK = 5000 },
        ];
        foreach (SamplingOptions options in chains)
        {
            var sampler = new Sampler(options, logits.Length);
            for (int i = 0; i < 5; i++)
            {
                sampler.Accept(sampler.Sample(logits));
            }

            ManagedAllocation.Least(() =>
            {
                for (int i = 0; i < 100; i++)
                {
                    sampler.Accept(sampler.Sample(logits));
                }
            }).ShouldBe(0, options.ToString());
        }
    }

    // Like a model's: most of the probability on few tokens, a long tail.
    private static float[] Peaked(int vocabulary, int seed)
    {
        var random = new SplitMix64((ulong)seed);
        return [.. Enumerable.Range(0, vocabulary).Select(_ => (float)(-2.2 * Math.Log(-Math.Log((random.NextDouble() * 0.999) + 5e-4))))];
    }

    private static double[] Dense(IReadOnlyList<TokenLogProbability> sparse, int vocabulary)
    {
        var dense = new double[vocabulary];
        foreach (TokenLogProbability token in sparse)
        {
            dense[token.Token] = Math.Exp(token.LogProbability);
        }

        return dense;
    }
}
