using Lapidary.Inference;
using Lapidary.Tests.Common;
using Lapidary.Text;
using Lapidary.Workbench.Evaluation.Requests;
using Lapidary.Workbench.Evaluation.Running;
using Lapidary.Workbench.Evaluation.Tasks;
using Shouldly;
using Xunit;

namespace Lapidary.Peers.Tests;

/// <summary>
/// Log-likelihoods of the choices of real questions, ours and those that follow from llama.cpp's logits on the same file: the embedded
/// tuned model with F32 weights.
/// </summary>
public sealed class LikelihoodTests(RandomModels models, ITestOutputHelper log)
{
    private const int Questions = 200;

    // llama.cpp's GELU is a table in half precision: of the logits of a trained model that costs it up to about this much.
    private const double TokenTolerance = 5e-3;
    private const double MeanTolerance = 1e-3;

    [Theory]
    [InlineData("mmlu")]
    [InlineData("hellaswag")]
    public void Choices_agree_with_llama_cpp(string task)
    {
        PeerEnvironment.RequireModels();
        string model = PeerEnvironment.TunedPebble;
        LikelihoodRequest[][] questions =
        [
            .. EvaluationData.Plan(task, Questions).SelectMany(pair => pair.Plan.Documents)
                .Select(document => document.Requests.Cast<LikelihoodRequest>().ToArray()).Take(Questions),
        ];
        LikelihoodRequest[] requests = [.. questions.SelectMany(question => question)];
        string gguf = models.GgufOf(model, "F32");
        Tokenizer tokenizer = Tokenizer.Open(model);
        using LanguageModel language = LanguageModel.Open(gguf, new InferenceOptions { Threads = 1, Exact = true });
        using var runner = new EvaluationRunner(language, tokenizer);
        IReadOnlyList<EvaluationResponse> ours = runner.Run(requests, TestContext.Current.CancellationToken);
        var llama = new LlamaScorer(gguf, tokenizer, language.Config.VocabularySize, models.Scratch);
        double worst = 0, total = 0;
        int tokens = 0, sameChoice = 0, greedy = 0;
        int next = 0;
        foreach (LikelihoodRequest[] question in questions)
        {
            EvaluationResponse[] own = [.. ours.Skip(next).Take(question.Length)];
            next += question.Length;
            (double LogLikelihood, bool IsGreedy, int Tokens)[] theirs =
                [.. question.Select(request => llama.Score(request.Context, request.Continuation))];
            for (int i = 0; i < question.Length; i++)
            {
                double difference = Math.Abs(own[i].LogLikelihood - theirs[i].LogLikelihood);
                difference.ShouldBeAtMost(TokenTolerance * theirs[i].Tokens, question[i].Context);
                worst = Math.Max(worst, difference / theirs[i].Tokens);
                total += difference;
                tokens += theirs[i].Tokens;
                greedy += own[i].IsGreedy == theirs[i].IsGreedy ? 1 : 0;
            }

            sameChoice += Best(own.Select(response => response.LogLikelihood)) == Best(theirs.Select(score => score.LogLikelihood)) ? 1 : 0;
        }

        log.WriteLine(
            $"{task}: {questions.Length} questions, {tokens} tokens: largest difference {worst:g3} a token, mean {total / tokens:g3}; "
            + $"{sameChoice} same choices, {greedy} of {requests.Length} greedy alike");
        (total / tokens).ShouldBeAtMost(MeanTolerance);
        sameChoice.ShouldBeGreaterThanOrEqualTo(Questions - 2);
        greedy.ShouldBeGreaterThanOrEqualTo(requests.Length - 2);
    }

    private static int Best(IEnumerable<double> scores)
    {
        double[] all = [.. scores];
        return Array.IndexOf(all, all.Max());
    }
}
