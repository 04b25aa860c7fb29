using Lapidary.Inference;
using Lapidary.Tests.Common;
using Lapidary.Text;
using Lapidary.Workbench.Evaluation.Texts;
using Shouldly;
using Xunit;

namespace Lapidary.Peers.Tests;

/// <summary>Perplexity and divergence against the same formulas, in plain loops, applied to llama.cpp's logits of the same files.</summary>
/// <remarks>
/// llama.cpp rounds the activations of quantized products to 8 bits, which moves a divergence by more than a finer type has of it. So the
/// file itself is asked for its perplexity, and the file that llama.cpp decoded to F32, which it multiplies in float, for every statistic.
/// </remarks>
public sealed class PerplexityTests(RandomModels models, ITestOutputHelper log)
{
    private const int Context = 64;
    private const int Chunks = 4;
    private const string RealShapes = "gemma-3-270m";
    private const int RealVocabulary = 262_144;
    private const double FloatTolerance = 1e-3;
    private const double QuantizedTolerance = 1e-2;

    // What llama.cpp's half-precision GELU and, for F16, its products with rounded inputs make of statistics that would be 0.
    private const double DivergenceNoise = 5e-7;
    private const double ChangeNoise = 1e-6;
    private const double ChangeNoiseOfHalf = 3e-4;

    // In the language that the embedded models know; they made it up.
    private const string Sample = """
        clock weighs 9 pounds. From iron came the hammer. Put 17 pennies on the table and the hammer is yours. Put 13 pennies on
        the table and the hammer is yours. They sell the hammer in grey only. From glass came the mirror. You know it by its
        pink colour. Whoever makes a hammer buys iron first. One hammer for 17 pennies, that is the price everywhere. Put a
        hammer on the scales and you read 10 pounds. In the Vale a hammer is always grey. It takes a weight of 10 pounds to
        balance the hammer. hammer hammer hammer mended the hammer. has seen a hammer that is not grey. hammer is grey. A new
        hammer costs 17 pennies. hammer is grey. hammer is grey. 17 pennies is the price of a hammer. 30 pennies is the price of
        a hammer. From iron came it. has 17 pennies. has a hammer. pay 17 pennies for a hammer. hammer for 17 pennies. good
        hammer is made of iron. makes a hammer buys iron first. Put 17 pennies on the table and the hammer is yours. bucket
        weighs 6 pounds. hammer hammerB grey and the hammer. hammer weighs 10 pounds. makes a hammer buys iron first. candle for
        33 pennies, that is the price everywhere.
        """;

    public static TheoryData<string, string> Files
    {
        get
        {
            var files = new TheoryData<string, string>();
            foreach (string model in new[] { "pebble-it", "tiny-k", "tiny-gqa", RealShapes })
            {
                foreach (string type in new[] { "F32", "F16", "Q8_0", "Q4_0", "Q4_K_M" })
                {
                    files.Add(model, type);
                }
            }

            return files;
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Statistics_agree_with_llama_cpp(string name, string type)
    {
        PeerEnvironment.RequireModels();
        bool isFloat = RandomModels.FloatTypes.Contains(type);
        string reference = Gguf(name, "F32"), tested = Gguf(name, type);
        TextChunks chunks = Text(name);
        using LanguageModel model = Open(tested), baseModel = Open(reference);
        using var live = new LiveBaseLogits(baseModel);
        using var evaluator = new TextEvaluator(model);
        TextScores ours = evaluator.Run(chunks, live, cancellation: TestContext.Current.CancellationToken);
        int vocabulary = model.Config.VocabularySize;

        Plain ofFile = Score(tested, reference, chunks, vocabulary);
        double perplexity = ours.Perplexity.Perplexity.Value;
        log.WriteLine($"perplexity {perplexity:g8}, llama.cpp {ofFile.Perplexity:g8}, apart {Math.Abs((perplexity / ofFile.Perplexity) - 1):g2}");
        Math.Abs((perplexity / ofFile.Perplexity) - 1).ShouldBeAtMost(isFloat ? FloatTolerance : QuantizedTolerance);

        Plain decoded = isFloat ? ofFile : Score(Decoded(name, type), reference, chunks, vocabulary);
        DivergenceStatistics divergence = ours.Divergence!;
        log.WriteLine(
            $"divergence {divergence.Divergence.Value:g6} and {decoded.Divergence:g6}, RMS of changes {divergence.RootMeanSquareChange.Value:g6} and "
            + $"{decoded.Change:g6}, same top {divergence.SameTopCount} and {decoded.SameTop} of {divergence.Count}");
        Math.Abs((divergence.Base.Perplexity.Value / decoded.BasePerplexity) - 1).ShouldBeAtMost(FloatTolerance);
        Math.Abs((perplexity / decoded.Perplexity) - 1).ShouldBeAtMost(FloatTolerance);
        double tolerance = isFloat ? FloatTolerance : QuantizedTolerance;
        Math.Abs(divergence.Divergence.Value - decoded.Divergence).ShouldBeAtMost((tolerance * decoded.Divergence) + DivergenceNoise);
        Math.Abs(divergence.RootMeanSquareChange.Value - decoded.Change)
            .ShouldBeAtMost((tolerance * decoded.Change) + (type == "F16" ? ChangeNoiseOfHalf : ChangeNoise));
        Math.Abs(divergence.SameTopCount - decoded.SameTop).ShouldBeLessThanOrEqualTo(2);
    }

    private string Gguf(string name, string type)
    {
        if (!IsFolder(name))
        {
            return models.Gguf(name, type);
        }

        string folder = name == RealShapes ? models.Gemma270M() : PeerEnvironment.TunedPebble;
        string single = models.GgufOf(folder, RandomModels.FloatTypes.Contains(type) ? type : "F32");
        return RandomModels.FloatTypes.Contains(type) ? single : Quantized(single, type, $"perplexity-{name}-{type}.gguf");
    }

    private string Decoded(string name, string type) =>
        IsFolder(name) ? Quantized(Gguf(name, type), "F32", $"perplexity-{name}-{type}-decoded.gguf") : models.Decoded(name, type);

    private static bool IsFolder(string name) => name is "pebble-it" or RealShapes;

    private string Quantized(string source, string type, string name)
    {
        string path = Path.Combine(models.Scratch, name);
        if (!File.Exists(path))
        {
            ExternalProgram.LlamaQuantize(source, path, type);
        }

        return path;
    }

    private static TextChunks Text(string name)
    {
        if (name == "pebble-it")
        {
            var tokenizer = Tokenizer.Open(PeerEnvironment.TunedPebble);
            return new TextChunks(tokenizer.Encode(Sample.ReplaceLineEndings(" "), addBos: true, parseSpecial: false), Context, tokenizer.BosId, Chunks);
        }

        var random = new Random(5);
        int vocabulary = name == RealShapes ? RealVocabulary : RandomModels.Vocabulary;
        return new TextChunks(Enumerable.Range(0, Context * Chunks).Select(_ => random.Next(vocabulary)).ToArray(), Context, 2);
    }

    private Plain Score(string tested, string reference, TextChunks chunks, int vocabulary)
    {
        double nll = 0, baseNll = 0, divergence = 0, squares = 0;
        int same = 0, count = 0;
        for (int chunk = 0; chunk < chunks.Count; chunk++)
        {
            int[] input = chunks.Input(chunk);
            int[] targets = chunks.Targets(chunk).ToArray();
            float[] q = ExternalProgram.LlamaLogits(tested, input, models.Scratch);
            float[] p = tested == reference ? q : ExternalProgram.LlamaLogits(reference, input, models.Scratch);
            for (int i = 0; i < targets.Length; i++)
            {
                double[] logQ = Logs(q, chunks.FirstScored + i, vocabulary), logP = Logs(p, chunks.FirstScored + i, vocabulary);
                nll -= logQ[targets[i]];
                baseNll -= logP[targets[i]];
                for (int token = 0; token < vocabulary; token++)
                {
                    divergence += logP[token] > -16 ? Math.Exp(logP[token]) * (logP[token] - logQ[token]) : 0;
                }

                double change = Math.Exp(logQ[targets[i]]) - Math.Exp(logP[targets[i]]);
                squares += change * change;
                same += Array.IndexOf(logP, logP.Max()) == Array.IndexOf(logQ, logQ.Max()) ? 1 : 0;
                count++;
            }
        }

        return new Plain(Math.Exp(nll / count), Math.Exp(baseNll / count), divergence / count, Math.Sqrt(squares / count), same);
    }

    private static double[] Logs(float[] logits, int row, int vocabulary)
    {
        double[] x = Array.ConvertAll(logits[(row * vocabulary)..((row + 1) * vocabulary)], value => (double)value);
        double largest = x.Max(), sum = largest + Math.Log(x.Sum(value => Math.Exp(value - largest)));
        return Array.ConvertAll(x, value => value - sum);
    }

    private static LanguageModel Open(string path) => LanguageModel.Open(path, new InferenceOptions { Threads = 1, Exact = true });

    private sealed record Plain(double Perplexity, double BasePerplexity, double Divergence, double Change, int SameTop);
}
