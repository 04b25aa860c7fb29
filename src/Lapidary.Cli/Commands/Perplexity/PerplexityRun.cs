using System.Diagnostics;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Commands.Texts;
using Lapidary.Cli.Models;
using Lapidary.Cli.Output;
using Lapidary.Inference;
using Lapidary.Text;
using Lapidary.Workbench.Evaluation.Texts;

namespace Lapidary.Cli.Commands.Perplexity;

/// <summary>One measurement: opens what is compared, cuts the text, scores and prints.</summary>
internal sealed class PerplexityRun(Invocation invocation, PerplexityInput input)
{
    private const string Name = "perplexity";
    private const string BaseOption = "--kl-base";

    /// <summary>Measures the model that the user named.</summary>
    public void Execute(string name)
    {
        string path = ModelLocator.Find(name);
        string? basePath = input.Base(invocation) is { } named ? ModelLocator.Find(named) : null;
        using RecordedLogits? recorded = basePath is not null && RecordedLogits.IsRecording(basePath) ? RecordedLogits.Open(basePath) : null;
        string? textPath = input.TextPath(invocation);
        if (textPath is null && recorded is null)
        {
            throw RequestException.Expected(Name, "-f with a text", "none");
        }

        string? output = input.Recording(invocation);
        if (output is not null)
        {
            OutputPath.CheckFile(output, new[] { path, basePath, textPath }.OfType<string>());
        }

        string? text = textPath is null ? null : ScoredText.Read(textPath);
        if (!Tokenizer.Exists(path))
        {
            throw RequestException.Expected(path, "a tokenizer (tokenizer.json or tokenizer.model)", "none");
        }

        InferenceOptions options = input.Options(invocation);
        using LanguageModel model = LanguageModel.Open(path, options with { Adapters = input.Adapters.Read(invocation) });
        var tokenizer = Tokenizer.Open(path);
        if (recorded is not null)
        {
            ScoredText.CheckVocabulary(BaseOption, basePath!, model.Config.VocabularySize, recorded.VocabularySize);
        }

        TextChunks chunks = Cut(model, tokenizer, recorded, textPath, text);
        using LanguageModel? reference = basePath is not null && recorded is null ? OpenBase(basePath, options, model, textPath!, chunks) : null;
        using LiveBaseLogits? live = reference is null ? null : new LiveBaseLogits(reference);
        var watch = Stopwatch.StartNew();
        TextScores scores = Score(model, chunks, (IBaseLogits?)live ?? recorded, output);
        new PerplexityReport(invocation, input.Adapters.Title(invocation, name), textPath, chunks, scores)
        {
            Base = input.Base(invocation), IsRecorded = recorded is not null, Output = output, Duration = watch.Elapsed,
        }.Present();
    }

    private TextScores Score(LanguageModel model, TextChunks chunks, IBaseLogits? reference, string? output)
    {
        using RecordedLogitsWriter? writer = output is null ? null : new RecordedLogitsWriter(output, chunks, model.Config.VocabularySize);
        using var evaluator = new TextEvaluator(model);
        using var line = new TextProgressLine(Console.Error, !Console.IsErrorRedirected, TimeProvider.System);
        TextScores scores = evaluator.Run(chunks, reference, writer, line, invocation.Cancellation);
        writer?.Complete();
        return scores;
    }

    private TextChunks Cut(LanguageModel model, Tokenizer tokenizer, RecordedLogits? recorded, string? textPath, string? text)
    {
        int length = input.ContextLength(invocation) ?? recorded?.ContextLength ?? TextChunks.UsualContextLength;
        ScoredText.CheckContext("--ctx", length, model);
        int? begin = ScoredText.BeginToken(tokenizer);
        int[]? tokens = text is null ? null : ScoredText.Encode(tokenizer, text);
        if (tokens is not null)
        {
            TokenInput.CheckVocabulary(textPath!, tokens, model.Config.VocabularySize);
        }

        if (recorded is null)
        {
            return ScoredText.Cut(textPath!, tokens!, length, begin, input.Chunks(invocation));
        }

        if (length != recorded.ContextLength)
        {
            throw RequestException.Expected("--ctx", $"{recorded.ContextLength}, the chunks of {recorded.Path}", $"{length}");
        }

        return tokens is null || tokens.AsSpan().StartsWith(recorded.Tokens.Span)
            ? new TextChunks(recorded.Tokens, length, begin, input.Chunks(invocation))
            : throw RequestException.Expected(textPath!, $"the text whose tokens are in {recorded.Path}", "another text, or another tokenizer");
    }

    private static LanguageModel OpenBase(string path, InferenceOptions options, LanguageModel model, string text, TextChunks chunks)
    {
        var reference = LanguageModel.Open(path, options);
        try
        {
            ScoredText.CheckVocabulary(BaseOption, model, reference, (text, chunks));
            ScoredText.CheckContext("--ctx", chunks.ContextLength, reference);
            return reference;
        }
        catch
        {
            reference.Dispose();
            throw;
        }
    }
}
