using Lapidary.Checkpoints;
using Lapidary.Networks;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Training;
using Lapidary.Workbench.Training.Tape;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Training;

/// <summary>Losses and gradients of an independent implementation in double precision: the fixture train-g3-tiny-a.</summary>
public sealed class TapeExecutorTests
{
    private const double LossTolerance = 1e-5;

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(5, false)]
    [InlineData(2, true)]
    public void Cross_entropy_and_all_gradients_are_those_of_the_fixture(int threads, bool checkpointing)
    {
        using var fixture = new TrainingFixture(threads, checkpointing);
        fixture.TrainAll();
        double loss = fixture.CrossEntropy(0, TrainingFixture.Batch(TrainingFixture.Rows()));

        Math.Abs(loss - fixture.Results["ce_loss"]!.GetValue<double>()).ShouldBeAtMost(LossTolerance);
        fixture.GradientsShouldBe("ce_grads.safetensors");
    }

    [Fact]
    public void Micro_batches_add_up_to_the_whole_batch()
    {
        using var fixture = new TrainingFixture();
        fixture.TrainAll();
        (int[] Ids, int[] Labels)[] rows = TrainingFixture.Rows();
        double loss = fixture.CrossEntropy(0, TrainingFixture.Batch(rows[1]), TrainingFixture.Batch(rows[0]));

        Math.Abs(loss - fixture.Results["ce_loss"]!.GetValue<double>()).ShouldBeAtMost(LossTolerance);
        fixture.GradientsShouldBe("ce_grads.safetensors");
    }

    [Fact]
    public void Tiles_of_the_output_matrix_and_its_filter_stay_within_the_tolerance()
    {
        using var fixture = new TrainingFixture(logitsTileBytes: 7 * 512 * sizeof(float));
        fixture.TrainAll();
        fixture.CrossEntropy(1e-6, TrainingFixture.Batch(TrainingFixture.Rows()));
        fixture.GradientsShouldBe("ce_grads.safetensors");
    }

    [Fact]
    public void Gradients_have_the_same_bits_with_any_number_of_threads_and_with_checkpointing()
    {
        float[][] expected = GradientsWith(1, false);
        foreach ((int threads, bool checkpointing) in ((int, bool)[])[(2, false), (5, false), (1, true), (3, true)])
        {
            float[][] actual = GradientsWith(threads, checkpointing);
            for (int i = 0; i < expected.Length; i++)
            {
                actual[i].ShouldBe(expected[i], $"{threads} threads, checkpointing {checkpointing}");
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Three_steps_of_AdamW_are_those_of_PyTorch(bool checkpointing)
    {
        using var fixture = new TrainingFixture(2, checkpointing);
        fixture.TrainAll();
        using Optimizer optimizer = Optimizer.Create(new OptimizerOptions { WeightDecay = 0.01 });
        foreach (Parameter parameter in fixture.Model.Parameters)
        {
            optimizer.Add(parameter.Name, parameter.Value, parameter.Gradient, parameter.Decays);
        }

        double[] expected = [.. fixture.Results["adamw"]!["losses_before_step_1_2_3_and_after"]!.AsArray().Select(loss => loss!.GetValue<double>())];
        for (int step = 0; step <= 3; step++)
        {
            fixture.ClearGradients();
            double loss = fixture.CrossEntropy(0, TrainingFixture.Batch(TrainingFixture.Rows()));
            Math.Abs(loss - expected[step]).ShouldBeAtMost(step == 0 ? LossTolerance : 5e-4, $"before step {step + 1}");
            if (step < 3)
            {
                optimizer.Step(fixture.Pool, 1e-3, 1, step + 1);
                fixture.Model.Refresh();
            }
        }

        fixture.ValuesShouldBe("adamw_step3_params.safetensors", share: 0.995, close: 1e-5, atMost: 6e-3);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(5, true)]
    public void Gradients_of_a_LoRA_are_those_of_the_fixture(int threads, bool checkpointing)
    {
        using var fixture = new TrainingFixture(threads, checkpointing);
        fixture.Attach(new TrainingOptions { Method = TrainingMethod.Lora, Adapter = TrainingFixture.PathOf("lora_adapter") });
        double loss = fixture.CrossEntropy(0, TrainingFixture.Batch(TrainingFixture.Rows()));

        Math.Abs(loss - fixture.Results["lora_loss"]!.GetValue<double>()).ShouldBeAtMost(LossTolerance);
        fixture.GradientsShouldBe("lora_grads.safetensors");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Gradients_of_a_soft_prompt_are_those_of_the_fixture(bool checkpointing)
    {
        using var fixture = new TrainingFixture(2, checkpointing);
        fixture.Attach(new TrainingOptions { Method = TrainingMethod.Prompt, Adapter = TrainingFixture.PathOf("prompt_adapter") });
        double loss = fixture.CrossEntropy(0, TrainingFixture.Batch(TrainingFixture.Rows()));

        Math.Abs(loss - fixture.Results["prompt_tuning_loss"]!.GetValue<double>()).ShouldBeAtMost(LossTolerance);
        fixture.GradientsShouldBe("prompt_tuning.safetensors", nameInFile: name => "grad." + name);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Distillation_has_the_loss_and_the_gradients_of_the_fixture(int microBatches)
    {
        using var fixture = new TrainingFixture();
        fixture.TrainAll();
        using Checkpoint teacher = Checkpoint.Open(Fixtures.PathOf("g3-tiny-teacher"));
        using var teacherModel = new TrainedModel(teacher, Gemma3Config.From(teacher));
        using var loss = new DistillationStepLoss(new DistillationOptions { Temperature = 2, Alpha = 0.5 }, teacherModel, fixture.Pool);
        (int[] Ids, int[] Labels)[] rows = TrainingFixture.Rows();
        TapeBatch[] batches = microBatches == 1 ? [TrainingFixture.Batch(rows)] : [TrainingFixture.Batch(rows[0]), TrainingFixture.Batch(rows[1])];
        var sums = new LossSums();
        foreach (TapeBatch batch in batches)
        {
            fixture.Executor.Train(batch, loss.Begin(batch, [], 1f / batches.Sum(other => other.TargetCount)), lossFilter: 0, dropoutSeed: null);
            loss.Collect(sums);
        }

        Math.Abs(sums.Mean - fixture.Results["distill"]!["loss"]!.GetValue<double>()).ShouldBeAtMost(LossTolerance);
        fixture.GradientsShouldBe("distill_grads.safetensors");
    }

    private static float[][] GradientsWith(int threads, bool checkpointing)
    {
        using var fixture = new TrainingFixture(threads, checkpointing);
        fixture.TrainAll();
        fixture.CrossEntropy(0, TrainingFixture.Batch(TrainingFixture.Rows()));
        return fixture.Gradients();
    }
}
