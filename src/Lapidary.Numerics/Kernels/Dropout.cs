using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// Dropout (Srivastava et al. 2014) in its inverted form: an element is set to zero with probability p and multiplied by 1 / (1 - p)
/// otherwise, so that its expectation stays what it was and nothing has to be done without training.
/// </summary>
/// <remarks>
/// Element i is dropped when word i of <see cref="RandomBits"/> under the seed is below p * 2^32. The mask is a function of the seed and
/// the position: the backward pass makes it again instead of reading it from memory.
/// </remarks>
public static unsafe class Dropout
{
    /// <summary>output[i] = input[i] / (1 - p), or 0 where the element is dropped; output may be input.</summary>
    /// <param name="pool">Workers that share the elements.</param>
    /// <param name="input">[count].</param>
    /// <param name="output">[count].</param>
    /// <param name="count">Number of elements.</param>
    /// <param name="probability">p, the share that is dropped: at least 0, below 1.</param>
    /// <param name="seed">What the mask depends on: a mix of the run's seed, the step, the micro-batch and the place in the network.</param>
    /// <exception cref="ArgumentOutOfRangeException">The probability is not in [0, 1).</exception>
    public static void Forward(WorkerPool pool, float* input, float* output, long count, double probability, ulong seed)
    {
        CheckProbability(probability);
        var job = new Job
        {
            Input = input,
            Output = output,
            Count = count,
            Threshold = ThresholdOf(probability),
            Scale = ScaleOf(probability),
            Seed = seed,
            Units = new SharedRows(checked((int)((count + Job.Unit - 1) / Job.Unit))),
        };
        SharedWork.Run(pool, ref job, 4 * count);
    }

    /// <summary>
    /// Given the gradient of the output, the gradient of the input: since y = mask * x / (1 - p), it is the same function with the same
    /// mask. Arguments as in <see cref="Forward"/>, the seed above all.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The probability is not in [0, 1).</exception>
    public static void Backward(
        WorkerPool pool, float* outputGradient, float* inputGradient, long count, double probability, ulong seed)
        => Forward(pool, outputGradient, inputGradient, count, probability, seed);

    /// <summary><see cref="Forward"/> in plain scalar code.</summary>
    public static void Reference(ReadOnlySpan<float> input, Span<float> output, double probability, ulong seed)
    {
        CheckProbability(probability);
        uint threshold = ThresholdOf(probability);
        float scale = ScaleOf(probability);
        for (int i = 0; i < input.Length; i++)
        {
            output[i] = RandomBits.Reference((ulong)i, 0, seed) >= threshold ? input[i] * scale : 0;
        }
    }

    private static void CheckProbability(double probability)
    {
        if (!(probability >= 0 && probability < 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(probability), probability, "The share of elements that are dropped lies between 0 and 1, 1 excluded.");
        }
    }

    private static uint ThresholdOf(double probability) => (uint)Math.Min(uint.MaxValue, Math.Round(probability * 4294967296.0));

    private static float ScaleOf(double probability) => (float)(1 / (1 - probability));

    private struct Job : IParallelJob, IParallelVectorKernel
    {
        // Elements that are taken at a time: whole groups of random words.
        public const int Unit = 16 * RandomBits.GroupLength;

        public float* Input;
        public float* Output;
        public long Count;
        public uint Threshold;
        public float Scale;
        public ulong Seed;
        public SharedRows Units;

        public void Execute(int worker, int workers) => VectorDispatch.Run(ref this, worker, workers);

        public void Run<V, TIsa>(int worker, int workers)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            while (Units.TryTake(workers, out int start, out int end))
            {
                Apply<V, TIsa>((long)start * Unit, Math.Min(Count, (long)end * Unit));
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Apply<V, TIsa>(long start, long end)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            const int Length = RandomBits.GroupLength;
            uint* words = stackalloc uint[Length];
            V threshold = TIsa.CreateBits(Threshold), scale = TIsa.Create(Scale);
            for (long group = start / Length; group * Length < end; group++)
            {
                RandomBits.Fill<V, TIsa>(words, (ulong)group, 0, Seed);
                float* x = Input + (group * Length);
                float* y = Output + (group * Length);
                int length = (int)Math.Min(Length, end - (group * Length));
                int i = 0;
                for (; i + TIsa.Width <= length; i += TIsa.Width)
                {
                    V scaled = TIsa.Multiply(TIsa.Load(x + i), scale);
                    TIsa.Store(y + i, TIsa.WhereAtLeast(TIsa.Load((float*)(words + i)), threshold, scaled));
                }

                for (; i < length; i++)
                {
                    y[i] = words[i] >= Threshold ? x[i] * Scale : 0;
                }
            }
        }
    }
}
