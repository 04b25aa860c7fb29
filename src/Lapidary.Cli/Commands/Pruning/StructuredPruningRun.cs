using System.Collections.Immutable;
using System.Diagnostics;
using Lapidary.Checkpoints;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Models;
using Lapidary.Cli.Output;
using Lapidary.Inference;
using Lapidary.Networks;
using Lapidary.Workbench.Compression;
using Lapidary.Workbench.Evaluation.Texts;
using Lapidary.Workbench.Reports;

namespace Lapidary.Cli.Commands.Pruning;

/// <summary>One run of <c>prune --method depth</c> or <c>width</c>: scores, chooses, writes and reports.</summary>
internal sealed class StructuredPruningRun(
    Invocation invocation, StructuredPruningInput input, CalibrationInput calibration, PruningRequest request)
{
    private readonly Stopwatch watch = Stopwatch.StartNew();

    /// <summary>Does the work.</summary>
    /// <param name="method">One of <see cref="StructuredPruningInput.Methods"/>.</param>
    public void Execute(string method)
    {
        if (method.Equals("depth", StringComparison.OrdinalIgnoreCase))
        {
            Depth();
        }
        else
        {
            Width();
        }
    }

    private void Depth()
    {
        input.Check(invocation, depth: true, request.TextPath is not null);
        using Checkpoint source = Open(out Gemma3Config config);
        ImmutableArray<int>? kept = input.Kept(invocation, request.Model, config.LayerCount);
        int count = kept?.Length ?? input.Count(invocation, request.Model, config.LayerCount);
        DepthScore score = input.Score(invocation);
        ImmutableArray<double> scores = [];
        TextChunks? chunks = null;
        if (request.TextPath is not null)
        {
            using (LanguageModel model = Run(out chunks))
            {
                scores = score == DepthScore.Cosine ? Measure(model, chunks).Layers : [];
            }

            if (score == DepthScore.Perplexity)
            {
                ProgressBar.Run("perplexity without each layer", bar => scores =
                    LayerPerplexity.Score(request.Path, Options(), chunks, bar, invocation.Cancellation));
            }
        }

        var plan = StructuredPlan.Depth(config, kept ?? StructuredPlan.BestLayers(scores, count));
        string? name = scores.IsEmpty ? null : score == DepthScore.Cosine ? "cosine" : "perplexity";
        LineChart? chart = scores.IsEmpty ? null : StructuredChart.OfLayers(
            scores, plan.Layers, score == DepthScore.Cosine ? "1 \u2212 cosine of in and out" : "nats per token that its absence costs");
        Write(source, plan, scores, chart, name);
        Present(source, plan, chunks, name, scores, null);
    }

    private void Width()
    {
        input.Check(invocation, depth: false, request.TextPath is not null);
        using Checkpoint source = Open(out Gemma3Config config);
        WidthTarget target = input.Target(invocation, request.Model, config);
        StructuredImportance importance;
        TextChunks chunks;
        using (LanguageModel model = Run(out chunks))
        {
            importance = Measure(model, chunks);
        }

        StructuredPlan plan = StructuredPlan.Width(config, importance, target);
        Write(source, plan, importance.Layers, StructuredChart.OfShares(plan, importance), null);
        Present(source, plan, chunks, null, importance.Layers, new KeptShares(plan, importance));
    }

    private Checkpoint Open(out Gemma3Config config)
    {
        OutputPath.CheckFolder(request.Output, request.Overwrite, request.Path);
        var source = Checkpoint.Open(request.Path);
        try
        {
            config = Gemma3Config.From(source);
            config.Validate(source);
            foreach ((string name, _) in config.ExpectedTensors())
            {
                TensorInfo info = source.Tensors[name];
                if (!info.Type.IsPlainFloat)
                {
                    throw new CheckpointException(
                        info.File, $"tensor {info.StoredName} is {info.Type} where F32, F16 or BF16 was expected; prune first, then quantize");
                }
            }

            return source;
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    private InferenceOptions Options() => new() { Threads = request.Threads, Exact = true };

    private LanguageModel Run(out TextChunks chunks)
    {
        var model = LanguageModel.Open(request.Path, Options());
        try
        {
            chunks = calibration.Read(invocation, model);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private StructuredImportance Measure(LanguageModel model, TextChunks chunks)
    {
        StructuredImportance? importance = null;
        ProgressBar.Run("importance", bar => importance = StructuredImportance.Collect(model, chunks, bar, invocation.Cancellation));
        return importance!;
    }

    private void Write(Checkpoint source, StructuredPlan plan, ImmutableArray<double> scores, LineChart? chart, string? depthScore)
    {
        using var output = new OutputFolder(request.Output, request.Overwrite);
        ProgressBar.Run("prune", bar => plan.Write(source, output, bar.OfConversion(), invocation.Cancellation));
        var settings = new List<KeyValuePair<string, string>>();
        foreach ((string name, string? value) in ((string, string?)[]) [("text", request.TextPath), ("depth_score", depthScore)])
        {
            if (value is not null)
            {
                settings.Add(new(name, value));
            }
        }

        StructuredRecord.Write(output, plan, request.Model, scores, settings);
        if (chart is not null)
        {
            output.Write(StructuredChart.FileName, chart.ToBytes());
        }

        output.Commit();
        if (chart is null)
        {
            // With --overwrite the chart of an earlier run may be there.
            File.Delete(Path.Combine(request.Output, StructuredChart.FileName));
        }
    }

    private void Present(
        Checkpoint source, StructuredPlan plan, TextChunks? chunks, string? depthScore, ImmutableArray<double> scores, KeptShares? shares)
    {
        using Checkpoint written = Checkpoint.Open(request.Output);
        StructuredPruneResult result = StructuredPruningReport.Create(
            request, plan, source, written, chunks, depthScore, scores, shares, watch.Elapsed);
        invocation.Present(result, ResultJson.Default.StructuredPruneResult, report => StructuredPruningReport.Draw(report, result));
    }
}
