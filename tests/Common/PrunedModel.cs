using Lapidary.Checkpoints;
using Lapidary.Numerics;

namespace Lapidary.Tests.Common;

/// <summary>A copy of a model with zeros where weights of its matrices were, as unstructured pruning leaves it.</summary>
public static class PrunedModel
{
    /// <summary>Copies a folder or a GGUF file of BF16, F16 or Q8_0 matrices and sets a random share of their elements to zero.</summary>
    /// <param name="source">The model.</param>
    /// <param name="target">The folder or the file to write.</param>
    /// <param name="share">Share of zeros, 0 to 1.</param>
    /// <param name="which">Which matrices by canonical name; all where it is null.</param>
    public static string Write(string source, string target, double share, Func<string, bool>? which = null)
    {
        TensorInfo[] tensors;
        using (Checkpoint checkpoint = Checkpoint.Open(source))
        {
            tensors = [.. checkpoint.Tensors.Values.Where(info => info.Shape.Length == 2 && which?.Invoke(info.Name) != false)];
        }

        bool isFile = File.Exists(source);
        if (!isFile)
        {
            Directory.CreateDirectory(target);
        }

        foreach (string file in isFile ? [source] : Directory.GetFiles(source))
        {
            byte[] bytes = File.ReadAllBytes(file);
            foreach (TensorInfo info in tensors.Where(info => Path.GetFullPath(info.File) == Path.GetFullPath(file)))
            {
                Clear(bytes.AsSpan((int)info.Offset, (int)info.ByteLength), info.Type.ElementType!.Value, share);
            }

            File.WriteAllBytes(isFile ? target : Path.Combine(target, Path.GetFileName(file)), bytes);
        }

        return target;
    }

    private static void Clear(Span<byte> data, ElementType type, double share)
    {
        var random = new SplitMix64(11);
        (int block, int first, int size) = type == ElementType.Q8_0 ? (34, 2, 1) : (2, 0, 2);
        for (int start = 0; start < data.Length; start += block)
        {
            for (int i = start + first; i < start + block; i += size)
            {
                if (random.NextDouble() < share)
                {
                    data.Slice(i, size).Clear();
                }
            }
        }
    }
}
