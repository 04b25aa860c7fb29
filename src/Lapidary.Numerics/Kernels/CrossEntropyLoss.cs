using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// The cross-entropy of softmax(logits) with one target a row: -log p(target) = log(sum of e^x) - x(target); its gradient with
/// respect to the logits is p - 1 at the target and p elsewhere. Both are computed relative to the largest logit of the row, and
/// everything but the target is summed apart from it, so that neither a loss nor a gradient near zero is lost to cancellation.
/// </summary>
/// <remarks>
/// A row with a logit that is NaN or infinite has the loss NaN and a gradient of NaN: look for it in <see cref="Losses"/> before the
/// gradients are used. Rows whose target is negative are ignored: loss and gradient 0, whatever their logits.
/// </remarks>
public sealed unsafe class CrossEntropyLoss : ILogitLoss
{
    private int[] targets = [];
    private double[] losses = [];
    private bool[] correct = [];
    private int rowCount;
    private float factor;

    /// <summary>Per row, -log p(target), not multiplied by the factor; 0 where ignored, NaN where a logit was not finite.</summary>
    public ReadOnlySpan<double> Losses => losses.AsSpan(0, rowCount);

    /// <summary>Per row, whether no logit is larger than the target's; false where ignored.</summary>
    public ReadOnlySpan<bool> Correct => correct.AsSpan(0, rowCount);

    /// <summary>
    /// The loss of one row in plain scalar code and double precision; the gradient, times <paramref name="factor"/>, overwrites the
    /// logits.
    /// </summary>
    public static double Reference(Span<double> logits, int target, double factor)
    {
        double maximum = double.NegativeInfinity;
        foreach (double x in logits)
        {
            maximum = Math.Max(maximum, x);
        }

        double sum = 0;
        foreach (double x in logits)
        {
            sum += Math.Exp(x - maximum);
        }

        double loss = Math.Log(sum) + maximum - logits[target];
        for (int i = 0; i < logits.Length; i++)
        {
            logits[i] = factor * ((Math.Exp(logits[i] - maximum) / sum) - (i == target ? 1 : 0));
        }

        return loss;
    }

    /// <summary>Starts a batch.</summary>
    /// <param name="targets">The token that each row should predict; negative for none.</param>
    /// <param name="factor">What the gradient is multiplied by: 1 / number of targets of the whole step, for a mean over them.</param>
    public void Begin(ReadOnlySpan<int> targets, float factor)
    {
        if (this.targets.Length < targets.Length)
        {
            this.targets = new int[targets.Length];
            losses = new double[targets.Length];
            correct = new bool[targets.Length];
        }

        targets.CopyTo(this.targets);
        rowCount = targets.Length;
        this.factor = factor;
        losses.AsSpan(0, rowCount).Clear();
        correct.AsSpan(0, rowCount).Clear();
    }

    /// <inheritdoc/>
    public double Factor(int row) => factor;

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A row is not one of the batch, or its target is no token of the vocabulary.</exception>
    public void Apply(WorkerPool pool, float* logits, int firstRow, int rows, int vocabulary, bool gradient)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstRow);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, rowCount - firstRow);
        foreach (int target in targets.AsSpan(firstRow, rows))
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(target, vocabulary);
        }

        var job = new Job
        {
            Logits = logits,
            Vocabulary = vocabulary,
            FirstRow = firstRow,
            Rows = new SharedRows(rows),
            Targets = targets,
            Losses = losses,
            Correct = correct,
            Factor = factor,
            Gradient = gradient,
        };
        SharedWork.Run(pool, ref job, 4L * rows * vocabulary);
    }

    private struct Job : IParallelJob, IParallelVectorKernel
    {
        // Exponentials that are added up in float32 before their sum goes on in double precision.
        private const int SumBlock = 512;

        // The exponential ends at e^-87. Probabilities below this are nothing, so that the products never meet denormal numbers, which
        // many processors take a hundred times as long for.
        private const float Negligible = 1e-20f;

        public float* Logits;
        public int Vocabulary;
        public int FirstRow;
        public SharedRows Rows;
        public int[] Targets;
        public double[] Losses;
        public bool[] Correct;
        public float Factor;
        public bool Gradient;

        public void Execute(int worker, int workers) => VectorDispatch.Run(ref this, worker, workers);

        public void Run<V, TIsa>(int worker, int workers)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            while (Rows.TryTake(workers, out int start, out int end))
            {
                for (int row = start; row < end; row++)
                {
                    Apply<V, TIsa>(Logits + ((nint)row * Vocabulary), FirstRow + row);
                }
            }
        }

        private readonly void Apply<V, TIsa>(float* x, int row)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            int target = Targets[row];
            bool ignored = target < 0;
            if (ignored || !RowMaximum.TryFind<V, TIsa>(x, Vocabulary, out float maximum))
            {
                float nothing = ignored ? 0 : float.NaN;
                Losses[row] = nothing;
                Correct[row] = false;
                if (Gradient)
                {
                    new Span<float>(x, Vocabulary).Fill(nothing);
                }

                return;
            }

            double distance = (double)x[target] - maximum;
            double own = Math.Exp(distance);
            x[target] = float.NegativeInfinity;
            double others = Exponentials<V, TIsa>(x, maximum);

            // log((own + others) / own): near zero by way of the ratio, far from it without the quotient that could overflow.
            Losses[row] = others < own ? LogOnePlus(others / own) : Math.Log(own + others) - distance;
            Correct[row] = distance == 0;
            if (Gradient)
            {
                Scale<V, TIsa>(x, (float)(Factor / (own + others)));
                x[target] = (float)(-Factor * (others / (own + others)));
            }
        }

        // x[i] = e^(x[i] - maximum); returns their sum. Values of x below the maximum by more than 46 give 0.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly double Exponentials<V, TIsa>(float* x, float maximum)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            V offset = TIsa.Create(maximum);
            double sum = 0;
            int whole = Vocabulary / TIsa.Width * TIsa.Width;
            for (int block = 0; block < whole; block += SumBlock)
            {
                V a = TIsa.Zero, b = TIsa.Zero;
                int end = Math.Min(whole, block + SumBlock);
                int i = block;
                for (; i + (2 * TIsa.Width) <= end; i += 2 * TIsa.Width)
                {
                    V u = Exponential<V, TIsa>(TIsa.Load(x + i), offset), v = Exponential<V, TIsa>(TIsa.Load(x + i + TIsa.Width), offset);
                    TIsa.Store(x + i, u);
                    TIsa.Store(x + i + TIsa.Width, v);
                    a = TIsa.Add(a, u);
                    b = TIsa.Add(b, v);
                }

                if (i < end)
                {
                    V u = Exponential<V, TIsa>(TIsa.Load(x + i), offset);
                    TIsa.Store(x + i, u);
                    a = TIsa.Add(a, u);
                }

                sum += TIsa.Sum(TIsa.Add(a, b));
            }

            if (whole < Vocabulary)
            {
                // The last, partial vector goes through the same instructions on a padded copy.
                float* padded = stackalloc float[16];
                new Span<float>(padded, 16).Fill(float.NegativeInfinity);
                new ReadOnlySpan<float>(x + whole, Vocabulary - whole).CopyTo(new Span<float>(padded, 16));
                V u = Exponential<V, TIsa>(TIsa.Load(padded), offset);
                TIsa.Store(padded, u);
                new ReadOnlySpan<float>(padded, Vocabulary - whole).CopyTo(new Span<float>(x + whole, Vocabulary - whole));
                sum += TIsa.Sum(u);
            }

            return sum;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static V Exponential<V, TIsa>(V x, V maximum)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
            => TIsa.Max(
                TIsa.Subtract(VectorMath.Exp<V, TIsa>(TIsa.Subtract(x, maximum)), TIsa.Create(Negligible)), TIsa.Zero);

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Scale<V, TIsa>(float* x, float scale)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            V factor = TIsa.Create(scale);
            int i = 0;
            for (; i + TIsa.Width <= Vocabulary; i += TIsa.Width)
            {
                TIsa.Store(x + i, TIsa.Multiply(TIsa.Load(x + i), factor));
            }

            for (; i < Vocabulary; i++)
            {
                x[i] *= scale;
            }
        }

        // Kahan's form: what 1 + x loses of x in the logarithm, the quotient puts right.
        private static double LogOnePlus(double x)
        {
            double sum = 1 + x;
            return sum == 1 ? x : Math.Log(sum) * (x / (sum - 1));
        }
    }
}
