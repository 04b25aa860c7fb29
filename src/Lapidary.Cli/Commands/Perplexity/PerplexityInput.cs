using System.CommandLine;
using Lapidary.Cli.CommandLine;
using Lapidary.Inference;
using Lapidary.Workbench.Evaluation.Texts;

namespace Lapidary.Cli.Commands.Perplexity;

/// <summary>The options of <c>perplexity</c>.</summary>
internal sealed class PerplexityInput
{
    private readonly Option<string> file = Values.Text("--file", "FILE", "The text, in UTF-8; not needed where --kl-base is a file of recorded logits.", "-f").As(OptionRole.Path);
    private readonly Option<int?> context = Values.OptionalInteger(
        "--ctx",
        $"Tokens of a chunk, of which the second half is scored; {TextChunks.UsualContextLength} where it is left out.",
        TextChunks.SmallestContextLength,
        1 << 20);

    private readonly Option<int?> chunks = Values.OptionalInteger("--chunks", "Score this many chunks at most.", 1, int.MaxValue);
    private readonly Option<string> reference = Values.Text(
        "--kl-base", "MODEL|FILE", "Compare with this model, or with the logits that llama.cpp or --save-logits recorded.").As(OptionRole.Model);

    private readonly Option<string> save = Values.Text(
        "--save-logits", "FILE", "Record the logits for --kl-base, in llama.cpp's form: 2 bytes for each scored token and token of the vocabulary.").As(OptionRole.Neutral);

    private readonly Option<int> chunk = CommonOptions.Chunk();
    private readonly Option<int> threads = CommonOptions.Threads();

    /// <summary>The adapters that the model is used with; the base is used as it is.</summary>
    public AdapterInput Adapters { get; } = AdapterInput.ForUse();

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { file, context, chunks, reference, save, chunk, threads })
        {
            command.Options.Add(option);
        }

        Adapters.AddTo(command);
    }

    /// <summary>The file of the text; null for none.</summary>
    public string? TextPath(Invocation invocation) => invocation.Get(file);

    /// <summary>Tokens of a chunk; null where nothing is said.</summary>
    public int? ContextLength(Invocation invocation) => invocation.Get(context);

    /// <summary>Chunks at most; null for all.</summary>
    public int? Chunks(Invocation invocation) => invocation.Get(chunks);

    /// <summary>The base; null for none.</summary>
    public string? Base(Invocation invocation) => invocation.Get(reference);

    /// <summary>The file that gets the logits; null for none.</summary>
    public string? Recording(Invocation invocation) => invocation.Get(save);

    /// <summary>How models are run.</summary>
    public InferenceOptions Options(Invocation invocation) => new()
    {
        Threads = invocation.Get(threads), Exact = true, ChunkSize = invocation.Get(chunk),
    };
}
