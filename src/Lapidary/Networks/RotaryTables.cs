using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Memory;

namespace Lapidary.Networks;

/// <summary>The angles of a batch's positions, computed once a pass for each kind of layer, in memory that is kept from pass to pass.</summary>
public sealed unsafe class RotaryTables : IDisposable
{
    private readonly List<(RotarySpec Spec, NativeMemoryBlock Table, bool Filled)> tables = [];

    /// <summary>A pass with other positions begins.</summary>
    public void Clear()
    {
        for (int i = 0; i < tables.Count; i++)
        {
            tables[i] = tables[i] with { Filled = false };
        }
    }

    /// <summary>What <see cref="RotaryEmbedding.FillTable"/> writes, [positions, head dimension]; valid until the next pass.</summary>
    /// <param name="positions">The positions of the pass, one a row.</param>
    /// <param name="spec">The kind of layer.</param>
    public float* Get(ReadOnlySpan<int> positions, RotarySpec spec)
    {
        long bytes = (long)positions.Length * spec.HeadDimension * sizeof(float);
        int index = 0;
        while (index < tables.Count && tables[index].Spec != spec)
        {
            index++;
        }

        if (index == tables.Count)
        {
            tables.Add((spec, new NativeMemoryBlock(bytes), false));
        }

        (_, NativeMemoryBlock memory, bool filled) = tables[index];
        if (!filled)
        {
            if (memory.ByteLength < bytes)
            {
                memory.Dispose();
                memory = new NativeMemoryBlock(bytes);
            }

            RotaryEmbedding.FillTable(positions, spec.HeadDimension, spec.FrequencyBase, spec.Factor, (float*)memory.Pointer);
            tables[index] = (spec, memory, true);
        }

        return (float*)memory.Pointer;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((_, NativeMemoryBlock table, _) in tables)
        {
            table.Dispose();
        }
    }
}
