using System.Runtime.InteropServices;
using Lapidary.Numerics;
using Lapidary.Numerics.Formats;
using Xunit;

namespace Lapidary.Peers.Tests;

/// <summary>
/// llama.cpp's own quantizer, <c>ggml_quantize_chunk</c>, called in the library beside the driver: it is what <c>llama_model_quantize</c>
/// runs on each tensor.
/// </summary>
internal sealed unsafe class GgmlQuantizer : IDisposable
{
    private readonly nint library;
    private readonly delegate* unmanaged<int, float*, void*, long, long, long, float*, nuint> quantize;

    /// <summary>Loads the library; skips the running test where it is not there.</summary>
    public GgmlQuantizer()
    {
        string path = Path.Combine(
            Path.GetDirectoryName(Path.GetFullPath(PeerEnvironment.Peer))!,
            "node_modules", "@node-llama-cpp", "linux-x64", "bins", "linux-x64", "libggml-base.so");
        Assert.SkipUnless(File.Exists(path), $"{path}: expected llama.cpp's library of formats, found no such file.");
        library = NativeLibrary.Load(path);
        quantize = (delegate* unmanaged<int, float*, void*, long, long, long, float*, nuint>)NativeLibrary.GetExport(
            library, "ggml_quantize_chunk");
    }

    /// <summary>The blocks of <paramref name="rows"/> rows.</summary>
    public byte[] Encode(ElementType type, ReadOnlySpan<float> values, long rows, ReadOnlySpan<float> importance)
    {
        long width = values.Length / rows;
        var blocks = new byte[rows * WeightFormat.Of(type).RowBytes(width)];
        fixed (float* source = values, weights = importance)
        fixed (byte* destination = blocks)
        {
            quantize(Number(type), source, destination, 0, rows, width, weights);
        }

        return blocks;
    }

    /// <inheritdoc/>
    public void Dispose() => NativeLibrary.Free(library);

    // The numbers of ggml.h.
    private static int Number(ElementType type) => type switch
    {
        ElementType.F16 => 1,
        ElementType.Q4_0 => 2,
        ElementType.Q4_1 => 3,
        ElementType.Q5_0 => 6,
        ElementType.Q5_1 => 7,
        ElementType.Q8_0 => 8,
        ElementType.Q2_K => 10,
        ElementType.Q3_K => 11,
        ElementType.Q4_K => 12,
        ElementType.Q5_K => 13,
        ElementType.Q6_K => 14,
        ElementType.BF16 => 30,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };
}
