using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// Rotary position embedding (Su et al. 2021) in the half-split pairing of Gemma: elements j and j + d/2 of a head turn by the angle
/// position * base^(-2j/d) / factor.
/// </summary>
public static unsafe class RotaryEmbedding
{
    /// <summary>
    /// Writes the cosines and sines of a run of positions. Angles are computed in double precision, where float32 loses up to
    /// 5e-3 radians at position 131071.
    /// </summary>
    /// <param name="positions">The positions, one per token.</param>
    /// <param name="headDimension">d, even.</param>
    /// <param name="frequencyBase">theta: 10000 in Gemma's local layers, 1000000 in the global ones.</param>
    /// <param name="factor">The linear scaling of positions: 8 in the global layers of Gemma 3 4B and up.</param>
    /// <param name="table">Receives [tokens, d]: d/2 cosines, then d/2 sines.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FillTable(ReadOnlySpan<int> positions, int headDimension, double frequencyBase, double factor, float* table)
    {
        int half = headDimension / 2;
        double* frequencies = stackalloc double[half];
        for (int j = 0; j < half; j++)
        {
            frequencies[j] = Math.Pow(frequencyBase, -2.0 * j / headDimension) / factor;
        }

        for (int token = 0; token < positions.Length; token++)
        {
            float* row = table + ((nint)token * headDimension);
            for (int j = 0; j < half; j++)
            {
                (double sine, double cosine) = Math.SinCos(positions[token] * frequencies[j]);
                row[j] = (float)cosine;
                row[half + j] = (float)sine;
            }
        }
    }

    /// <summary>Rotates all heads of all tokens in place.</summary>
    /// <param name="pool">Workers that share the tokens.</param>
    /// <param name="values">[tokens, heads, headDimension].</param>
    /// <param name="table">What <see cref="FillTable"/> wrote for the tokens' positions.</param>
    /// <param name="tokens">Number of tokens.</param>
    /// <param name="heads">Heads per token.</param>
    /// <param name="headDimension">d.</param>
    public static void Forward(WorkerPool pool, float* values, float* table, int tokens, int heads, int headDimension)
        => Rotate(pool, values, table, tokens, heads, headDimension, direction: 1);

    /// <summary>
    /// Turns the gradient of the rotated heads into the gradient of the heads before, in place: a rotation is orthogonal, so its
    /// transpose is the rotation by the opposite angles.
    /// </summary>
    /// <param name="pool">Workers that share the tokens.</param>
    /// <param name="gradient">[tokens, heads, headDimension].</param>
    /// <param name="table">The table that <see cref="Forward"/> was given.</param>
    /// <param name="tokens">Number of tokens.</param>
    /// <param name="heads">Heads per token.</param>
    /// <param name="headDimension">d.</param>
    public static void Backward(WorkerPool pool, float* gradient, float* table, int tokens, int heads, int headDimension)
        => Rotate(pool, gradient, table, tokens, heads, headDimension, direction: -1);

    /// <summary>The same in plain scalar code, for one head of one token; the backward rotation is that of the negative position.</summary>
    public static void Reference(Span<float> head, int position, double frequencyBase, double factor)
    {
        int half = head.Length / 2;
        for (int j = 0; j < half; j++)
        {
            double angle = position * Math.Pow(frequencyBase, -2.0 * j / head.Length) / factor;
            double x = head[j], y = head[half + j];
            head[j] = (float)((x * Math.Cos(angle)) - (y * Math.Sin(angle)));
            head[half + j] = (float)((y * Math.Cos(angle)) + (x * Math.Sin(angle)));
        }
    }

    private static void Rotate(WorkerPool pool, float* values, float* table, int tokens, int heads, int headDimension, float direction)
    {
        var job = new Job
        {
            Values = values,
            Table = table,
            Tokens = new SharedRows(tokens),
            Heads = heads,
            HeadDimension = headDimension,
            Direction = direction,
        };
        SharedWork.Run(pool, ref job, (long)tokens * heads * headDimension);
    }

    private struct Job : IParallelJob, IParallelVectorKernel
    {
        public float* Values;
        public float* Table;
        public SharedRows Tokens;
        public int Heads;
        public int HeadDimension;

        /// <summary>1 or -1, the factor of the sines.</summary>
        public float Direction;

        public void Execute(int worker, int workers) => VectorDispatch.Run(ref this, worker, workers);

        public void Run<V, TIsa>(int worker, int workers)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            while (Tokens.TryTake(workers, out int start, out int end))
            {
                Rotate<V, TIsa>(start, end);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Rotate<V, TIsa>(int start, int end)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            int half = HeadDimension / 2;
            V direction = TIsa.Create(Direction);
            for (int token = start; token < end; token++)
            {
                float* cosines = Table + ((nint)token * HeadDimension);
                float* sines = cosines + half;
                for (int head = 0; head < Heads; head++)
                {
                    float* x = Values + ((((nint)token * Heads) + head) * HeadDimension);
                    float* y = x + half;
                    int j = 0;
                    for (; j + TIsa.Width <= half; j += TIsa.Width)
                    {
                        V cosine = TIsa.Load(cosines + j), sine = TIsa.Multiply(TIsa.Load(sines + j), direction);
                        V u = TIsa.Load(x + j), v = TIsa.Load(y + j);
                        TIsa.Store(x + j, TIsa.Subtract(TIsa.Multiply(u, cosine), TIsa.Multiply(v, sine)));
                        TIsa.Store(y + j, TIsa.MultiplyAdd(v, cosine, TIsa.Multiply(u, sine)));
                    }

                    for (; j < half; j++)
                    {
                        float u = x[j], v = y[j], sine = sines[j] * Direction;
                        x[j] = (u * cosines[j]) - (v * sine);
                        y[j] = (v * cosines[j]) + (u * sine);
                    }
                }
            }
        }
    }
}
