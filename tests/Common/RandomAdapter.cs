using Lapidary.Checkpoints;
using Lapidary.Checkpoints.Adapters;
using Lapidary.Numerics;

namespace Lapidary.Tests.Common;

/// <summary>Writes LoRAs with random numbers for a model, all of A, B and the magnitudes far from what they begin as.</summary>
public static class RandomAdapter
{
    /// <summary>Writes one for every weight of the model that the configuration names.</summary>
    /// <returns>The folder.</returns>
    public static string Write(string folder, string model, LoraConfig config, int seed, float spread = 0.1f)
    {
        using Checkpoint checkpoint = Checkpoint.Open(model);
        var pairs = new List<LoraPair>();
        var random = new Random(seed);
        foreach (TensorInfo weight in checkpoint.Tensors.Values.Where(weight => weight.Shape.Length == 2))
        {
            string module = weight.Name[..^".weight".Length];
            if (weight.Name == TensorNames.Embedding || !config.IsTarget(module))
            {
                continue;
            }

            int rank = config.RankOf(module);
            pairs.Add(new LoraPair(
                weight.Name,
                Fill(random, spread, rank, weight.Shape[1]),
                Fill(random, spread, weight.Shape[0], rank),
                config.UseDora ? Magnitudes(checkpoint.GetTensor(weight.Name), random) : null,
                config.ScaleOf(module)));
        }

        PeftAdapter.Save(folder, config, pairs);
        foreach (LoraPair pair in pairs)
        {
            pair.A.Dispose();
            pair.B.Dispose();
            pair.Magnitude?.Dispose();
        }

        return folder;
    }

    private static Tensor Fill(Random random, float spread, params ReadOnlySpan<long> shape)
    {
        Tensor tensor = Tensor.Allocate(ElementType.F32, shape);
        foreach (ref float value in tensor.AsFloats())
        {
            value = ((random.NextSingle() * 2) - 1) * spread;
        }

        return tensor;
    }

    // Around the norms of the rows, where DoRA's magnitudes begin.
    private static Tensor Magnitudes(Tensor weight, Random random)
    {
        Tensor tensor = Tensor.Allocate(ElementType.F32, weight.Rows);
        var row = new float[weight.RowLength];
        for (int i = 0; i < weight.Rows; i++)
        {
            weight.DecodeRow(i, row);
            tensor.AsFloats()[i] = (float)(Math.Sqrt(row.Sum(value => (double)value * value)) * (0.5 + random.NextDouble()));
        }

        return tensor;
    }
}
