using Lapidary.Checkpoints;
using Lapidary.Checkpoints.Adapters;

namespace Lapidary.Tests.Common;

/// <summary>What adapters make of a weight, in plain loops and double precision.</summary>
public static class DenseUpdate
{
    /// <summary>W + the sum over the adapters of u (W' - W), where W' = W + s B A, or m (W + s B A) / ||W + s B A|| by rows.</summary>
    public static float[] Merge(Checkpoint model, string name, params ReadOnlySpan<(PeftAdapter Adapter, float Scale)> adapters)
    {
        Lapidary.Numerics.Tensor weight = model.GetTensor(name);
        int rows = (int)weight.Rows;
        int columns = (int)weight.RowLength;
        var merged = new float[rows * columns];
        for (int row = 0; row < rows; row++)
        {
            var stored = new float[columns];
            weight.DecodeRow(row, stored);
            double[] result = [.. stored.Select(value => (double)value)];
            foreach ((PeftAdapter adapter, float scale) in adapters)
            {
                if (!adapter.Pairs.TryGetValue(name, out LoraPair? pair))
                {
                    continue;
                }

                var changed = new double[columns];
                for (int i = 0; i < columns; i++)
                {
                    changed[i] = stored[i];
                    for (int k = 0; k < pair.Rank; k++)
                    {
                        changed[i] += pair.Scale * pair.B.AsFloats()[(row * pair.Rank) + k] * pair.A.AsFloats()[(k * columns) + i];
                    }
                }

                double gain = pair.Magnitude is null ? 1 : pair.Magnitude.AsFloats()[row] / Math.Sqrt(changed.Sum(value => value * value));
                for (int i = 0; i < columns; i++)
                {
                    result[i] += scale * ((gain * changed[i]) - stored[i]);
                }
            }

            for (int i = 0; i < columns; i++)
            {
                merged[(row * columns) + i] = (float)result[i];
            }
        }

        return merged;
    }
}
