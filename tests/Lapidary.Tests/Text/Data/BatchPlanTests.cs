using Lapidary.Text.Data;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Text.Data;

public class BatchPlanTests
{
    [Fact]
    public void Documents_stand_one_after_the_other_with_targets_that_are_shifted()
    {
        using var folder = new DataFolder();
        TrainingData data = folder.LoadIds("""
            {"input_ids":[2,10,11,12],"labels":[-100,-100,11,12]}
            {"input_ids":[2,20,21],"labels":[2,20,-100]}
            """);

        TrainingBatch batch = Plan(data, batchSize: 2).Step(0).Batches.ShouldHaveSingleItem();

        batch.Tokens.ShouldBe([2, 10, 11, 12, 2, 20, 21]);
        batch.Targets.ShouldBe([-100, 11, 12, -100, 20, -100, -100]);
        batch.Positions.ShouldBe([0, 1, 2, 3, 0, 1, 2]);
        batch.DocumentStarts.ShouldBe([0, 4, 7]);
        batch.Examples.ShouldBe([0, 1]);
        batch.TargetCount.ShouldBe(3);
    }

    [Fact]
    public void Steps_take_micro_batches_and_the_last_one_of_an_epoch_takes_what_is_left()
    {
        using var folder = new DataFolder();
        BatchPlan plan = Plan(Numbered(folder, 11), batchSize: 2, gradientAccumulation: 3);

        plan.StepsPerEpoch.ShouldBe(2);
        Examples(plan.Step(0)).ShouldBe([[0, 1], [2, 3], [4, 5]]);
        Examples(plan.Step(1)).ShouldBe([[6, 7], [8, 9], [10]]);
        Examples(plan.Step(2)).ShouldBe([[0, 1], [2, 3], [4, 5]]);
        (plan.Step(2).Epoch, plan.Step(2).Step, plan.Step(1).Epoch).ShouldBe((1, 2, 0));
        plan.Step(1).TargetCount.ShouldBe(10);
        plan.Step(1).TokenCount.ShouldBe(15);
    }

    [Fact]
    public void Each_epoch_has_every_example_once_in_an_order_of_its_own_and_any_step_can_be_asked_for_first()
    {
        using var folder = new DataFolder();
        TrainingData data = Numbered(folder, 101);
        BatchPlan plan = Plan(data, batchSize: 4, gradientAccumulation: 2, shuffle: true, seed: 7);
        int[][] epochs = [.. Enumerable.Range(0, 3).Select(epoch => Epoch(plan, epoch))];

        foreach (int[] epoch in epochs)
        {
            epoch.Order().ShouldBe(Enumerable.Range(0, 101));
        }

        epochs[0].ShouldNotBe(epochs[1]);
        epochs[1].ShouldNotBe(epochs[2]);
        epochs[0].ShouldNotBe(Enumerable.Range(0, 101));
        for (long step = (3 * plan.StepsPerEpoch) - 1; step >= 0; step--)
        {
            BatchPlan resumed = Plan(data, batchSize: 4, gradientAccumulation: 2, shuffle: true, seed: 7);
            Examples(resumed.Step(step)).ShouldBe(Examples(plan.Step(step)));
        }

        Epoch(Plan(data, batchSize: 4, gradientAccumulation: 2, shuffle: true, seed: 8), 0).ShouldNotBe(epochs[0]);
    }

    [Fact]
    public void Orders_are_those_of_all_versions()
    {
        using var folder = new DataFolder();
        Epoch(Plan(Numbered(folder, 10), shuffle: true, seed: 42), 0).ShouldBe(ReferenceOrder(10, 42, 0));
        Epoch(Plan(Numbered(folder, 10), shuffle: true, seed: 42), 5).ShouldBe(ReferenceOrder(10, 42, 5));
    }

    [Fact]
    public void Packs_have_their_documents_one_after_the_other_and_the_oldest_of_equally_full_ones_is_filled_first()
    {
        // Four documents of 6, 4, 6 and 2 tokens: what TRL's best-fit decreasing gives for packs of 8, gone through by hand.
        using var folder = new DataFolder();
        TrainingData data = folder.LoadIds("""
            {"input_ids":[1,2,3,4,5,6]}
            {"input_ids":[11,12,13,14]}
            {"input_ids":[21,22,23,24,25,26]}
            {"input_ids":[31,32]}
            """);
        BatchPlan plan = Plan(data, pack: true, maxLength: 8);

        plan.SequenceCount.ShouldBe(3);
        TrainingBatch first = plan.Step(0).Batches[0];
        first.Tokens.ShouldBe([1, 2, 3, 4, 5, 6, 31, 32]);
        first.Positions.ShouldBe([0, 1, 2, 3, 4, 5, 0, 1]);
        first.DocumentStarts.ShouldBe([0, 6, 8]);
        first.Targets.ShouldBe([2, 3, 4, 5, 6, -100, 32, -100]);
        Examples(plan.Step(1)).ShouldBe([[2]]);
        Examples(plan.Step(2)).ShouldBe([[1]]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(200)]
    [InlineData(1000)]
    public void Packs_are_those_of_a_plain_search(int maxLength)
    {
        var random = new Random(maxLength);
        int[] lengths = [.. Enumerable.Range(0, 500).Select(_ => random.Next(1, maxLength + 1))];

        SequencePacking.Pack(lengths, maxLength).ShouldBe(PlainSearch(lengths, maxLength));
    }

    [Fact]
    public void A_plan_that_cannot_be_is_refused()
    {
        using var folder = new DataFolder();
        TrainingData data = Numbered(folder, 3);

        Should.Throw<ArgumentOutOfRangeException>(() => Plan(data, batchSize: 0));
        Should.Throw<ArgumentOutOfRangeException>(() => Plan(data, gradientAccumulation: 0));
        Should.Throw<ArgumentException>(() => Plan(data, maxLength: 2)).Message.ShouldContain("Example 0 has 3 tokens where at most 2 were expected");
        Should.Throw<ArgumentOutOfRangeException>(() => Plan(data).Step(-1));
    }

    [Fact]
    public void A_step_larger_than_the_data_takes_all_of_them()
    {
        using var folder = new DataFolder();
        BatchPlan plan = Plan(Numbered(folder, 3), batchSize: int.MaxValue, gradientAccumulation: int.MaxValue);

        plan.StepsPerEpoch.ShouldBe(1);
        Examples(plan.Step(1)).ShouldBe([[0, 1, 2]]);
    }

    private static BatchPlan Plan(
        TrainingData data,
        int batchSize = 1,
        int gradientAccumulation = 1,
        int maxLength = 1024,
        bool pack = false,
        bool shuffle = false,
        ulong seed = 0) => new(data, batchSize, gradientAccumulation, maxLength, pack, shuffle, seed);

    private static TrainingData Numbered(DataFolder folder, int count) =>
        folder.LoadIds(string.Join('\n', Enumerable.Range(0, count).Select(i => $$"""{"input_ids":[2,{{i}},1]}""")));

    private static int[][] Examples(StepBatches step) => [.. step.Batches.Select(batch => batch.Examples)];

    private static int[] Epoch(BatchPlan plan, int epoch) =>
        [.. Enumerable.Range(0, (int)plan.StepsPerEpoch).SelectMany(step => Examples(plan.Step((epoch * plan.StepsPerEpoch) + step)).SelectMany(all => all))];

    // Fisher and Yates from the last to the first, over SplitMix64 and Lemire's bounded numbers, with whole numbers of any size.
    private static int[] ReferenceOrder(int count, ulong seed, int epoch)
    {
        ulong state = unchecked(Mix(Mix(seed) + (ulong)(epoch + 1)));
        int[] order = [.. Enumerable.Range(0, count)];
        for (int i = count - 1; i > 0; i--)
        {
            UInt128 product;
            do
            {
                state = unchecked(state + 0x9E37_79B9_7F4A_7C15);
                product = (UInt128)Mix(state) * (UInt128)(i + 1);
            }
            while ((ulong)product < unchecked((ulong)((((UInt128)1 << 64) - (UInt128)(i + 1)) % (UInt128)(i + 1))));

            int other = (int)(product >> 64);
            (order[i], order[other]) = (order[other], order[i]);
        }

        return order;

        static ulong Mix(ulong z) => unchecked(
            (z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9, z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB, z ^ (z >> 31)).Item3);
    }

    private static int[][] PlainSearch(int[] lengths, int maxLength)
    {
        var packs = new List<(List<int> Examples, int Room, int Touched)>();
        int clock = 0;
        foreach (int example in Enumerable.Range(0, lengths.Length).OrderByDescending(i => lengths[i]))
        {
            int best = -1;
            for (int i = 0; i < packs.Count; i++)
            {
                if (packs[i].Room >= lengths[example]
                    && (best < 0 || packs[i].Room < packs[best].Room || (packs[i].Room == packs[best].Room && packs[i].Touched < packs[best].Touched)))
                {
                    best = i;
                }
            }

            if (best < 0)
            {
                best = packs.Count;
                packs.Add(([], maxLength, 0));
            }

            packs[best].Examples.Add(example);
            packs[best] = (packs[best].Examples, packs[best].Room - lengths[example], clock++);
        }

        return [.. packs.Select(pack => pack.Examples.ToArray())];
    }
}
