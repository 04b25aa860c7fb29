using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Lapidary.Inference;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Evaluation.Texts;
using Shouldly;

namespace Lapidary.Workbench.Tests.Evaluation.Texts;

/// <summary>
/// The fixture perplexity-g3-tiny-b: llama.cpp's statistics of two small models by an independent implementation in double precision; its
/// README says how it was made and what tolerance an honest float32 implementation needs.
/// </summary>
internal static class PerplexityFixture
{
    /// <summary>What a float32 run of the fixture's own code is off by at most.</summary>
    public const double Tolerance = 2.4e-5;

    // The ends of a distribution are one or two tokens, and show the rounding of the model there undiluted: its logits have 7e-5 of it.
    private const double EndTolerance = 2 * Tolerance;

    public static JsonObject Results { get; } = JsonNode.Parse(File.ReadAllText(PathOf("results.json")))!.AsObject();

    public static string PathOf(string name) => Path.Combine(Fixtures.PathOf("perplexity-g3-tiny-b"), name);

    /// <summary>The chunks of the text, each beginning with the token 2.</summary>
    public static TextChunks Chunks(int? limit = null)
    {
        int[] tokens = [.. JsonNode.Parse(File.ReadAllText(PathOf("tokens.json")))!["tokens"]!.AsArray().Select(id => id!.GetValue<int>())];
        return new TextChunks(tokens, 128, 2, limit);
    }

    public static LanguageModel Base(int threads = 1) => Open(Fixtures.PathOf("g3-tiny-b"), threads);

    public static LanguageModel Noisy(int threads = 1) => Open(PathOf("model_noisy"), threads);

    /// <summary>A tensor of a safetensors file.</summary>
    public static T[] Tensor<T>(string file, string name)
        where T : struct
    {
        byte[] bytes = File.ReadAllBytes(PathOf(file));
        int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        JsonArray range = JsonNode.Parse(bytes.AsSpan(8, length))![name]!["data_offsets"]!.AsArray();
        int start = range[0]!.GetValue<int>(), end = range[1]!.GetValue<int>();
        return MemoryMarshal.Cast<byte, T>(bytes.AsSpan(8 + length + start, end - start)).ToArray();
    }

    /// <summary>Compares every statistic with those under a name of results.json.</summary>
    public static void ShouldBe(this DivergenceStatistics actual, JsonNode expected, double tolerance)
    {
        JsonNode perplexity = expected["perplexity"]!;
        actual.Count.ShouldBe(expected["n"]!.GetValue<int>());
        Close(actual.Tested.Perplexity, perplexity, "ppl_q", "ppl_q_unc", tolerance);
        Close(actual.Base.Perplexity, perplexity, "ppl_base", "ppl_base_unc", tolerance);
        Close(actual.Tested.MeanNll, perplexity, "mean_nll_q", "mean_nll_q_unc", tolerance);
        Close(actual.Base.MeanNll, perplexity, "mean_nll_base", "mean_nll_base_unc", tolerance);
        Close(actual.Covariance, perplexity, "cov", tolerance);
        Close(actual.Correlation, perplexity, "cor_ln_ppl", tolerance);
        Close(actual.LogRatio, perplexity, "ln_ratio", "ln_ratio_unc", tolerance);
        Close(actual.Ratio, perplexity, "ratio", "ratio_unc", tolerance);
        Close(actual.Difference, perplexity, "difference", "difference_unc", tolerance);
        Close(actual.Divergence, expected["kld"]!, "mean", "mean_unc", tolerance);
        Close(actual.DivergenceQuantiles, expected["kld"]!, 11, tolerance);
        Close(actual.ProbabilityChange, expected["delta_p"]!, "mean", "mean_unc", tolerance);
        Close(actual.ProbabilityChangeQuantiles, expected["delta_p"]!, 13, tolerance);
        Close(actual.RootMeanSquareChange, expected["delta_p"]!, "rms", "rms_unc", tolerance);
        Close(actual.SameTop, expected["same_top"]!, "p", "unc", tolerance);
        actual.SameTopCount.ShouldBe(expected["same_top"]!["count"]!.GetValue<int>());
    }

    public static void Close(UncertainValue actual, JsonNode expected, string value, string error, double tolerance)
    {
        Close(actual.Value, expected, value, tolerance);
        Close(actual.Uncertainty, expected, error, tolerance);
    }

    private static void Close(IReadOnlyList<KeyValuePair<double, double>> quantiles, JsonNode expected, int count, double tolerance)
    {
        quantiles.Count.ShouldBe(count);
        foreach ((double share, double value) in quantiles)
        {
            string name = share switch
            {
                1 => "maximum",
                0 => "minimum",
                0.5 => "median",
                _ => FormattableString.Invariant($"{100 * share:0.0}%"),
            };
            Close(value, expected, name, share is >= 0.999 or <= 0.001 ? Math.Max(tolerance, EndTolerance) : tolerance);
        }
    }

    private static void Close(double actual, JsonNode expected, string name, double tolerance) =>
        Math.Abs(actual - expected[name]!.GetValue<double>()).ShouldBeAtMost(tolerance, $"{name}: {actual}");

    private static LanguageModel Open(string path, int threads) => LanguageModel.Open(path, new InferenceOptions { Threads = threads, Exact = true });
}
