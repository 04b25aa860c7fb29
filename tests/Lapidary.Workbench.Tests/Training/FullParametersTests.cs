using Lapidary.Checkpoints;
using Lapidary.Numerics;
using Lapidary.Numerics.Kernels;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Training;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Training;

/// <summary>What full fine-tuning does beside moving weights: freezing, the zeros of pruned models, fake quantization.</summary>
public sealed class FullParametersTests
{
    [Fact]
    public void Patterns_freeze_tensors_by_name()
    {
        using var fixture = new TrainingFixture();
        new FullParameters(new TrainingOptions { Freeze = ["*.embed_tokens.*", "*norm*", "model.layers.0.*"] }, fixture.Pool).AttachTo(fixture.Model);

        string[] trained = [.. fixture.Model.Parameters.Select(parameter => parameter.Name)];
        trained.ShouldContain("model.layers.1.mlp.up_proj.weight");
        trained.ShouldNotContain(name => name.Contains("norm") || name.Contains("embed_tokens") || name.Contains("layers.0."));
        fixture.CrossEntropy(0, TrainingFixture.Batch(TrainingFixture.Rows()));
        fixture.GradientsShouldBe("ce_grads.safetensors");
    }

    [Fact]
    public void Patterns_that_freeze_everything_are_refused()
    {
        using var fixture = new TrainingFixture();
        Should.Throw<ArgumentException>(() => new FullParameters(new TrainingOptions { Freeze = ["*"] }, fixture.Pool).AttachTo(fixture.Model))
            .Message.ShouldContain("All tensors are frozen");
    }

    [Fact]
    public void Zeros_of_a_pruned_matrix_stay_zero_while_the_rest_moves()
    {
        using var fixture = new TrainingFixture();
        using Tensor value = TrainingFixture.Copy(fixture.Model.Checkpoint.GetTensor("model.layers.2.mlp.up_proj.weight"));
        Span<float> values = value.AsFloats();
        for (int i = 0; i < values.Length; i += 3)
        {
            values[i] = 0;
        }

        var parameter = new Parameter("model.layers.2.mlp.up_proj.weight", TrainingFixture.Copy(value));
        parameter.HoldZeros();
        fixture.Model.Train(parameter);
        using Optimizer optimizer = Optimizer.Create(new OptimizerOptions { WeightDecay = 0.1 });
        optimizer.Add(parameter.Name, parameter.Value, parameter.Gradient, parameter.Decays);
        for (int step = 1; step <= 3; step++)
        {
            fixture.ClearGradients();
            fixture.CrossEntropy(0, TrainingFixture.Batch(TrainingFixture.Rows()));
            parameter.MaskGradient(fixture.Pool);
            optimizer.Step(fixture.Pool, 1e-2, 1, step);
        }

        Span<float> after = parameter.Value.AsFloats();
        int moved = 0;
        for (int i = 0; i < after.Length; i++)
        {
            if (values[i] == 0)
            {
                after[i].ShouldBe(0, $"element {i}");
            }
            else
            {
                moved += after[i] != values[i] ? 1 : 0;
            }
        }

        moved.ShouldBeGreaterThan(after.Length / 2);
    }

    [Theory]
    [InlineData(QuantizationAwareFormat.Q4_0)]
    [InlineData(QuantizationAwareFormat.Int4PerChannel)]
    public void What_quantization_aware_training_writes_is_what_the_quantized_form_decodes_to(QuantizationAwareFormat format)
    {
        using var fixture = new TrainingFixture();
        using var folder = new TemporaryFolder();
        var tuned = new FullParameters(new TrainingOptions { Quantization = format }, fixture.Pool);
        tuned.AttachTo(fixture.Model);
        fixture.Model.Refresh();
        using (var output = new OutputFolder(folder["model"], overwrite: false))
        {
            tuned.Write(fixture.Model, output, TestContext.Current.CancellationToken);
            output.Commit();
        }

        using Checkpoint written = Checkpoint.Open(folder["model"]);
        foreach (Parameter parameter in fixture.Model.Parameters)
        {
            Tensor tensor = written.GetTensor(parameter.Name);
            bool quantized = parameter.Decays && parameter.Name.Contains(".layers.");
            float[] expected = parameter.Value.AsFloats().ToArray();
            if (quantized)
            {
                Quantize(format, parameter.Value, expected);
                if (format == QuantizationAwareFormat.Q4_0)
                {
                    // Quantized once more, nothing changes: the file can be cut into blocks without loss.
                    float[] again = new float[expected.Length];
                    Quantize(format, tensor, again);
                    again.ShouldBe(expected, parameter.Name);
                }
            }

            tensor.AsFloats().ToArray().ShouldBe(expected, parameter.Name);
        }
    }

    private static void Quantize(QuantizationAwareFormat format, Tensor tensor, Span<float> destination)
    {
        int width = (int)tensor.RowLength;
        for (int row = 0; row < tensor.Rows; row++)
        {
            ReadOnlySpan<float> source = tensor.AsFloats().Slice(row * width, width);
            if (format == QuantizationAwareFormat.Q4_0)
            {
                FakeQuantize.Q4_0Reference(source, destination.Slice(row * width, width));
            }
            else
            {
                FakeQuantize.Int4PerChannelReference(source, destination.Slice(row * width, width));
            }
        }
    }
}
