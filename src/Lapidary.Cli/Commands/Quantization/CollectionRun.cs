using Lapidary.Checkpoints;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Models;
using Lapidary.Cli.Output;
using Lapidary.Inference;
using Lapidary.Inference.Sampling;
using Lapidary.Networks;
using Lapidary.Numerics.Simd;
using Lapidary.Text;
using Lapidary.Workbench.Compression;
using Lapidary.Workbench.Compression.Collections;
using Lapidary.Workbench.Evaluation.Energy;
using Lapidary.Workbench.Evaluation.Texts;

namespace Lapidary.Cli.Commands.Quantization;

/// <summary><c>quantize --all</c>: writes, measures and times every type, and goes on where an earlier run stopped.</summary>
internal sealed class CollectionRun(Invocation invocation, MeasureInput input, QuantizationOptions options, int threads)
{
    private const int Repetitions = 3;
    private const int PromptTokens = 512;
    private const int GeneratedTokens = 64;

    private static readonly string[] WholeTypes = ["-F32", "-F16", "-BF16"];

    /// <summary>Makes the collection of a model.</summary>
    public void Execute(string model, string folder, bool overwrite)
    {
        input.CheckText(invocation);
        string path = ModelLocator.Find(model);
        using Checkpoint checkpoint = Checkpoint.Open(path);
        string record = Path.Combine(folder, CollectionFolder.RecordName);
        OutputPath.CheckFolder(folder, overwrite || File.Exists(record), checkpoint.Files.Append(path));
        foreach (QuantizationMix mix in CollectionFolder.Types)
        {
            // What is wrong with any of them is said before the first is written.
            Quantizer.Plan(checkpoint, options with { Mix = mix });
        }

        string name = NameOf(model, path);
        string? textPath = input.TextPath(invocation);
        TextChunks? chunks = textPath is null ? null : Cut(path, textPath);
        CollectionFolder collection = CollectionFolder.Open(folder, Facts(checkpoint, name, textPath, chunks), overwrite);
        if (chunks is null)
        {
            Write(collection, checkpoint, null);
        }
        else
        {
            using var scorer = new CollectionScorer(invocation, path, input.Base(invocation), chunks, folder, threads);
            Write(collection, checkpoint, scorer);
            collection.Facts = collection.Facts with { BasePerplexity = scorer.BasePerplexity ?? collection.Facts.BasePerplexity };
        }

        SamplingOptions sampling = GenerationDefaults.Read(checkpoint).Sampling;
        bool hasTurns = ChatTemplate.Find(path)?.Source.Contains("<start_of_turn>", StringComparison.Ordinal) == true;
        collection.Complete(file => OllamaModelfile.Create(file, sampling, hasTurns));
        Present(collection);
    }

    private void Write(CollectionFolder collection, Checkpoint checkpoint, CollectionScorer? scorer)
    {
        using var meter = new EnergyMeter();
        int done = 0;
        foreach (QuantizationMix mix in CollectionFolder.Types)
        {
            invocation.Kept = $"{done} of {CollectionFolder.Types.Count} types are done, and their files in {collection.Folder}; the same command goes on from them";
            CollectionEntry? earlier = WriteFile(collection, checkpoint, mix, out CollectionEntry entry);
            entry = entry with { Scores = scorer?.Score(collection, entry, earlier?.Scores) };
            collection.Put(entry with { Speed = earlier?.Speed });
            entry = entry with { Speed = input.WithSpeed(invocation) ? Time(collection, entry, earlier?.Speed, meter) : null };
            collection.Put(entry);
            done++;
            Invocation.Log(CollectionReport.Line(entry));
        }
    }

    // Gives the entry of an earlier run, where the file is the same.
    private CollectionEntry? WriteFile(CollectionFolder collection, Checkpoint checkpoint, QuantizationMix mix, out CollectionEntry entry)
    {
        QuantizationOptions asked = options with { Mix = mix };
        string madeFrom = CollectionFolder.MadeFrom(collection.Facts.Source, asked);
        if (collection.FindCurrent(mix, madeFrom) is { } current)
        {
            entry = current;
            return current;
        }

        GgufPlan plan = Quantizer.Plan(checkpoint, asked);
        string target = Path.Combine(collection.Folder, collection.FileOf(mix));
        Directory.CreateDirectory(collection.Folder);
        ProgressBar.Run(mix.Name, bar => plan.Write(checkpoint, target, overwrite: true, threads, bar.OfConversion(), invocation.Cancellation));
        entry = collection.Describe(mix, plan, madeFrom);
        collection.Put(entry);
        return null;
    }

    private CollectionSpeed Time(CollectionFolder collection, CollectionEntry entry, CollectionSpeed? earlier, EnergyMeter meter)
    {
        string machine = $"{VectorDispatch.InstructionSet}, {Environment.ProcessorCount} processors, {threads} threads";
        using LanguageModel model = LanguageModel.Open(Path.Combine(collection.Folder, entry.File), new InferenceOptions { Threads = threads });
        int prompt = Math.Min(PromptTokens, Math.Max(1, model.ContextLength / 2)), generated = Math.Min(GeneratedTokens, Math.Max(1, model.ContextLength / 4));
        if (earlier is not null && earlier.Machine == machine && earlier.PromptTokens == prompt && earlier.GeneratedTokens == generated)
        {
            return earlier;
        }

        using InferenceSession session = model.CreateSession(Math.Max(prompt, generated));
        var bench = new Bench([session], meter, model.Config.VocabularySize, seed: 0, Repetitions);
        double promptRate = bench.Measure(new BenchTest(prompt, 0, 0), threads, invocation.Cancellation)[0].TokensPerSecond.Median;
        double rate = bench.Measure(new BenchTest(0, generated, 0), threads, invocation.Cancellation)[0].TokensPerSecond.Median;
        return new CollectionSpeed(prompt, promptRate, generated, rate, machine);
    }

    private TextChunks Cut(string path, string textPath)
    {
        using LanguageModel model = LanguageModel.Open(path, new InferenceOptions { Threads = 1 });
        return input.Cut(invocation, model, textPath, null, out _);
    }

    private CollectionFacts Facts(Checkpoint checkpoint, string name, string? textPath, TextChunks? chunks) =>
        new(name, CollectionFolder.SourceOf(checkpoint))
        {
            Importance = options.Importance is { } importance ? Path.GetFileName(importance.Path) : null,
            Text = textPath is null ? null : Path.GetFileName(textPath),
            Chunks = chunks is null ? null : $"{chunks.Count} chunks of {chunks.ContextLength} tokens",
            Base = chunks is null ? null : input.Base(invocation) is { } other ? $"`{NameOf(other, ModelLocator.Find(other))}`" : "the unquantized model",
        };

    // The name without what says that the weights are whole; a hub id without who made it.
    private static string NameOf(string model, string path)
    {
        string name = Path.Exists(model) ? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path))) : model[(model.LastIndexOf('/') + 1)..];
        name = name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) ? name[..^5] : name;
        string? suffix = Array.Find(WholeTypes, suffix => name.EndsWith(suffix, StringComparison.OrdinalIgnoreCase));
        return suffix is not null && name.Length > suffix.Length ? name[..^suffix.Length] : name;
    }

    private void Present(CollectionFolder collection)
    {
        CollectionResult result = CollectionReport.Create(collection);
        invocation.Present(result, ResultJson.Default.CollectionResult, report => CollectionReport.Draw(report, result));
    }
}
