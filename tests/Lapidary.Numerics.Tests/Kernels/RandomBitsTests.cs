using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Numerics.Tests.Kernels;

/// <summary>Random bits and what is made of them.</summary>
public unsafe class RandomBitsTests
{
    [Theory]
    // The known answers of Random123's file kat_vectors, "philox4x32 10".
    [InlineData(0x0000000000000000, 0x0000000000000000, 0x0000000000000000, new uint[] { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 })]
    [InlineData(0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, new uint[] { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd })]
    [InlineData(0x85a308d3243f6a88, 0x0370734413198a2e, 0x299f31d0a4093822, new uint[] { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 })]
    public void The_generator_gives_the_published_answers(ulong counter, ulong stream, ulong key, uint[] expected)
    {
        var words = new uint[4];
        RandomBits.Reference(counter, stream, key, words);
        words.ShouldBe(expected);
    }

    [Theory]
    [InlineData(0UL, 0UL, 0UL)]
    [InlineData(5UL, 3UL, 77UL)]
    [InlineData(0x0FFF_FFFFUL, 0xFFFF_FFFF_FFFFUL, 0x1234_5678_9ABC_DEF0UL)]
    [InlineData(0x1000_0000UL, 1UL, ulong.MaxValue)]
    public void Vectors_give_the_words_of_the_reference(ulong group, ulong stream, ulong key)
    {
        var words = new uint[RandomBits.GroupLength];
        fixed (uint* destination = words)
        {
            RandomBits.Fill(destination, group, stream, key);
        }

        for (int i = 0; i < words.Length; i++)
        {
            words[i].ShouldBe(RandomBits.Reference((group * RandomBits.GroupLength) + (ulong)i, stream, key), $"word {i}");
        }
    }

    [Fact]
    public void Keys_of_other_names_and_seeds_are_others()
    {
        var keys = new HashSet<ulong>();
        for (int layer = 0; layer < 100; layer++)
        {
            for (ulong seed = 0; seed < 10; seed++)
            {
                keys.Add(RandomBits.KeyOf(seed, $"model.layers.{layer}.mlp.up_proj.weight")).ShouldBeTrue();
            }
        }

        RandomBits.KeyOf(1, "a").ShouldBe(RandomBits.KeyOf(1, "a"));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.05)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void Dropout_is_its_reference_bit_for_bit_with_any_number_of_threads(double probability)
    {
        foreach (int count in new[] { 1, 63, 64, 65, 1000, 20_001 })
        {
            float[] input = RandomData.Floats(count + 1, seed: 1);
            var expected = new float[count];
            Dropout.Reference(input.AsSpan(1), expected, probability, 42);
            foreach (int threads in new[] { 1, 2, 5 })
            {
                using var pool = new WorkerPool(threads);
                var output = new float[count + 2];
                // One element off the alignment that the allocator gives.
                fixed (float* x = input, y = output)
                {
                    Dropout.Forward(pool, x + 1, y + 1, count, probability, 42);
                    output[1..^1].ShouldBe(expected);
                    output[0].ShouldBe(0);
                    output[^1].ShouldBe(0);

                    // The gradient of a sum of outputs is what dropout makes of ones, and in place is allowed.
                    Array.Fill(output, 1);
                    Dropout.Backward(pool, y + 1, y + 1, count, probability, 42);
                }

                for (int i = 0; i < count; i++)
                {
                    (output[i + 1] == 0).ShouldBe(expected[i] == 0 && input[i + 1] != 0);
                }
            }
        }
    }

    [Theory]
    [InlineData(0.01)]
    [InlineData(0.1)]
    [InlineData(0.5)]
    public void The_share_that_is_dropped_is_the_probability_at_every_place_of_a_group(double probability)
    {
        const int Groups = 4000;
        const int Count = Groups * RandomBits.GroupLength;
        using var pool = new WorkerPool(2);
        float[] values = Enumerable.Repeat(1f, Count).ToArray();
        fixed (float* x = values)
        {
            Dropout.Forward(pool, x, x, Count, probability, 7);
        }

        values.ShouldAllBe(value => value == 0 || value == (float)(1 / (1 - probability)));
        var dropped = new int[RandomBits.GroupLength];
        for (int i = 0; i < Count; i++)
        {
            dropped[i % dropped.Length] += values[i] == 0 ? 1 : 0;
        }

        double chiSquare = dropped.Sum(observed =>
        {
            double expected = Groups * probability;
            return (observed - expected) * (observed - expected) / (expected * (1 - probability));
        });

        // 64 degrees of freedom: the upper and lower 0.01 % quantiles of the distribution.
        chiSquare.ShouldBeAtMost(114.8);
        (-chiSquare).ShouldBeAtMost(-28.5);
    }

    [Fact]
    public void Masks_of_other_seeds_are_independent()
    {
        const int Count = 100_000;
        using var pool = new WorkerPool(1);
        float[] first = Enumerable.Repeat(1f, Count).ToArray(), second = [.. first];
        fixed (float* x = first, y = second)
        {
            Dropout.Forward(pool, x, x, Count, 0.5, 7);
            Dropout.Forward(pool, y, y, Count, 0.5, 8);
        }

        int equal = first.Zip(second).Count(pair => pair.First == pair.Second);
        // Five standard deviations of a binomial with share 1/2.
        Math.Abs(equal - (Count / 2)).ShouldBeLessThan(790);
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.0)]
    [InlineData(double.NaN)]
    public void A_probability_beyond_its_bounds_is_refused(double probability)
    {
        using var pool = new WorkerPool(1);
        Should.Throw<ArgumentOutOfRangeException>(() => Dropout.Forward(pool, null, null, 0, probability, 1));
    }
}
