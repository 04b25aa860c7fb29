using Lapidary.Numerics;
using Lapidary.Numerics.Formats;
using Lapidary.Numerics.Threading;
using Lapidary.Workbench.Training;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Training;

/// <summary>Optimizers over several tensors.</summary>
public sealed unsafe class OptimizerTests : IDisposable
{
    private static readonly float[][] Gradients = [[0.1f, -0.2f, 0.003f], [0.3f, 0.05f, -0.004f], [-0.6f, 0, 1e-5f]];

    private readonly WorkerPool pool = new(2);
    private readonly List<Tensor> tensors = [];

    public static TheoryData<OptimizerKind> Kinds => [.. Enum.GetValues<OptimizerKind>()];

    /// <inheritdoc/>
    public void Dispose()
    {
        tensors.ForEach(tensor => tensor.Dispose());
        pool.Dispose();
    }

    [Fact]
    public void AdamW_takes_the_steps_of_its_definition()
    {
        // The algorithm on the page of torch.optim.AdamW, computed in Python: weights after each step.
        double[][] expected =
        [
            [0.49899500010000003, -1.24898750005, 1.9989800033333223],
            [0.49807222907205495, -1.2485055420360038, 1.9991535233951352],
            [0.4983018043251574, -1.2481301567540788, 1.9992818366595266],
        ];
        RunVector(new OptimizerOptions { WeightDecay = 0.01 }, 1e-3, expected);
    }

    [Fact]
    public void Sgd_takes_the_steps_of_its_definition()
    {
        // The algorithm on the page of torch.optim.SGD with momentum 0.9, computed in Python: weights after the last step.
        RunVector(
            new OptimizerOptions { Kind = OptimizerKind.Sgd, WeightDecay = 0.01 },
            1e-3,
            [[], [], [0.49973095703998943, -1.2494828826999789, 1.9998872610339975]]);
    }

    [Fact]
    public void Adafactor_takes_the_steps_of_its_definition()
    {
        // The formulas of transformers' Adafactor with an external rate, computed with numpy in double precision.
        double[] expected =
            [0.5230074456408339, -1.2179296026617659, 1.9796742874816546, 0.9678829740881321, 0.22885397330426585, -0.7616107183770026];
        double[] rows = [0.07601735864645928, 0.11650935578124884], columns = [0.1361523766247776, 0.011916825865649095, 0.1407208691511355];
        float[][] gradients = [[0.1f, -0.2f, 0.003f, 0.3f, 0.05f, -0.004f], [-0.6f, 0, 1e-5f, 0.2f, 0.1f, 0.7f]];
        Tensor value = Allocate(ElementType.F32, [0.5f, -1.25f, 2, 1, 0.25f, -0.75f], 2, 3);
        Tensor gradient = Allocate(ElementType.F32, new float[6], 2, 3);
        using Optimizer optimizer = Optimizer.Create(new OptimizerOptions { Kind = OptimizerKind.Adafactor, WeightDecay = 0.01 });
        optimizer.Add("w", value, gradient, decay: true);
        for (int step = 1; step <= 2; step++)
        {
            gradients[step - 1].CopyTo(gradient.AsFloats());
            optimizer.Step(pool, 0.02, 1, step);
        }

        ShouldBe(value, expected);
        ShouldBe(optimizer.State[0].Tensor, rows);
        ShouldBe(optimizer.State[1].Tensor, columns);

        static void ShouldBe(Tensor tensor, double[] numbers)
        {
            for (int i = 0; i < numbers.Length; i++)
            {
                tensor.AsFloats()[i].ShouldBe((float)numbers[i], 3e-7f, $"element {i}");
            }
        }
    }

    [Theory]
    // Two problems that the tests of transformers give AdamW and Adafactor (tests/optimization/test_optimization.py).
    [InlineData(OptimizerKind.AdamW, 0.2, 100)]
    [InlineData(OptimizerKind.Adafactor, 1e-2, 1000)]
    [InlineData(OptimizerKind.Sgd, 0.05, 400)]
    public void A_squared_distance_is_minimised(OptimizerKind kind, double rate, int steps)
    {
        float[] target = [0.4f, 0.2f, -0.5f];
        Tensor value = Allocate(ElementType.F32, [0.1f, -0.2f, -0.1f], 3), gradient = Allocate(ElementType.F32, new float[3], 3);
        using Optimizer optimizer = Optimizer.Create(new OptimizerOptions { Kind = kind });
        optimizer.Add("w", value, gradient, decay: false);
        for (int step = 1; step <= steps; step++)
        {
            for (int i = 0; i < 3; i++)
            {
                gradient.AsFloats()[i] = 2f / 3 * (value.AsFloats()[i] - target[i]);
            }

            optimizer.Step(pool, rate, 1, step);
        }

        for (int i = 0; i < 3; i++)
        {
            value.AsFloats()[i].ShouldBe(target[i], 1e-2);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_run_goes_on_where_its_state_was_saved(OptimizerKind kind)
    {
        foreach (ElementType type in new[] { ElementType.F32, ElementType.BF16 })
        {
            var options = new OptimizerOptions { Kind = kind, WeightDecay = 0.01, Seed = 5 };
            using var whole = new Run(options, type, pool);
            whole.Steps(1, 6);

            using var first = new Run(options, type, pool);
            first.Steps(1, 3);
            using var second = new Run(options, type, pool);
            second.CopyFrom(first);
            second.Steps(4, 6);
            second.Bytes().ShouldBe(whole.Bytes());

            // Other random bits give other BF16 weights, and the same F32 ones.
            using var other = new Run(options with { Seed = 6 }, type, pool);
            other.Steps(1, 6);
            other.Bytes().SequenceEqual(whole.Bytes()).ShouldBe(type == ElementType.F32);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_estimate_of_the_state_is_what_is_allocated(OptimizerKind kind)
    {
        using var run = new Run(new OptimizerOptions { Kind = kind }, ElementType.F32, pool);
        run.Optimizer.State.Sum(entry => entry.Tensor.ByteLength)
            .ShouldBe(Optimizer.StateBytes(kind, [7, 65]) + Optimizer.StateBytes(kind, [65]));
        run.Optimizer.State.Select(entry => entry.Name).ShouldBe(kind switch
        {
            OptimizerKind.AdamW =>
                new[] { "matrix.weight.exp_avg", "matrix.weight.exp_avg_sq", "norm.weight.exp_avg", "norm.weight.exp_avg_sq" },
            OptimizerKind.Adafactor =>
                ["matrix.weight.exp_avg_sq_row", "matrix.weight.exp_avg_sq_col", "norm.weight.exp_avg_sq"],
            _ => ["matrix.weight.momentum_buffer", "norm.weight.momentum_buffer"],
        });
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_gradient_scale_is_a_factor_of_the_gradient_and_decay_is_for_those_that_want_it(OptimizerKind kind)
    {
        var options = new OptimizerOptions { Kind = kind, WeightDecay = 0.5 };
        var results = new List<float[]>();
        foreach ((float factor, double scale) in new[] { (1f, 1.0), (4f, 0.25) })
        {
            Tensor value = Allocate(ElementType.F32, [1, 1], 2);
            Tensor gradient = Allocate(ElementType.F32, [0.5f * factor, -0.25f * factor], 2);
            Tensor free = Allocate(ElementType.F32, [1], 1), none = Allocate(ElementType.F32, [0], 1);
            using Optimizer optimizer = Optimizer.Create(options);
            optimizer.Add("a", value, gradient, decay: true);
            optimizer.Add("b", free, none, decay: false);
            optimizer.Step(pool, 0.125, scale, 1);
            results.Add(value.AsFloats().ToArray());
            free.AsFloats()[0].ShouldBe(1);
        }

        results[1].ShouldBe(results[0]);
        results[0].ShouldAllBe(value => value < 1.2f && value != 1);
    }

    [Fact]
    public void What_cannot_be_trained_is_refused_with_its_name()
    {
        using Optimizer optimizer = Optimizer.Create(new OptimizerOptions());
        Tensor value = Allocate(ElementType.F32, new float[4], 2, 2), flat = Allocate(ElementType.F32, new float[4], 4);
        using Tensor half = Tensor.Allocate(ElementType.F16, 4), cube = Tensor.Allocate(ElementType.F32, 1, 2, 2);
        optimizer.Add("a", value, value, decay: true);
        Refused("a", value, value).ShouldContain("before");
        Refused("b", half, flat).ShouldContain("F16");
        Refused("c", cube, cube).ShouldContain("3");
        Refused("d", value, flat).ShouldContain("[2, 2]");
        Refused("e", flat, half).ShouldContain("F16 [4]");
        Should.Throw<ArgumentOutOfRangeException>(() => optimizer.Step(pool, 1, 1, 0));

        string Refused(string name, Tensor weights, Tensor gradient)
        {
            string message = Should.Throw<ArgumentException>(() => optimizer.Add(name, weights, gradient, decay: true)).Message;
            message.ShouldStartWith(name + ":");
            return message;
        }
    }

    [Fact]
    public void Settings_that_make_no_sense_are_refused()
    {
        OptimizerOptions[] wrong =
        [
            new() { Kind = (OptimizerKind)9 }, new() { Beta1 = 1 }, new() { Beta2 = -0.1 }, new() { Epsilon = 0 },
            new() { WeightDecay = double.NaN }, new() { Momentum = 1.5 }, new() { ClipThreshold = 0 }, new() { DecayRate = 0.8 },
            new() { GradientEpsilon = 1e-46 }, new() { ParameterEpsilon = 0 },
        ];
        foreach (OptimizerOptions options in wrong)
        {
            Should.Throw<ArgumentException>(() => Optimizer.Create(options), options.ToString());
        }
    }

    private void RunVector(OptimizerOptions options, double rate, double[][] expected)
    {
        Tensor value = Allocate(ElementType.F32, [0.5f, -1.25f, 2], 3), gradient = Allocate(ElementType.F32, new float[3], 3);
        using Optimizer optimizer = Optimizer.Create(options);
        optimizer.Add("w", value, gradient, decay: true);
        for (int step = 1; step <= Gradients.Length; step++)
        {
            Gradients[step - 1].CopyTo(gradient.AsFloats());
            optimizer.Step(pool, rate, 1, step);
            for (int i = 0; i < expected[step - 1].Length; i++)
            {
                value.AsFloats()[i].ShouldBe((float)expected[step - 1][i], 3e-7f, $"step {step}, weight {i}");
            }
        }
    }

    private Tensor Allocate(ElementType type, float[] values, params long[] shape)
    {
        Tensor tensor = Tensor.Allocate(type, shape);
        tensors.Add(tensor);
        values.CopyTo(tensor.AsFloats());
        return tensor;
    }

    /// <summary>A matrix and a vector whose gradients are a function of the step and the weights.</summary>
    private sealed class Run : IDisposable
    {
        private readonly WorkerPool pool;
        private readonly Tensor[] values;
        private readonly Tensor[] gradients = [Tensor.Allocate(ElementType.F32, 7, 65), Tensor.Allocate(ElementType.F32, 65)];

        public Run(OptimizerOptions options, ElementType type, WorkerPool pool)
        {
            this.pool = pool;
            values = [Tensor.Allocate(type, 7, 65), Tensor.Allocate(type, 65)];
            Optimizer = Optimizer.Create(options);
            Optimizer.Add("matrix.weight", values[0], gradients[0], decay: true);
            Optimizer.Add("norm.weight", values[1], gradients[1], decay: false);
            foreach (Tensor value in values)
            {
                for (int i = 0; i < value.Length; i++)
                {
                    float number = MathF.Sin(i);
                    if (type == ElementType.F32)
                    {
                        value.AsFloats()[i] = number;
                    }
                    else
                    {
                        ((ushort*)value.Data)[i] = BF16Format.FromSingle(number);
                    }
                }
            }
        }

        public Optimizer Optimizer { get; }

        public void Steps(int first, int last)
        {
            for (int step = first; step <= last; step++)
            {
                foreach ((Tensor value, Tensor gradient) in values.Zip(gradients))
                {
                    var row = new float[value.RowLength];
                    for (int i = 0; i < value.Length; i++)
                    {
                        if (i % row.Length == 0)
                        {
                            value.DecodeRow(i / row.Length, row);
                        }

                        gradient.AsFloats()[i] = row[i % row.Length] + MathF.Cos(i * step);
                    }
                }

                Optimizer.Step(pool, 1e-2, 0.5, step);
            }
        }

        public void CopyFrom(Run other)
        {
            foreach ((Tensor from, Tensor to) in other.values.Zip(values))
            {
                Buffer.MemoryCopy(from.Data, to.Data, to.ByteLength, from.ByteLength);
            }

            foreach (((_, Tensor from), (_, Tensor to)) in other.Optimizer.State.Zip(Optimizer.State))
            {
                from.AsFloats().CopyTo(to.AsFloats());
            }
        }

        public byte[] Bytes() =>
            [.. values.SelectMany(value => new ReadOnlySpan<byte>(value.Data, (int)value.ByteLength).ToArray())];

        public void Dispose()
        {
            Optimizer.Dispose();
            foreach (Tensor tensor in values.Concat(gradients))
            {
                tensor.Dispose();
            }
        }
    }
}
