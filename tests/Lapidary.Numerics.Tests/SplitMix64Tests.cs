using Shouldly;
using Xunit;

namespace Lapidary.Numerics.Tests;

/// <summary>The sequence is part of the contract: the same seed must give the same text in later versions.</summary>
public class SplitMix64Tests
{
    [Fact]
    public void The_sequence_is_the_published_one()
    {
        // The first numbers that the authors' splitmix64.c gives for the seed 1234567.
        var random = new SplitMix64(1234567);
        ulong[] numbers = [.. Enumerable.Range(0, 5).Select(_ => random.NextBits())];
        numbers.ShouldBe([6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821]);
    }

    [Fact]
    public void Numbers_are_the_upper_53_bits()
    {
        var random = new SplitMix64(1234567);
        random.NextDouble().ShouldBe((6457827717110365317 >> 11) / 9007199254740992.0);
    }

    [Fact]
    public void The_seeds_of_several_answers_are_fixed_and_differ()
    {
        SplitMix64.SeedOf(5, 0).ShouldBe(5UL);
        ulong[] seeds = [.. Enumerable.Range(0, 100).SelectMany(seed => Enumerable.Range(0, 100).Select(i => SplitMix64.SeedOf((ulong)seed, i)))];
        seeds.Distinct().Count().ShouldBe(seeds.Length);
    }

    [Fact]
    public void Whole_numbers_cover_their_range_evenly()
    {
        var random = new SplitMix64(7);
        var counts = new int[7];
        for (int i = 0; i < 70_000; i++)
        {
            counts[random.NextInt(7)]++;
        }

        // Chi-square with 6 degrees of freedom: 22.5 is exceeded once in a thousand.
        counts.Sum(count => Math.Pow(count - 10_000, 2) / 10_000).ShouldBeLessThan(22.5);
        new SplitMix64(1).NextInt(1).ShouldBe(0);
        Should.Throw<ArgumentOutOfRangeException>(() => new SplitMix64(1).NextInt(0));
    }
}
