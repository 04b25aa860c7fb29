using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Lapidary.Numerics.Simd;

/// <summary>
/// 32 bytes as two vectors of 16. <see cref="Vector256{T}"/> would do the same where it is not accelerated, but through memory.
/// </summary>
public readonly struct Vector128Pair
{
    /// <summary>The first 16 bytes.</summary>
    public readonly Vector128<byte> Lower;

    /// <summary>The last 16 bytes.</summary>
    public readonly Vector128<byte> Upper;

    /// <summary>Joins two vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector128Pair(Vector128<byte> lower, Vector128<byte> upper)
    {
        Lower = lower;
        Upper = upper;
    }
}
