using Shouldly;
using Xunit;

namespace Lapidary.Peers.Tests;

/// <summary>Our logits against llama.cpp's and against a float64 pass, on the same file.</summary>
public sealed class LogitsTests(RandomModels models, ITestOutputHelper log)
{
    // The random models' logits deviate by 0.16 to 0.32. llama.cpp's GELU is a half-precision table, which costs it 3e-4 to 6e-4 of them.
    private const double FloatTolerance = 1e-3;

    // Float32 differs from float64 by at most 3e-6 here, in any order of summing.
    private const double ExactTolerance = 2e-5;

    public static TheoryData<string, string> FloatFiles => Files(RandomModels.FloatTypes);

    public static TheoryData<string, string> QuantizedFiles => Files(RandomModels.QuantizedTypes);

    // How far llama.cpp's own rounding takes it from float64: F16 and BF16 products round their inputs to the type of the weights (measured
    // against float64: 1.0e-3 to 1.5e-3 and 0.8e-2 to 1.0e-2), so these bounds say nothing about us; the float64 comparison does.
    [Theory]
    [MemberData(nameof(FloatFiles))]
    public void Float_weights_agree_with_float64_and_with_llama_cpp(string preset, string type)
    {
        PeerEnvironment.RequireModels();
        string file = models.Gguf(preset, type);
        float[] ours = Ours.ExactLogits(file, RandomModels.Prompt);
        double[] exact = ExternalProgram.ExactLogits(models.HuggingFace(preset), RandomModels.Prompt, models.Scratch);
        float[] llama = ExternalProgram.LlamaLogits(file, RandomModels.Prompt, models.Scratch);
        Distance fromExact = Report("from float64", ours, exact);
        Distance llamaFromExact = Report("llama.cpp from float64", llama, exact);
        Distance fromLlama = Report("from llama.cpp", ours, llama);

        fromExact.Largest.ShouldBeLessThan(ExactTolerance);
        fromExact.Rms.ShouldBeLessThan(ExactTolerance / 5);
        fromLlama.Largest.ShouldBeLessThan(type switch { "F32" => FloatTolerance, "F16" => 3e-3, _ => 2e-2 });
        fromLlama.Largest.ShouldBeLessThan(llamaFromExact.Largest + ExactTolerance);
    }

    // Three comparisons, because each alone could hide something: llama.cpp's 8-bit activations are far coarser than a fault of ours
    // might be, so the tight one is made with the weights that llama.cpp decoded to F32 and multiplied in float.
    [Theory]
    [MemberData(nameof(QuantizedFiles))]
    public void Quantized_weights_agree_with_llama_cpp(string preset, string type)
    {
        PeerEnvironment.RequireModels();
        string file = models.Gguf(preset, type);
        float[] exact = Ours.ExactLogits(file, RandomModels.Prompt);
        float[] fast = Ours.DecodedLogits(file, RandomModels.Prompt);
        float[] llama = ExternalProgram.LlamaLogits(file, RandomModels.Prompt, models.Scratch);
        float[] llamaOnDecoded = ExternalProgram.LlamaLogits(models.Decoded(preset, type), RandomModels.Prompt, models.Scratch);

        Distance fromDecoded = Report("exact from llama.cpp on the file decoded to F32", exact, llamaOnDecoded);
        Distance fromLlama = Report("llama.cpp from exact", llama, exact);
        Distance fastFromExact = Report("fast decoding from exact", fast, exact);

        fromDecoded.Largest.ShouldBeLessThan(FloatTolerance);
        fromDecoded.Rms.ShouldBeLessThan(FloatTolerance / 5);
        AssertClose(fromLlama);
        AssertClose(fastFromExact);
    }

    private static TheoryData<string, string> Files(string[] types)
    {
        var files = new TheoryData<string, string>();
        foreach (string preset in RandomModels.Presets)
        {
            foreach (string type in types)
            {
                files.Add(preset, type);
            }
        }

        return files;
    }

    private static void AssertClose(Distance distance)
    {
        distance.MeanKl.ShouldBeLessThan(1e-3);
        distance.WidestLostMargin.ShouldBeLessThan(0.1);
    }

    private Distance Report(string what, float[] actual, float[] reference) =>
        Report(what, actual, Array.ConvertAll(reference, value => (double)value));

    private Distance Report(string what, float[] actual, double[] reference)
    {
        Distance distance = Distance.Between(actual, reference, RandomModels.Vocabulary);
        log.WriteLine($"{what}: {distance}");
        return distance;
    }
}
