using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Kernels;

/// <summary>Something that is gathered from all logits of a row, student's and teacher's side by side.</summary>
internal interface IRowSweep<V>
    where V : struct
{
    /// <summary>Takes a vector of each.</summary>
    void Add<TIsa>(V student, V teacher)
        where TIsa : struct, IVectorIsa<V>;

    /// <summary>Carries what the vectors hold into double precision.</summary>
    void EndBlock<TIsa>()
        where TIsa : struct, IVectorIsa<V>;
}

/// <summary>From logits to exponents that are not positive: (z - max z) / T and (t - max t) / T.</summary>
internal struct DistillationScale<V>(V largestStudent, V largestTeacher, V inverseTemperature)
    where V : struct
{
    /// <summary>ln of the teacher's sum of exponentials, less that of the student's.</summary>
    public V LogRatio;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly V Shifted<TIsa>(V student)
        where TIsa : struct, IVectorIsa<V>
        => TIsa.Subtract(student, largestStudent);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly V Student<TIsa>(V student)
        where TIsa : struct, IVectorIsa<V>
        => TIsa.Multiply(TIsa.Subtract(student, largestStudent), inverseTemperature);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly V Teacher<TIsa>(V teacher)
        where TIsa : struct, IVectorIsa<V>
        => TIsa.Multiply(TIsa.Subtract(teacher, largestTeacher), inverseTemperature);

    /// <summary>
    /// d = ln p - ln q of scaled exponents. Both were taken from the largest logit first: likely tokens have small numbers, so that
    /// what is rounded is rounded where it carries little weight.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly V LogOdds<TIsa>(V student, V teacher)
        where TIsa : struct, IVectorIsa<V>
        => TIsa.Subtract(TIsa.Subtract(teacher, student), LogRatio);
}

/// <summary>The largest logits, and whether all are finite: 0 times anything else is NaN.</summary>
internal struct ExtremesSweep<V>(V lowest) : IRowSweep<V>
    where V : struct
{
    public V Student = lowest;
    public V Teacher = lowest;
    public V Check;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add<TIsa>(V student, V teacher)
        where TIsa : struct, IVectorIsa<V>
    {
        Student = TIsa.Max(Student, student);
        Teacher = TIsa.Max(Teacher, teacher);
        Check = TIsa.MultiplyAdd(student, TIsa.Zero, TIsa.MultiplyAdd(teacher, TIsa.Zero, Check));
    }

    public readonly void EndBlock<TIsa>()
        where TIsa : struct, IVectorIsa<V>
    {
    }
}

/// <summary>The sums of exponentials: student and teacher at the temperature, student at temperature 1.</summary>
internal struct SumsSweep<V>(DistillationScale<V> scale, V zero) : IRowSweep<V>
    where V : struct
{
    public double StudentTotal;
    public double TeacherTotal;
    public double PlainTotal;

    private V student = zero;
    private V teacher = zero;
    private V plain = zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add<TIsa>(V z, V t)
        where TIsa : struct, IVectorIsa<V>
    {
        student = TIsa.Add(student, VectorMath.Exp<V, TIsa>(scale.Student<TIsa>(z)));
        teacher = TIsa.Add(teacher, VectorMath.Exp<V, TIsa>(scale.Teacher<TIsa>(t)));
        plain = TIsa.Add(plain, VectorMath.Exp<V, TIsa>(scale.Shifted<TIsa>(z)));
    }

    public void EndBlock<TIsa>()
        where TIsa : struct, IVectorIsa<V>
    {
        StudentTotal += TIsa.Sum(student);
        TeacherTotal += TIsa.Sum(teacher);
        PlainTotal += TIsa.Sum(plain);
        student = TIsa.Zero;
        teacher = TIsa.Zero;
        plain = TIsa.Zero;
    }
}

/// <summary>
/// The parts of a divergence, each times the sum of exponentials of its distribution: the teacher's, sum p (ln p - ln m), and the
/// student's, sum q (ln q - ln m), where m is q for the forward and p for the reverse KL.
/// </summary>
internal struct LossSweep<V>(DistillationScale<V> scale, V zero, DivergenceKind kind, float beta) : IRowSweep<V>
    where V : struct
{
    public double StudentTotal;
    public double TeacherTotal;

    private V student = zero;
    private V teacher = zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add<TIsa>(V z, V t)
        where TIsa : struct, IVectorIsa<V>
    {
        V scaledStudent = scale.Student<TIsa>(z), scaledTeacher = scale.Teacher<TIsa>(t);
        V d = scale.LogOdds<TIsa>(scaledStudent, scaledTeacher);
        switch (kind)
        {
            case DivergenceKind.ForwardKl:
                teacher = TIsa.MultiplyAdd(VectorMath.Exp<V, TIsa>(scaledTeacher), d, teacher);
                break;
            case DivergenceKind.ReverseKl:
                student = TIsa.Subtract(student, TIsa.Multiply(VectorMath.Exp<V, TIsa>(scaledStudent), d));
                break;
            default:
                V h = LogShare<TIsa>(ref d, beta);
                teacher = TIsa.MultiplyAdd(VectorMath.Exp<V, TIsa>(scaledTeacher), TIsa.Add(d, h), teacher);
                student = TIsa.MultiplyAdd(VectorMath.Exp<V, TIsa>(scaledStudent), h, student);
                break;
        }
    }

    public void EndBlock<TIsa>()
        where TIsa : struct, IVectorIsa<V>
    {
        StudentTotal += TIsa.Sum(student);
        TeacherTotal += TIsa.Sum(teacher);
        student = TIsa.Zero;
        teacher = TIsa.Zero;
    }

    /// <summary>
    /// ln(q / m) = -ln(beta e^d + 1 - beta). Beyond 80 d is cut off: there one of the two has less than 1e-34 of the other's
    /// probability, and what counts, h for the student and d + h for the teacher, has long reached its limit.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V LogShare<TIsa>(ref V d, float beta)
        where TIsa : struct, IVectorIsa<V>
    {
        d = TIsa.Min(TIsa.Max(d, TIsa.Create(-80f)), TIsa.Create(80f));
        V mixture = TIsa.MultiplyAdd(VectorMath.Exp<V, TIsa>(d), TIsa.Create(beta), TIsa.Create(1 - beta));
        return TIsa.Subtract(TIsa.Zero, VectorMath.Log<V, TIsa>(mixture));
    }
}

/// <summary>The gradient of a row, all factors that are the same for its logits gathered beforehand.</summary>
internal readonly struct GradientTerms<V>(DivergenceKind kind, V teacherFactor, V studentFactor, V plainFactor, V mean, float beta)
    where V : struct
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<TIsa>(in DistillationScale<V> scale, V z, V t)
        where TIsa : struct, IVectorIsa<V>
    {
        V scaledStudent = scale.Student<TIsa>(z), scaledTeacher = scale.Teacher<TIsa>(t);
        V q = TIsa.Multiply(VectorMath.Exp<V, TIsa>(scaledStudent), studentFactor);
        V plain = TIsa.Multiply(VectorMath.Exp<V, TIsa>(scale.Shifted<TIsa>(z)), plainFactor);
        switch (kind)
        {
            case DivergenceKind.ForwardKl:
                V p = TIsa.Multiply(VectorMath.Exp<V, TIsa>(scaledTeacher), teacherFactor);
                return TIsa.Add(plain, TIsa.Subtract(q, p));
            case DivergenceKind.ReverseKl:
                V d = scale.LogOdds<TIsa>(scaledStudent, scaledTeacher);
                return TIsa.Subtract(plain, TIsa.Multiply(q, TIsa.Add(d, mean)));
            default:
                V odds = scale.LogOdds<TIsa>(scaledStudent, scaledTeacher);
                V h = LossSweep<V>.LogShare<TIsa>(ref odds, beta);
                V share = TIsa.Multiply(q, TIsa.Create(1 - beta));
                return TIsa.MultiplyAdd(share, TIsa.Subtract(h, mean), plain);
        }
    }
}
