using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Lapidary.Numerics.Simd;

/// <summary>A kernel written once for every instruction set: its arguments are its fields.</summary>
public interface IVectorKernel
{
    /// <summary>Runs the kernel with the operations of <typeparamref name="TIsa"/>.</summary>
    void Run<V, TIsa>()
        where V : struct
        where TIsa : struct, IVectorIsa<V>;
}

/// <summary>A kernel of which every worker of a region runs a share.</summary>
public interface IParallelVectorKernel
{
    /// <summary>Runs the share of <paramref name="worker"/> with the operations of <typeparamref name="TIsa"/>.</summary>
    void Run<V, TIsa>(int worker, int workers)
        where V : struct
        where TIsa : struct, IVectorIsa<V>;
}

/// <summary>A kernel that also works on blocks of 32 bytes.</summary>
public interface IByteKernel
{
    /// <summary>Runs the kernel with the operations of <typeparamref name="TIsa"/>.</summary>
    void Run<V, B, TIsa>()
        where V : struct
        where B : struct
        where TIsa : struct, IByteIsa<V, B>;
}

/// <summary>
/// The one place where the instruction set is chosen. The conditions are constants to the just-in-time compiler, so a call goes
/// straight to the copy of the kernel for this machine.
/// </summary>
public static class VectorDispatch
{
    /// <summary>
    /// Whether 512-bit vectors are used. <see cref="Vector512.IsHardwareAccelerated"/> is deliberately not asked: it is false on
    /// processors that lower their clock for such code, and these kernels gain all the same.
    /// </summary>
    public static bool UsesAvx512
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Avx512F.IsSupported && Avx512BW.IsSupported && Avx512DQ.IsSupported && Avx512F.VL.IsSupported;
    }

    /// <summary>Whether 256-bit vectors with fused multiply-add are used.</summary>
    public static bool UsesAvx2
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Avx2.IsSupported && Fma.IsSupported;
    }

    /// <summary>Name of the instruction set in use: "AVX-512", "AVX2" or "Vector128".</summary>
    public static string InstructionSet => UsesAvx512 ? "AVX-512" : UsesAvx2 ? "AVX2" : "Vector128";

    /// <summary>Floats in a vector of the instruction set in use.</summary>
    public static int Width => UsesAvx512 ? 16 : UsesAvx2 ? 8 : 4;

    /// <summary>Runs <paramref name="kernel"/> with the widest vectors of this machine.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<TKernel>(ref TKernel kernel)
        where TKernel : struct, IVectorKernel
    {
        if (UsesAvx512)
        {
            kernel.Run<Vector512<float>, Avx512Isa>();
        }
        else if (UsesAvx2)
        {
            kernel.Run<Vector256<float>, Avx2Isa>();
        }
        else
        {
            kernel.Run<Vector128<float>, PortableIsa>();
        }
    }

    /// <summary>Runs a worker's share of <paramref name="kernel"/> with the widest vectors of this machine.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<TKernel>(ref TKernel kernel, int worker, int workers)
        where TKernel : struct, IParallelVectorKernel
    {
        if (UsesAvx512)
        {
            kernel.Run<Vector512<float>, Avx512Isa>(worker, workers);
        }
        else if (UsesAvx2)
        {
            kernel.Run<Vector256<float>, Avx2Isa>(worker, workers);
        }
        else
        {
            kernel.Run<Vector128<float>, PortableIsa>(worker, workers);
        }
    }

    /// <summary>Runs <paramref name="kernel"/> with the widest vectors of this machine.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void RunBytes<TKernel>(ref TKernel kernel)
        where TKernel : struct, IByteKernel
    {
        if (UsesAvx512)
        {
            kernel.Run<Vector512<float>, Vector256<byte>, Avx512Isa>();
        }
        else if (UsesAvx2)
        {
            kernel.Run<Vector256<float>, Vector256<byte>, Avx2Isa>();
        }
        else
        {
            kernel.Run<Vector128<float>, Vector128Pair, PortableIsa>();
        }
    }
}
