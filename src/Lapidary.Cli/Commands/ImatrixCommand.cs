using System.CommandLine;
using System.Diagnostics;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Commands.Texts;
using Lapidary.Cli.Models;
using Lapidary.Cli.Output;
using Lapidary.Inference;
using Lapidary.Text;
using Lapidary.Workbench.Compression;
using Lapidary.Workbench.Evaluation.Texts;

namespace Lapidary.Cli.Commands;

/// <summary><c>lapidary imatrix</c>: an importance matrix from a calibration text.</summary>
internal sealed class ImatrixCommand : ToolCommand
{
    private readonly Argument<string> model = CommonOptions.Model();
    private readonly Option<string> file = Values.Text("--file", "FILE", "The calibration text, in UTF-8.", "-f").As(OptionRole.Path);
    private readonly Option<string> output = CommonOptions.Output("FILE", "The importance matrix: a GGUF file, as llama.cpp reads it.");
    private readonly Option<int> context = Values.Integer(
        "--ctx", "Tokens of a chunk, each a text of its own.", TextChunks.SmallestContextLength, 1 << 20, TextChunks.UsualContextLength);

    private readonly Option<int?> chunks = Values.OptionalInteger("--chunks", "Take this many chunks at most.", 1, int.MaxValue);
    private readonly Option<int> chunk = CommonOptions.Chunk();
    private readonly Option<int> threads = CommonOptions.Threads();
    private readonly Option<bool> overwrite = CommonOptions.Overwrite();

    public ImatrixCommand()
        : base(
            "imatrix",
            "Measure on a text how much each column of the weights matters, for quantize and llama.cpp.",
            "lapidary imatrix google/gemma-3-270m-it -f calibration.txt -o gemma-3-270m-it.imatrix.gguf",
            "lapidary imatrix gemma-3-270m-BF16.gguf -f wiki.train.raw -o imatrix.gguf --chunks 100")
    {
        file.Required = true;
        Arguments.Add(model);
        foreach (Option option in new Option[] { file, output, context, chunks, chunk, threads, overwrite })
        {
            Options.Add(option);
        }
    }

    public override IReadOnlyList<string>? StepExtensions => [".gguf"];

    protected override void Execute(Invocation invocation)
    {
        string name = invocation.Get(model)!, textPath = invocation.Get(file)!, target = invocation.Get(output)!;
        string path = ModelLocator.Find(name);
        OutputPath.CheckFile(target, path, textPath);
        if (!invocation.Get(overwrite) && File.Exists(target))
        {
            throw RequestException.Expected(target, "a new file (or --overwrite)", "a file that is there already");
        }

        string text = ScoredText.Read(textPath);
        if (!Tokenizer.Exists(path))
        {
            throw RequestException.Expected(path, "a tokenizer (tokenizer.json or tokenizer.model)", "none");
        }

        using LanguageModel opened = LanguageModel.Open(
            path, new InferenceOptions { Threads = invocation.Get(threads), ChunkSize = invocation.Get(chunk), Exact = true });
        OutputPath.CheckFile(target, opened.Checkpoint.Files);
        TextChunks cut = Cut(invocation, opened, Tokenizer.Open(path), textPath, text);
        var watch = Stopwatch.StartNew();
        ImportanceMatrix? matrix = null;
        ProgressBar.Run("imatrix", bar => matrix = ImportanceCollector.Collect(opened, cut, [textPath], bar, invocation.Cancellation));
        matrix!.Save(target);
        var result = new ImatrixResult(
            name, textPath, target, matrix.Entries.Count, cut.Count, cut.ContextLength, (long)cut.Count * cut.ContextLength,
            new FileInfo(target).Length, watch.Elapsed.TotalSeconds);
        invocation.Present(result, ResultJson.Default.ImatrixResult, report => report.Line(
            $"{target}: {result.Entries} matrices, {result.Chunks} chunks of {result.Context} tokens, {Units.Bytes(result.Bytes)}"));
    }

    private TextChunks Cut(Invocation invocation, LanguageModel opened, Tokenizer tokenizer, string textPath, string text)
    {
        int length = invocation.Get(context);
        ScoredText.CheckContext("--ctx", length, opened);
        int[] tokens = ScoredText.Encode(tokenizer, text);
        TokenInput.CheckVocabulary(textPath, tokens, opened.Config.VocabularySize);
        return ScoredText.Cut(textPath, tokens, length, ScoredText.BeginToken(tokenizer), invocation.Get(chunks));
    }
}
