using Lapidary.Numerics.Simd;
using Shouldly;
using Xunit;

namespace Lapidary.Numerics.Tests.Simd;

/// <content>Choices between elements, and the rounding to binary16.</content>
public unsafe partial class VectorIsaTests
{
    private static readonly float[] LeftNumbers =
        [1, 2, -1, 0, -0f, float.NaN, 1, float.PositiveInfinity, float.NegativeInfinity, 3, 1e-45f, -1e-45f, 5, 5.0000005f, float.NaN, 0];

    private static readonly float[] RightNumbers =
        [2, 1, -1, -0f, 0, 1, float.NaN, 1, 1, 3, 0, 0, 5.0000005f, 5, float.NaN, 1e-45f];

    [Fact]
    public void A_choice_is_made_for_each_element_and_NaN_is_neither_greater_nor_equal()
    {
        // All pairs of lanes and numbers.
        for (int shift = 0; shift < 16; shift++)
        {
            float[] left = [.. LeftNumbers[shift..], .. LeftNumbers[..shift]], right = [.. RightNumbers[shift..], .. RightNumbers[..shift]];
            var kernel = new SelectKernel { Left = left, Right = right, Greater = new float[16], Equal = new float[16] };
            VectorDispatch.Run(ref kernel);
            for (int i = 0; i < VectorDispatch.Width; i++)
            {
                kernel.Greater[i].ShouldBe(left[i] > right[i] ? 7 : -7, $"{left[i]} > {right[i]}");
                kernel.Equal[i].ShouldBe(left[i] == right[i] ? 7 : -7, $"{left[i]} = {right[i]}");
            }
        }
    }

    [Fact]
    public void Halves_are_the_nearest_ones_ties_to_even()
    {
        var inputs = new List<float> { float.NaN, float.PositiveInfinity, float.MaxValue, 65504, 65519.996f, 65520, 65536, float.Epsilon, 0 };
        for (int bits = 0; bits < 0x7bff; bits += 7)
        {
            float lower = (float)BitConverter.UInt16BitsToHalf((ushort)bits), upper = (float)BitConverter.UInt16BitsToHalf((ushort)(bits + 1));
            float middle = (lower + upper) / 2;
            inputs.AddRange([lower, MathF.BitDecrement(middle), middle, MathF.BitIncrement(middle)]);
        }

        inputs.AddRange(inputs.Select(x => -x).ToList());
        while (inputs.Count % 16 != 0)
        {
            inputs.Add(1);
        }

        var kernel = new HalfKernel { Input = [.. inputs], Result = new ushort[inputs.Count] };
        VectorDispatch.Run(ref kernel);
        for (int i = 0; i < inputs.Count; i++)
        {
            Half actual = BitConverter.UInt16BitsToHalf(kernel.Result[i]);
            ushort single = HalfRounding.Of(inputs[i]);
            if (float.IsNaN(inputs[i]))
            {
                Half.IsNaN(actual).ShouldBeTrue();
                Half.IsNaN(BitConverter.UInt16BitsToHalf(single)).ShouldBeTrue();
            }
            else if (BitConverter.HalfToUInt16Bits((Half)inputs[i]) != kernel.Result[i] || single != kernel.Result[i])
            {
                Assert.Fail($"{inputs[i]:r} became {actual} with vectors and {BitConverter.UInt16BitsToHalf(single)} alone.");
            }
        }
    }

    private struct SelectKernel : IVectorKernel
    {
        public float[] Left;
        public float[] Right;
        public float[] Greater;
        public float[] Equal;

        public readonly void Run<V, TIsa>()
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            fixed (float* l = Left, r = Right, greater = Greater, equal = Equal)
            {
                V left = TIsa.Load(l), right = TIsa.Load(r), yes = TIsa.Create(7), no = TIsa.Create(-7);
                TIsa.Store(greater, TIsa.SelectGreater(left, right, yes, no));
                TIsa.Store(equal, TIsa.SelectEqual(left, right, yes, no));
            }
        }
    }

    private struct HalfKernel : IVectorKernel
    {
        public float[] Input;
        public ushort[] Result;

        public readonly void Run<V, TIsa>()
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            fixed (float* input = Input)
            fixed (ushort* result = Result)
            {
                for (int i = 0; i < Input.Length; i += TIsa.Width)
                {
                    TIsa.StoreHalf(result + i, TIsa.Load(input + i));
                }
            }
        }
    }
}
