using System.Text.Json.Nodes;
using Lapidary.Checkpoints;
using Lapidary.Inference;
using Lapidary.Inference.Scoring;
using Lapidary.Networks;
using Lapidary.Numerics;
using Lapidary.Tests.Common;
using Lapidary.Text;
using Lapidary.Workbench.Evaluation.Requests;
using Lapidary.Workbench.Evaluation.Running;
using Lapidary.Workbench.Evaluation.Tasks;
using Shouldly;
using Xunit;

namespace Lapidary.Peers.Tests;

/// <summary>
/// Multiple-choice tasks on their real data: prompts made by hand and scored one at a time, without a cache and without a batch, against
/// the evaluation as <c>lapidary eval</c> runs it; and all that must not change a bit.
/// </summary>
public sealed class TaskScoreTests(RandomModels models, ITestOutputHelper log)
{
    // Sums in another order; no request has more than a few hundred tokens.
    private const double Tolerance = 1e-6;

    /// <summary>The multiple-choice tasks.</summary>
    public static TheoryData<string> Tasks => ["mmlu", "hellaswag", "arc_easy", "arc_challenge", "boolq", "piqa", "social_iqa", "winogrande"];

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Scores_of_the_tuned_pebble_are_those_of_a_straightforward_computation(string task) => Compare(task, PeerEnvironment.TunedPebble, 114);

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Scores_in_the_shapes_of_270M_are_those_of_a_straightforward_computation(string task) => Compare(task, models.Gemma270M(), 4);

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Threads_batches_order_and_resume_change_no_bit(string task)
    {
        string model = PeerEnvironment.TunedPebble;
        EvaluationRequest[] requests = [.. EvaluationData.Plan(task, 57).SelectMany(pair => pair.Plan.Requests)];
        Tokenizer tokenizer = Tokenizer.Open(model);
        CancellationToken all = TestContext.Current.CancellationToken;
        IReadOnlyList<EvaluationResponse> Run(int threads, EvaluationRunnerOptions options, CancellationToken cancellation, bool backwards = false)
        {
            using LanguageModel language = LanguageModel.Open(model, new InferenceOptions { Threads = threads, Exact = true });
            using var runner = new EvaluationRunner(language, tokenizer, options);
            return backwards ? [.. runner.Run([.. requests.Reverse()], cancellation).Reverse()] : runner.Run(requests, cancellation);
        }

        IReadOnlyList<EvaluationResponse> expected = Run(1, new EvaluationRunnerOptions(), all);
        Run(2, new EvaluationRunnerOptions(), all).ShouldBe(expected);
        Run(2, new EvaluationRunnerOptions { PassTokens = 37 }, all, backwards: true).ShouldBe(expected);

        using var folder = new TemporaryFolder();
        var kept = new EvaluationRunnerOptions { CachePath = folder["responses.jsonl"] };
        using var ending = new CancellationTokenSource();
        int answered = 0;
        Should.Throw<OperationCanceledException>(() => Run(
            2,
            kept with
            {
                PassTokens = 64,
                Answered = (_, _) =>
                {
                    if (++answered == requests.Length / 2)
                    {
                        ending.Cancel();
                    }
                },
            },
            ending.Token));
        int found = 0;
        Run(2, kept with { Progress = new Listener(progress => found = progress.FromCache) }, all).ShouldBe(expected);
        found.ShouldBeGreaterThanOrEqualTo(requests.Length / 2);
    }

    private void Compare(string task, string model, int documents)
    {
        IReadOnlyList<(TaskPlan Plan, IReadOnlyList<JsonObject> Raw)> plans = EvaluationData.Plan(task, documents);
        Tokenizer tokenizer = Tokenizer.Open(model);
        using LanguageModel language = LanguageModel.Open(model, new InferenceOptions { Exact = true });
        using var runner = new EvaluationRunner(language, tokenizer);
        IReadOnlyList<EvaluationResponse> responses = runner.Run([.. plans.SelectMany(pair => pair.Plan.Requests)], TestContext.Current.CancellationToken);
        var scorer = new StraightforwardScorer(language, tokenizer, runner.MaxLength);
        int next = 0, questions = 0, right = 0;
        double worst = 0;
        foreach ((TaskPlan plan, IReadOnlyList<JsonObject> raw) in plans)
        {
            List<(double Plain, double Normed)> values = [];
            int first = next;
            foreach (TaskDocument document in plan.Documents)
            {
                MultipleChoiceQuestion question = MultipleChoiceQuestion.Of(task, raw[document.Id]);
                document.Requests.Count.ShouldBe(question.Requests.Length);
                var expected = new double[question.Requests.Length];
                for (int i = 0; i < expected.Length; i++, next++)
                {
                    (expected[i], bool greedy) = scorer.Score(question.Requests[i].Context, question.Requests[i].Continuation);
                    double difference = Math.Abs(responses[next].LogLikelihood - expected[i]) / Math.Max(1, Math.Abs(expected[i]));
                    difference.ShouldBeAtMost(Tolerance, $"{plan.Task.Name}, document {document.Id}, choice {i}");
                    responses[next].IsGreedy.ShouldBe(greedy);
                    worst = Math.Max(worst, difference);
                }

                values.Add((
                    IndexOfLargest(expected) == question.Right ? 1 : 0,
                    IndexOfLargest([.. expected.Select((value, i) => value / question.Lengths[i])]) == question.Right ? 1 : 0));
            }

            TaskScores scores = plan.Score([.. responses.Skip(first).Take(next - first)], TestContext.Current.CancellationToken);
            Metric(scores, "acc").ShouldNotBeNull().ShouldBe(values.Average(value => value.Plain), 1e-12);
            if (Metric(scores, "acc_norm") is { } normed)
            {
                normed.ShouldBe(values.Average(value => value.Normed), 1e-12);
            }

            questions += values.Count;
            right += (int)values.Sum(value => value.Plain);
        }

        log.WriteLine($"{task} on {Path.GetFileName(model)}: {questions} questions, {next} requests, {right} right; largest relative difference {worst:g3}");
    }

    private static double? Metric(TaskScores scores, string name) => scores.Metrics.FirstOrDefault(metric => metric.Name == name)?.Value;

    private static int IndexOfLargest(double[] values) => Array.IndexOf(values, values.Max());

    private sealed class Listener(Action<EvaluationProgress> listen) : IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value) => listen(value);
    }
}
