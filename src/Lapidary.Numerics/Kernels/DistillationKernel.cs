using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// Losses that draw a student's distribution to a teacher's, mixed with the cross-entropy, and their gradients. With logits z of the
/// student and t of the teacher, p = softmax(t / T), q = softmax(z / T) and d = ln p - ln q:
/// <code>
/// forward KL   L = sum p d                                            dL/dz = (q - p) / T
/// reverse KL   L = -sum q d                                           dL/dz = q (-d - L) / T
/// JSD          L = -beta sum p ln(beta + (1 - beta) e^-d)
///                  - (1 - beta) sum q ln(beta e^d + 1 - beta)         dL/dz = (1 - beta) q (h - sum q h) / T
///              with h = ln(q / m) = -ln(beta e^d + 1 - beta)
/// CE           L = -ln softmax(z)[target]                             dL/dz = softmax(z) - onehot(target)
/// </code>
/// All but the last follow from dL/dz_v = q_v (f_v - sum q f) / T with f = dL/dq. Forward KL: f = -p / q. Reverse KL: f = -d + 1, whose
/// constant drops out. JSD: dm/dq = 1 - beta, so f = (1 - beta) (-beta p / m + ln(q / m) + 1 - (1 - beta) q / m), and as
/// beta p + (1 - beta) q = m this is (1 - beta) ln(q / m).
/// </summary>
public static unsafe class DistillationKernel
{
    /// <summary>Computes the losses of rows and, where asked for, replaces the student's logits by the gradient.</summary>
    /// <param name="pool">Workers that share the rows.</param>
    /// <param name="student">z [rows, vocabulary]; with <paramref name="gradient"/> replaced by dL/dz * GradientFactor.</param>
    /// <param name="teacher">t [rows, vocabulary]; any number may be added to all logits of a row. Not changed.</param>
    /// <param name="targets">[rows]: the right token of each row; a negative number for a row that does not count, whose losses and
    /// gradient are zero.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="vocabulary">Length of a row.</param>
    /// <param name="factors">What is mixed.</param>
    /// <param name="losses">Receives the losses [rows]. NaN or infinity in a row's logits is found again here.</param>
    /// <param name="gradient">Whether the gradient is wanted.</param>
    /// <exception cref="ArgumentException">A target is not below the vocabulary, or a span is too short.</exception>
    public static void Apply(
        WorkerPool pool,
        float* student,
        float* teacher,
        ReadOnlySpan<int> targets,
        int rows,
        int vocabulary,
        in DistillationFactors factors,
        Span<DistillationRow> losses,
        bool gradient)
    {
        if (targets.Length < rows || losses.Length < rows)
        {
            throw new ArgumentException($"{rows} rows need as many targets and losses, not {targets.Length} and {losses.Length}.");
        }

        foreach (int target in targets[..rows])
        {
            if (target >= vocabulary)
            {
                throw new ArgumentException($"A target must be below the vocabulary of {vocabulary}, not {target}.");
            }
        }

        fixed (int* firstTarget = targets)
        fixed (DistillationRow* firstLoss = losses)
        {
            var job = new DistillationJob(
                student, teacher, firstTarget, firstLoss, rows, vocabulary, Canonical(factors), gradient);
            SharedWork.Run(pool, ref job, 16L * rows * vocabulary);
        }
    }

    /// <summary>The same for one row in plain scalar code and double precision.</summary>
    /// <param name="student">z [vocabulary].</param>
    /// <param name="teacher">t [vocabulary].</param>
    /// <param name="target">The right token, or a negative number.</param>
    /// <param name="factors">What is mixed.</param>
    /// <param name="gradient">Receives dL/dz * GradientFactor [vocabulary]; empty if it is not wanted.</param>
    public static DistillationRow Reference(
        ReadOnlySpan<double> student, ReadOnlySpan<double> teacher, int target, in DistillationFactors factors, Span<double> gradient)
    {
        if (target < 0)
        {
            gradient.Clear();
            return default;
        }

        DistillationFactors canonical = Canonical(factors);
        int count = student.Length;
        double temperature = canonical.Temperature, beta = canonical.Beta;
        double[] p = LogSoftmax(teacher, temperature), q = LogSoftmax(student, temperature), plain = LogSoftmax(student, 1);
        double divergence = 0, mean = 0;
        var weighted = new double[count];
        for (int v = 0; v < count; v++)
        {
            // The loss, and q times its derivative by q.
            double d = p[v] - q[v];
            double mixture = AddExponentials(p[v] + Math.Log(beta), q[v] + Math.Log(1 - beta));
            (double loss, weighted[v]) = canonical.Divergence switch
            {
                DivergenceKind.ForwardKl => (Math.Exp(p[v]) * d, -Math.Exp(p[v])),
                DivergenceKind.ReverseKl => (-Math.Exp(q[v]) * d, -Math.Exp(q[v]) * d),
                _ => (
                    (beta * Math.Exp(p[v]) * (p[v] - mixture)) + ((1 - beta) * Math.Exp(q[v]) * (q[v] - mixture)),
                    (1 - beta) * Math.Exp(q[v]) * (q[v] - mixture)),
            };
            divergence += loss;
            mean += weighted[v];
        }

        for (int v = 0; v < gradient.Length; v++)
        {
            double entropyGradient = Math.Exp(plain[v]) - (v == target ? 1 : 0);
            gradient[v] = canonical.GradientFactor
                * ((canonical.DivergenceWeight * (weighted[v] - (Math.Exp(q[v]) * mean)) / temperature)
                    + (canonical.CrossEntropyWeight * entropyGradient));
        }

        double total = (canonical.DivergenceWeight * divergence) - (canonical.CrossEntropyWeight * plain[target]);
        return new DistillationRow(total, divergence, -plain[target]);
    }

    private static double AddExponentials(double left, double right) =>
        Math.Max(left, right) + Math.Log(1 + Math.Exp(-Math.Abs(left - right)));

    private static double[] LogSoftmax(ReadOnlySpan<double> logits, double temperature)
    {
        double largest = double.NegativeInfinity, sum = 0;
        foreach (double logit in logits)
        {
            largest = Math.Max(largest, logit);
        }

        foreach (double logit in logits)
        {
            sum += Math.Exp((logit - largest) / temperature);
        }

        var result = new double[logits.Length];
        for (int v = 0; v < result.Length; v++)
        {
            result[v] = ((logits[v] - largest) / temperature) - Math.Log(sum);
        }

        return result;
    }

    /// <summary>The ends of the generalised JSD under their own names.</summary>
    private static DistillationFactors Canonical(in DistillationFactors factors) =>
        (factors.Divergence, factors.Beta) switch
        {
            (DivergenceKind.JensenShannon, 0) => factors with { Divergence = DivergenceKind.ForwardKl },
            (DivergenceKind.JensenShannon, 1) => factors with { Divergence = DivergenceKind.ReverseKl },
            _ => factors,
        };
}
