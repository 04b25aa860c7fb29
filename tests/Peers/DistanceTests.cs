using Shouldly;
using Xunit;

namespace Lapidary.Peers.Tests;

/// <summary>The measure itself, which needs no peer.</summary>
public class DistanceTests
{
    [Fact]
    public void Distance_of_known_numbers()
    {
        // Two positions of two tokens: probabilities (1/4, 3/4) against (1/2, 1/2), and the same numbers twice.
        double[] reference = [0, Math.Log(3), 1, 2];
        float[] actual = [0, 0, 1, 2];

        Distance distance = Distance.Between(actual, reference, vocabulary: 2);

        distance.Largest.ShouldBe(Math.Log(3), 1e-12);
        distance.Rms.ShouldBe(Math.Log(3) / 2, 1e-12);
        distance.MeanKl.ShouldBe(((0.25 * Math.Log(0.5)) + (0.75 * Math.Log(1.5))) / 2, 1e-12);
        distance.WidestLostMargin.ShouldBe(Math.Log(3), 1e-12);
    }

    [Fact]
    public void A_number_that_is_not_finite_never_looks_like_agreement()
    {
        Distance distance = Distance.Between([float.NaN, 1, 2], [0, 1, 2], vocabulary: 3);

        distance.ShouldBe(new Distance(
            double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity));
    }
}
