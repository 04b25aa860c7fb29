using System.Diagnostics;
using System.Globalization;
using Lapidary.Inference;
using Lapidary.Inference.Scoring;
using Lapidary.Text;
using Lapidary.Workbench.Evaluation.Data;
using Lapidary.Workbench.Evaluation.Requests;
using Lapidary.Workbench.Evaluation.Tasks;

namespace Lapidary.Benchmarks;

/// <summary>
/// Questions a second of a multiple-choice task, by the tree of prefixes and letter by letter: minutes of work, which BenchmarkDotNet is
/// not made for.
/// </summary>
internal static class ScoringRun
{
    /// <summary>Runs <c>scoring MODEL TASK DATA_DIR QUESTIONS SEPARATE PAIRS</c> and prints a line for each way.</summary>
    /// <param name="arguments">The words behind <c>scoring</c>.</param>
    public static void Execute(ReadOnlySpan<string> arguments)
    {
        string path = arguments[0], task = arguments[1], data = arguments[2];
        int questions = int.Parse(arguments[3], CultureInfo.InvariantCulture);
        int separate = int.Parse(arguments[4], CultureInfo.InvariantCulture);
        int pairs = int.Parse(arguments[5], CultureInfo.InvariantCulture);
        Tokenizer tokenizer = Tokenizer.Open(path);
        using LanguageModel model = LanguageModel.Open(path, new InferenceOptions { Exact = true });
        ScoredSequence[][] asked = [.. Questions(task, data, questions).Select(document => document.Select(request => Encode(tokenizer, request)).ToArray())];
        ScoredSequence[][] few = [.. Enumerable.Range(0, separate).Select(i => asked[(int)((long)i * asked.Length / separate)])];

        Measure(model, "warm", few[..Math.Min(4, few.Length)], share: true, together: true);
        for (int pair = 0; pair < pairs; pair++)
        {
            Measure(model, "letters apart, one at a time", few, share: false, together: false);
            Measure(model, "letters apart, together", few, share: false, together: true);
            Measure(model, "shared, the same questions", few, share: true, together: true);
        }

        Measure(model, "shared, all questions", asked, share: true, together: true);
    }

    private static IEnumerable<IReadOnlyList<EvaluationRequest>> Questions(string task, string data, int wanted)
    {
        var locator = new DatasetLocator(data, cacheDirectory: null);
        TaskDocument[] all = [.. TaskLibrary.Open([]).Select([task]).Tasks.SelectMany(entry => entry.Plan(
            new TaskOptions(), split => locator.Find(entry.DatasetPath, entry.DatasetName, split).Read()).Documents)];
        return Enumerable.Range(0, wanted).Select(i => all[(int)((long)i * all.Length / wanted)].Requests);
    }

    private static ScoredSequence Encode(Tokenizer tokenizer, EvaluationRequest request)
    {
        var likelihood = (LikelihoodRequest)request;
        int[] whole = tokenizer.Encode(likelihood.Context + likelihood.Continuation);
        return new ScoredSequence(whole, whole.Length - tokenizer.Encode(likelihood.Context).Length);
    }

    private static void Measure(LanguageModel model, string way, ScoredSequence[][] questions, bool share, bool together)
    {
        using var scorer = new TokenScorer(model, new TokenScorerOptions { SharePrefixes = share });
        ScoredSequence[] all = [.. questions.SelectMany(question => question)];
        double sum = 0;
        var watch = Stopwatch.StartNew();
        foreach (ScoredSequence[] portion in together ? [all] : all.Select(sequence => new[] { sequence }))
        {
            scorer.Score(portion, (_, score) => sum += score.LogLikelihood);
        }

        double seconds = watch.Elapsed.TotalSeconds;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{way}: {questions.Length} questions, {questions.Length / seconds:0.000} questions/s, {seconds:0.0} s, {scorer.TokensProcessed} tokens through the network, {scorer.TokensProcessed / seconds:0} tokens/s, sum {sum:R}"));
    }
}
