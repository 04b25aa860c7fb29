namespace Lapidary.Numerics.Kernels;

/// <summary>How far a student's distribution q is from a teacher's p.</summary>
public enum DivergenceKind
{
    /// <summary>KL(p || q): the student must give mass wherever the teacher does.</summary>
    ForwardKl,

    /// <summary>KL(q || p): the student must not give mass where the teacher gives none.</summary>
    ReverseKl,

    /// <summary>
    /// The generalised Jensen-Shannon divergence beta KL(p || m) + (1 - beta) KL(q || m) with m = beta p + (1 - beta) q (Agarwal et al.
    /// 2024, "On-Policy Distillation of Language Models"). Like the reference implementations it is the forward KL at beta = 0 and
    /// the reverse KL at beta = 1, where the formula itself is zero.
    /// </summary>
    JensenShannon,
}
