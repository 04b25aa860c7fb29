using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// The rows of <see cref="DistillationKernel"/>, each done by one worker in three sweeps for the losses and one for the gradient. Within a
/// block of a row sums are made in float vectors, across blocks in double precision.
/// </summary>
internal unsafe struct DistillationJob : IParallelJob, IParallelVectorKernel
{
    private const int BlockLength = 1024;

    // What stands beyond the end of a row in the last vector: no probability, and no difference between the two.
    private const float Nothing = -1e30f;

    private readonly float* student;
    private readonly float* teacher;
    private readonly int* targets;
    private readonly DistillationRow* losses;
    private readonly int vocabulary;
    private readonly DistillationFactors factors;
    private readonly bool gradient;
    private SharedRows rows;

    public DistillationJob(
        float* student,
        float* teacher,
        int* targets,
        DistillationRow* losses,
        int rows,
        int vocabulary,
        DistillationFactors factors,
        bool gradient)
    {
        this.student = student;
        this.teacher = teacher;
        this.targets = targets;
        this.losses = losses;
        this.vocabulary = vocabulary;
        this.factors = factors;
        this.gradient = gradient;
        this.rows = new SharedRows(rows);
    }

    public void Execute(int worker, int workers) => VectorDispatch.Run(ref this, worker, workers);

    public void Run<V, TIsa>(int worker, int workers)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        while (rows.TryTake(workers, out int start, out int end))
        {
            for (int row = start; row < end; row++)
            {
                long offset = (long)row * vocabulary;
                losses[row] = Apply<V, TIsa>(student + offset, teacher + offset, targets[row]);
            }
        }
    }

    private readonly DistillationRow Apply<V, TIsa>(float* z, float* t, int target)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        if (target < 0)
        {
            if (gradient)
            {
                new Span<float>(z, vocabulary).Clear();
            }

            return default;
        }

        var extremes = new ExtremesSweep<V>(TIsa.Create(float.NegativeInfinity));
        Sweep<V, TIsa, ExtremesSweep<V>>(z, t, ref extremes);
        float largestStudent = TIsa.MaxElement(extremes.Student), largestTeacher = TIsa.MaxElement(extremes.Teacher);
        if (TIsa.Sum(extremes.Check) != 0)
        {
            // The vector minimum and maximum may drop a NaN: it has to be put back.
            if (gradient)
            {
                new Span<float>(z, vocabulary).Fill(float.NaN);
            }

            return new DistillationRow(double.NaN, double.NaN, double.NaN);
        }

        float inverse = (float)(1 / factors.Temperature);
        var scale = new DistillationScale<V>(TIsa.Create(largestStudent), TIsa.Create(largestTeacher), TIsa.Create(inverse));
        var sums = new SumsSweep<V>(scale, TIsa.Zero);
        Sweep<V, TIsa, SumsSweep<V>>(z, t, ref sums);

        scale.LogRatio = TIsa.Create((float)(Math.Log(sums.TeacherTotal) - Math.Log(sums.StudentTotal)));
        var parts = new LossSweep<V>(scale, TIsa.Zero, factors.Divergence, (float)factors.Beta);
        Sweep<V, TIsa, LossSweep<V>>(z, t, ref parts);
        double teacherPart = parts.TeacherTotal / sums.TeacherTotal, studentPart = parts.StudentTotal / sums.StudentTotal;
        double divergence = factors.Divergence switch
        {
            DivergenceKind.ForwardKl => teacherPart,
            DivergenceKind.ReverseKl => studentPart,
            _ => (factors.Beta * teacherPart) + ((1 - factors.Beta) * studentPart),
        };
        double entropy = Math.Log(sums.PlainTotal) + largestStudent - z[target];
        double total = (factors.DivergenceWeight * divergence) + (factors.CrossEntropyWeight * entropy);
        if (gradient)
        {
            WriteGradient<V, TIsa>(z, t, in scale, in sums, (float)studentPart);
            z[target] -= (float)(factors.GradientFactor * factors.CrossEntropyWeight);
        }

        return new DistillationRow(total, divergence, entropy);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Sweep<V, TIsa, TSweep>(float* z, float* t, ref TSweep sweep)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
        where TSweep : struct, IRowSweep<V>
    {
        float* padded = stackalloc float[32];
        for (int start = 0; start < vocabulary; start += BlockLength)
        {
            int end = Math.Min(vocabulary, start + BlockLength);
            int v = start;
            for (; v + TIsa.Width <= end; v += TIsa.Width)
            {
                sweep.Add<TIsa>(TIsa.Load(z + v), TIsa.Load(t + v));
            }

            if (v < end)
            {
                Pad(z + v, padded, end - v);
                Pad(t + v, padded + 16, end - v);
                sweep.Add<TIsa>(TIsa.Load(padded), TIsa.Load(padded + 16));
            }

            sweep.EndBlock<TIsa>();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void WriteGradient<V, TIsa>(
        float* z, float* t, in DistillationScale<V> scale, in SumsSweep<V> sums, float studentPart)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        double weight = factors.GradientFactor * factors.DivergenceWeight / factors.Temperature;
        var terms = new GradientTerms<V>(
            factors.Divergence,
            TIsa.Create((float)(weight / sums.TeacherTotal)),
            TIsa.Create((float)(weight / sums.StudentTotal)),
            TIsa.Create((float)(factors.GradientFactor * factors.CrossEntropyWeight / sums.PlainTotal)),
            TIsa.Create(studentPart),
            (float)factors.Beta);
        DistillationScale<V> local = scale;
        int v = 0;
        for (; v + TIsa.Width <= vocabulary; v += TIsa.Width)
        {
            TIsa.Store(z + v, terms.Apply<TIsa>(in local, TIsa.Load(z + v), TIsa.Load(t + v)));
        }

        if (v < vocabulary)
        {
            float* padded = stackalloc float[32];
            Pad(z + v, padded, vocabulary - v);
            Pad(t + v, padded + 16, vocabulary - v);
            TIsa.Store(padded, terms.Apply<TIsa>(in local, TIsa.Load(padded), TIsa.Load(padded + 16)));
            new ReadOnlySpan<float>(padded, vocabulary - v).CopyTo(new Span<float>(z + v, vocabulary - v));
        }
    }

    private static void Pad(float* source, float* padded, int count)
    {
        new ReadOnlySpan<float>(source, count).CopyTo(new Span<float>(padded, count));
        new Span<float>(padded + count, 16 - count).Fill(Nothing);
    }
}
