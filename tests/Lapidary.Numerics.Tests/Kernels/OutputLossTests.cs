using Lapidary.Numerics.Formats;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Numerics.Tests.Kernels;

/// <summary>The output matrix and the loss together, against a definition in double precision.</summary>
public unsafe class OutputLossTests
{
    public static TheoryData<int, int, int, float> Shapes => new()
    {
        { 1, 1, 2, 0 }, { 3, 5, 7, 0 }, { 5, 33, 100, 0 }, { 5, 33, 100, 5 }, { 26, 64, 523, 0 }, { 40, 31, 1025, 2.5f },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Losses_and_gradients_agree_with_double_precision(int rows, int width, int vocabulary, float cap)
    {
        foreach (ElementType type in new[] { ElementType.F32, ElementType.BF16 })
        {
            using var batch = new Batch(rows, width, vocabulary, type) { Cap = cap == 0 ? null : cap };
            (double[] losses, double[] hidden, double[] table) = batch.Reference();
            Gradients actual = batch.Run(start: 0);
            double largestHidden = hidden.Max(Math.Abs), largestTable = table.Max(Math.Abs);
            for (int i = 0; i < rows; i++)
            {
                Math.Abs(actual.Losses[i] - losses[i]).ShouldBeAtMost(1e-6 * (1 + losses[i]), $"{type} row {i}");
            }

            for (int i = 0; i < hidden.Length; i++)
            {
                Math.Abs(actual.Hidden[i] - hidden[i]).ShouldBeAtMost(3e-6 * largestHidden, $"{type} hidden {i}");
            }

            for (int i = 0; i < table.Length; i++)
            {
                Math.Abs(actual.Table[i] - table[i]).ShouldBeAtMost(3e-6 * largestTable, $"{type} table {i}");
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void The_reference_is_the_derivative_of_its_loss(float cap)
    {
        using var batch = new Batch(4, 6, 11, ElementType.F32) { Cap = cap == 0 ? null : cap };
        (_, double[] hidden, double[] table) = batch.Reference();
        CheckDerivative(batch, new Span<float>((float*)batch.Hidden.Data, 24), hidden);
        CheckDerivative(batch, batch.Table.AsFloats(), table);
    }

    [Fact]
    public void No_number_of_threads_and_no_size_of_tile_changes_a_bit()
    {
        using var batch = new Batch(61, 40, 515, ElementType.BF16) { Cap = 4 };
        Gradients expected = batch.Run();
        foreach (int threads in new[] { 1, 2, 5 })
        {
            foreach (long tileBytes in new[] { 1, 515L * 4 * 2 * 5, 515 * 4 * 2 * 13, 515 * 4 * 2 * 40 })
            {
                Gradients other = batch.Run(threads, tileBytes);
                other.Losses.ShouldBe(expected.Losses);
                other.Hidden.ShouldBe(expected.Hidden);
                other.Table.ShouldBe(expected.Table);
            }
        }
    }

    [Fact]
    public void What_is_not_wanted_is_not_needed_for_the_rest()
    {
        using var batch = new Batch(30, 20, 77, ElementType.Q8_0);
        Gradients whole = batch.Run();
        Gradients frozen = batch.Run(wantsTable: false);
        frozen.Losses.ShouldBe(whole.Losses);
        frozen.Hidden.ShouldBe(whole.Hidden);
        Gradients table = batch.Run(wantsHidden: false);
        table.Table.ShouldBe(whole.Table);
        batch.Run(wantsHidden: false, wantsTable: false).Losses.ShouldBe(whole.Losses);
    }

    [Theory]
    [InlineData(0, 1e-3)]
    [InlineData(0, 1e-1)]
    [InlineData(6, 1e-2)]
    public void The_filter_errs_no_more_than_it_says(float cap, double filter)
    {
        using var batch = new Batch(50, 24, 2000, ElementType.F32, scale: 6) { Cap = cap == 0 ? null : cap };
        Gradients whole = batch.Run();
        Gradients filtered = batch.Run(threads: 1, tileBytes: 2000 * 4 * 13, filter: filter);
        filtered.Losses.ShouldBe(whole.Losses);
        filtered.Skipped.ShouldBeGreaterThan(0);
        filtered.Skipped.ShouldBeLessThan(50L * 2000);

        double largestRow = Enumerable.Range(0, 2000).Max(row => Norm(batch.Table.AsFloats().Slice(row * 24, 24)));
        double tableBound = 0, tableError = 0;
        for (int row = 0; row < 50; row++)
        {
            Difference(filtered.Hidden, whole.Hidden, row * 24, 24)
                .ShouldBeAtMost((filter * batch.Factor * largestRow) + (1e-6 * Norm(whole.Hidden.AsSpan(row * 24, 24))), $"row {row}");
            tableBound += filter * batch.Factor * Norm(new ReadOnlySpan<float>((float*)batch.Hidden.Data + (row * 24), 24));
        }

        for (int row = 0; row < 2000; row++)
        {
            tableError += Difference(filtered.Table, whole.Table, row * 24, 24);
        }

        tableError.ShouldBeAtMost(tableBound + 1e-4);
        foreach (int threads in new[] { 2, 5 })
        {
            Gradients other = batch.Run(threads, 2000 * 4 * 13, filter);
            other.Hidden.ShouldBe(filtered.Hidden);
            other.Table.ShouldBe(filtered.Table);
            other.Skipped.ShouldBe(filtered.Skipped);
        }
    }

    [Fact]
    public void Peaked_distributions_leave_out_most_of_the_vocabulary_but_never_a_target()
    {
        // Each hidden row points along the table row of its target, whose logit leads the others by far.
        const int Rows = 20, Width = 64, Vocabulary = 5000;
        using var batch = new Batch(Rows, Width, Vocabulary, ElementType.F32);
        for (int row = 0; row < Rows; row++)
        {
            for (int i = 0; i < Width; i++)
            {
                ((float*)batch.Hidden.Data)[(row * Width) + i] = 2 * batch.Table.AsFloats()[(batch.Targets[row] * Width) + i];
            }
        }

        Gradients filtered = batch.Run(filter: 1e-4, start: 0);
        filtered.Skipped.ShouldBeGreaterThan(Rows * Vocabulary * 9L / 10);
        foreach (int target in batch.Targets)
        {
            filtered.Table.AsSpan(target * Width, Width).IndexOfAnyExcept(0).ShouldBeGreaterThanOrEqualTo(0);
        }
    }

    [Fact]
    public void Rows_without_a_target_keep_no_column()
    {
        using var batch = new Batch(4, 8, 100, ElementType.F32);
        batch.Targets.AsSpan().Fill(-1);
        Gradients filtered = batch.Run(filter: 1e-4);
        filtered.Skipped.ShouldBe(400);
        filtered.Hidden.ShouldAllBe(value => value == 0);
        filtered.Table.ShouldAllBe(value => value == 0.5f);
        batch.Run().Hidden.ShouldAllBe(value => value == 0);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 0.1)]
    [InlineData(5, 0)]
    [InlineData(5, 0.1)]
    public void A_hidden_row_that_is_not_finite_shows_in_its_loss_alone(float cap, double filter)
    {
        using var batch = new Batch(9, 16, 70, ElementType.F32) { Cap = cap == 0 ? null : cap };
        Gradients right = batch.Run();
        foreach (float bad in new[] { float.NaN, float.PositiveInfinity })
        {
            ((float*)batch.Hidden.Data)[(4 * 16) + 3] = bad;
            Gradients actual = batch.Run(filter: filter);
            for (int row = 0; row < 9; row++)
            {
                actual.Losses[row].ShouldBe(row == 4 ? double.NaN : right.Losses[row]);
                actual.Hidden.AsSpan(row * 16, 16).ToArray().Any(float.IsNaN).ShouldBe(row == 4);
            }
        }
    }

    [Fact]
    public void The_vocabulary_of_Gemma_3_in_tiles_of_a_row()
    {
        const int Rows = 3, Width = 33, Vocabulary = 262144;
        using var batch = new Batch(Rows, Width, Vocabulary, ElementType.BF16);
        (double[] losses, double[] hidden, _) = batch.Reference();
        Gradients actual = batch.Run(threads: 2, tileBytes: Vocabulary * 4);
        for (int row = 0; row < Rows; row++)
        {
            Math.Abs(actual.Losses[row] - losses[row]).ShouldBeAtMost(1e-6 * losses[row]);
        }

        double largest = hidden.Max(Math.Abs);
        for (int i = 0; i < hidden.Length; i++)
        {
            Math.Abs(actual.Hidden[i] - hidden[i]).ShouldBeAtMost(1e-5 * largest);
        }
    }

    [Fact]
    public void Wrong_requests_are_refused()
    {
        using var batch = new Batch(1, 4, 5, ElementType.F32);
        Should.Throw<ArgumentOutOfRangeException>(() => batch.Run(filter: double.NaN));
        Should.Throw<ArgumentOutOfRangeException>(() => batch.Run(filter: 1.5));
        Should.Throw<ArgumentOutOfRangeException>(() => batch.Run(filter: -0.1));
        using var pool = new WorkerPool(1);
        using var product = new MatrixProduct(pool);
        using var output = new OutputLoss(pool, product);
        Should.Throw<ArgumentException>(() =>
            output.Run((float*)batch.Hidden.Data, 1, 3, batch.Table, null, new CrossEntropyLoss(), null, null, 0));
    }

    private static void CheckDerivative(Batch batch, Span<float> values, double[] gradient)
    {
        for (int i = 0; i < values.Length; i++)
        {
            // Powers of two, so that the step is what float32 makes of it.
            const float Step = 1f / 1024;
            float before = values[i];
            values[i] = before + Step;
            double above = batch.Reference().Losses.Sum(), reached = values[i];
            values[i] = before - Step;
            double difference = (above - batch.Reference().Losses.Sum()) / (reached - values[i]);
            values[i] = before;
            Math.Abs((difference * batch.Factor) - gradient[i]).ShouldBeAtMost(1e-6);
        }
    }

    private static double Norm(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float value in values)
        {
            sum += (double)value * value;
        }

        return Math.Sqrt(sum);
    }

    private static double Difference(float[] a, float[] b, int start, int length)
    {
        var difference = new float[length];
        for (int i = 0; i < length; i++)
        {
            difference[i] = a[start + i] - b[start + i];
        }

        return Norm(difference);
    }

    /// <summary>What a run gives; the gradient of the table on top of a start, 0.5 by default.</summary>
    private sealed record Gradients(double[] Losses, float[] Hidden, float[] Table, long Skipped);

    private sealed class Batch : IDisposable
    {
        private readonly int rows;
        private readonly int width;
        private readonly int vocabulary;

        public Batch(int rows, int width, int vocabulary, ElementType type, float scale = 1)
        {
            this.rows = rows;
            this.vocabulary = vocabulary;

            // Block formats have no rows but of whole blocks.
            this.width = Math.Max(width, WeightFormat.Of(type).BlockLength);
            Hidden = RandomData.Matrix(ElementType.F32, rows, this.width, seed: 1);
            foreach (ref float value in Hidden.AsFloats())
            {
                value *= scale;
            }

            Table = type == ElementType.Q8_0 ? Blocks(type) : RandomData.Matrix(type, vocabulary, this.width, seed: 2);
            Targets = [.. Enumerable.Range(0, rows).Select(row => (row * 7919) % vocabulary)];
        }

        public Tensor Hidden { get; }

        public Tensor Table { get; }

        public int[] Targets { get; }

        public float? Cap { get; init; }

        public float Factor => 1f / rows;

        public void Dispose()
        {
            Hidden.Dispose();
            Table.Dispose();
        }

        public Gradients Run(
            int threads = 2,
            long tileBytes = 1L << 20,
            double filter = 0,
            bool wantsHidden = true,
            bool wantsTable = true,
            float start = 0.5f)
        {
            using var pool = new WorkerPool(threads);
            using var product = new MatrixProduct(pool);
            using var output = new OutputLoss(pool, product, tileBytes);
            var loss = new CrossEntropyLoss();
            loss.Begin(Targets, Factor);
            var hiddenGradient = new float[rows * width];
            hiddenGradient.AsSpan().Fill(float.NaN);
            var tableGradient = new float[vocabulary * width];
            tableGradient.AsSpan().Fill(start);
            fixed (float* dHidden = hiddenGradient, dTable = tableGradient)
            {
                output.Run(
                    (float*)Hidden.Data, rows, width, Table, Cap, loss, wantsHidden ? dHidden : null, wantsTable ? dTable : null, filter);
            }

            return new Gradients(loss.Losses.ToArray(), hiddenGradient, tableGradient, output.SkippedEntries);
        }

        /// <summary>The definition: losses, and the gradients of their mean.</summary>
        public (double[] Losses, double[] Hidden, double[] Table) Reference()
        {
            var table = new float[vocabulary * width];
            for (int token = 0; token < vocabulary; token++)
            {
                Table.DecodeRow(token, table.AsSpan(token * width, width));
            }

            var losses = new double[rows];
            var dHidden = new double[rows * width];
            var dTable = new double[vocabulary * width];
            var logits = new double[vocabulary];
            var derivatives = new double[vocabulary];
            for (int row = 0; row < rows; row++)
            {
                ReadOnlySpan<float> hidden = Hidden.AsFloats().Slice(row * width, width);
                for (int token = 0; token < vocabulary; token++)
                {
                    double sum = 0;
                    for (int i = 0; i < width; i++)
                    {
                        sum += (double)hidden[i] * table[(token * width) + i];
                    }

                    double tanh = Cap is { } limit ? Math.Tanh(sum / limit) : 0;
                    logits[token] = Cap is { } cap ? cap * tanh : sum;
                    derivatives[token] = 1 - (tanh * tanh);
                }

                losses[row] = CrossEntropyLoss.Reference(logits, Targets[row], Factor);
                for (int token = 0; token < vocabulary; token++)
                {
                    double g = logits[token] * derivatives[token];
                    for (int i = 0; i < width; i++)
                    {
                        dHidden[(row * width) + i] += g * table[(token * width) + i];
                        dTable[(token * width) + i] += g * hidden[i];
                    }
                }
            }

            return (losses, dHidden, dTable);
        }

        private Tensor Blocks(ElementType type)
        {
            Tensor tensor = Tensor.Allocate(type, vocabulary, width);
            for (int row = 0; row < vocabulary; row++)
            {
                Formats.FormatSamples.RandomRow(WeightFormat.Of(type), width, row)
                    .CopyTo(new Span<byte>(tensor.RowPointer(row), (int)tensor.RowBytes));
            }

            return tensor;
        }
    }
}
