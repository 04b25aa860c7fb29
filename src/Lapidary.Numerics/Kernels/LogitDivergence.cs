using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// How far rows of probabilities Q are from rows P: the Kullback-Leibler divergence sum P (ln P - ln Q) in nats, and whether the same
/// token is the likeliest in both.
/// </summary>
/// <remarks>
/// As llama.cpp's perplexity tool has it, only tokens with ln P above <see cref="Cut"/> count. With a = x - max x of P, b of Q, and L the
/// logarithms of the sums of e^a and e^b, the divergence is e^-L(P) (sum e^a (a - b) - (L(P) - L(Q)) sum e^a): the two L differ little
/// and stay in double precision, so that the small divergence of two models that are nearly the same is not lost in rounding.
/// </remarks>
public static unsafe class LogitDivergence
{
    /// <summary>Tokens of which P has no more than e^-16, about one ten-millionth, do not count.</summary>
    public const float Cut = -16;

    // Products that are added up in float32 before their sum goes on in double precision.
    private const int SumBlock = 512;

    /// <summary>Computes both for each row. The logits stay as they are.</summary>
    /// <param name="pool">Workers that share the rows.</param>
    /// <param name="p">The rows P.</param>
    /// <param name="q">The rows Q.</param>
    /// <param name="width">Numbers of a row.</param>
    /// <param name="divergences">The divergences [rows]; their length is the number of rows.</param>
    /// <param name="sameTop">Whether the first of the largest numbers is at the same place [rows].</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void Forward(WorkerPool pool, LogitRows p, LogitRows q, int width, Span<double> divergences, Span<bool> sameTop)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        int rows = divergences.Length;
        if (sameTop.Length < rows || Shortest(p) < rows || Shortest(q) < rows)
        {
            throw new ArgumentException($"{rows} rows need as many numbers each.", nameof(divergences));
        }

        fixed (float* largestP = p.Largest, largestQ = q.Largest)
        fixed (double* sumsP = p.LogSums, sumsQ = q.LogSums, divergence = divergences)
        fixed (bool* same = sameTop)
        {
            var job = new Job
            {
                P = new Side(p.Logits, largestP, sumsP),
                Q = new Side(q.Logits, largestQ, sumsQ),
                Width = width,
                Divergences = divergence,
                SameTop = same,
                Rows = new SharedRows(rows),
            };
            SharedWork.Run(pool, ref job, 3L * rows * width);
        }
    }

    /// <summary>The divergence of one row in plain scalar code and double precision, from log-probabilities.</summary>
    /// <param name="p">ln P.</param>
    /// <param name="q">ln Q, as many.</param>
    public static double Reference(ReadOnlySpan<double> p, ReadOnlySpan<double> q)
    {
        double sum = 0;
        for (int i = 0; i < p.Length; i++)
        {
            sum += p[i] > Cut ? Math.Exp(p[i]) * (p[i] - q[i]) : 0;
        }

        return sum;
    }

    private static int Shortest(LogitRows rows) => Math.Min(rows.Largest.Length, rows.LogSums.Length);

    private readonly struct Side(float* logits, float* largest, double* logSums)
    {
        public readonly float* Logits = logits;
        public readonly float* Largest = largest;
        public readonly double* LogSums = logSums;
    }

    private struct Job : IParallelJob, IParallelVectorKernel
    {
        public Side P;
        public Side Q;
        public int Width;
        public double* Divergences;
        public bool* SameTop;
        public SharedRows Rows;

        public void Execute(int worker, int workers) => VectorDispatch.Run(ref this, worker, workers);

        public void Run<V, TIsa>(int worker, int workers)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            while (Rows.TryTake(workers, out int start, out int end))
            {
                for (int row = start; row < end; row++)
                {
                    float* p = P.Logits + ((nint)row * Width), q = Q.Logits + ((nint)row * Width);
                    float largestP = P.Largest[row], largestQ = Q.Largest[row];
                    double logP = P.LogSums[row] - largestP, logQ = Q.LogSums[row] - largestQ;
                    (double mass, double product) = Sums<V, TIsa>(p, q, largestP, largestQ, (float)(P.LogSums[row] + Cut));
                    Divergences[row] = Math.Exp(-logP) * (product - ((logP - logQ) * mass));
                    SameTop[row] = First(p, largestP) == First(q, largestQ);
                }
            }
        }

        private readonly int First(float* x, float largest)
        {
            int i = 0;
            while (i < Width && x[i] != largest)
            {
                i++;
            }

            return i;
        }

        // The sums of e^a and of e^a (a - b) over the tokens above the cut.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly (double Mass, double Product) Sums<V, TIsa>(float* p, float* q, float largestP, float largestQ, float cut)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            V offsetP = TIsa.Create(largestP), offsetQ = TIsa.Create(largestQ), lowest = TIsa.Create(cut);

            // The bits of what is above 0 are at least 1.
            V one = TIsa.CreateBits(1);
            double mass = 0, product = 0;
            int whole = Width / TIsa.Width * TIsa.Width;
            for (int block = 0; block < whole; block += SumBlock)
            {
                V masses = TIsa.Zero, products = TIsa.Zero;
                int end = Math.Min(whole, block + SumBlock);
                for (int i = block; i < end; i += TIsa.Width)
                {
                    V x = TIsa.Load(p + i);
                    V above = TIsa.Max(TIsa.Subtract(x, lowest), TIsa.Zero);
                    V a = TIsa.Subtract(x, offsetP);
                    V e = TIsa.WhereAtLeast(above, one, VectorMath.Exp<V, TIsa>(a));
                    masses = TIsa.Add(masses, e);
                    products = TIsa.MultiplyAdd(e, TIsa.Subtract(a, TIsa.Subtract(TIsa.Load(q + i), offsetQ)), products);
                }

                mass += TIsa.Sum(masses);
                product += TIsa.Sum(products);
            }

            for (int i = whole; i < Width; i++)
            {
                if (p[i] > cut)
                {
                    double a = (double)p[i] - largestP;
                    double e = Math.Exp(a);
                    mass += e;
                    product += e * (a - ((double)q[i] - largestQ));
                }
            }

            return (mass, product);
        }
    }
}
