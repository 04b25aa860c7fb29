using Lapidary.Networks;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Simd;

namespace Lapidary.Cli.Models;

/// <summary>Size of the keys and values of one sequence, known before anything is allocated.</summary>
internal static class CacheMemory
{
    /// <summary>
    /// Bytes at a length of context: a local layer holds its window and the chunk in work, a global layer everything; each in whole
    /// blocks of <see cref="KeyValueStore.BlockLength"/> positions, keys as they are, values filled up to whole panels.
    /// </summary>
    public static long Bytes(Gemma3Config config, int context, int chunk)
    {
        long panel = 2L * VectorDispatch.Width;
        long width = config.HeadDimension + Up(config.HeadDimension, panel);
        return config.Layers.Sum(layer =>
            Up(Math.Min(context, (layer.Window ?? context) - 1L + Math.Min(context, chunk)), KeyValueStore.BlockLength)
            * config.KeyValueHeadCount * width * sizeof(float));
    }

    private static long Up(long value, long step) => (value + step - 1) / step * step;
}
