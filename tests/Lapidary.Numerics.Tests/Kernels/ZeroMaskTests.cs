using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;
using Shouldly;
using Xunit;

namespace Lapidary.Numerics.Tests.Kernels;

/// <summary>What belongs to zero weights is cleared, everything else stays.</summary>
public unsafe class ZeroMaskTests
{
    [Theory]
    [InlineData(ElementType.F32, 1)]
    [InlineData(ElementType.F32, 7)]
    [InlineData(ElementType.F32, 50_003)]
    [InlineData(ElementType.BF16, 50_003)]
    public void Elements_beside_zeros_are_cleared_and_counted(ElementType type, int count)
    {
        using Tensor weights = Tensor.Allocate(type, count);
        float[] values = RandomData.Floats(count, seed: 4, scale: 1);
        for (int i = 0; i < count; i++)
        {
            // Every third is 0 or -0; the smallest number there is is none of them.
            values[i] = (i % 6) switch { 0 => 0, 3 => -0f, 4 => float.Epsilon * (1 << 16), _ => values[i] };
            uint bits = BitConverter.SingleToUInt32Bits(values[i]);
            if (type == ElementType.F32)
            {
                ((uint*)weights.Data)[i] = bits;
            }
            else
            {
                ((ushort*)weights.Data)[i] = (ushort)(bits >> 16);
                values[i] = BitConverter.UInt32BitsToSingle(bits & 0xFFFF_0000);
            }
        }

        float[] target = RandomData.Floats(count, seed: 5, scale: 1);
        target[0] = float.NaN;
        float[] expected = [.. target];
        long zeros = ZeroMask.Reference(values, expected);
        zeros.ShouldBe(values.Count(value => value == 0));
        foreach (int threads in new[] { 1, 3 })
        {
            using var pool = new WorkerPool(threads);
            float[] actual = [.. target];
            fixed (float* pointer = actual)
            {
                ZeroMask.Apply(pool, weights, pointer).ShouldBe(zeros);
            }

            actual.AsSpan().SequenceEqual(expected).ShouldBeTrue();
        }
    }

    [Fact]
    public void Other_types_are_refused()
    {
        using var pool = new WorkerPool(1);
        using Tensor weights = Tensor.Allocate(ElementType.F16, 4);
        float* target = stackalloc float[4];
        float* copy = target;
        Should.Throw<ArgumentException>(() => ZeroMask.Apply(pool, weights, copy)).Message.ShouldContain("not F16");
    }
}
