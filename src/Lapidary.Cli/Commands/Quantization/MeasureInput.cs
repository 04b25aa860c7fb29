using System.CommandLine;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Commands.Texts;
using Lapidary.Inference;
using Lapidary.Text;
using Lapidary.Workbench.Evaluation.Texts;

namespace Lapidary.Cli.Commands.Quantization;

/// <summary>The options that say on what quantized models are measured.</summary>
internal sealed class MeasureInput
{
    private readonly Option<string> file = Values.Text("--file", "FILE", "With --all: measure on this text, in UTF-8. With --search: search and measure on it.", "-f").As(OptionRole.Path);
    private readonly Option<int?> context = Values.OptionalInteger(
        "--ctx",
        $"Tokens of a chunk of the text, of which the second half is scored; {TextChunks.UsualContextLength} or what the model has where it is left out.",
        TextChunks.SmallestContextLength,
        1 << 20);

    private readonly Option<int?> chunks = Values.OptionalInteger("--chunks", "Take this many chunks of the text at most.", 1, int.MaxValue);
    private readonly Option<string> reference = Values.Text("--base", "MODEL", "With --all: measure divergence from this model instead of MODEL.").As(OptionRole.Model);
    private readonly Option<bool> withoutSpeed = new("--no-bench") { Description = "With --all: do not measure speeds." };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { file, context, chunks, reference, withoutSpeed })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Throws where an option was given that needs another.</summary>
    /// <exception cref="RequestException">One was.</exception>
    public void RefuseAny(Invocation invocation, string needed)
    {
        if (new Option[] { file, context, chunks, reference, withoutSpeed }.FirstOrDefault(invocation.Has) is { } option)
        {
            throw RequestException.Expected("quantize", $"{option.Name} with {needed}", "it without");
        }
    }

    /// <summary>The file of the text; null for none.</summary>
    public string? TextPath(Invocation invocation) => invocation.Get(file);

    /// <summary>The model that divergence is measured from; null for the one that is quantized.</summary>
    public string? Base(Invocation invocation) => invocation.Get(reference);

    /// <summary>Whether speeds are measured.</summary>
    public bool WithSpeed(Invocation invocation) => !invocation.Get(withoutSpeed);

    /// <summary>Throws where an option was given that only a collection has.</summary>
    /// <exception cref="RequestException">One was.</exception>
    public void RefuseCollection(Invocation invocation)
    {
        if (new Option[] { reference, withoutSpeed }.FirstOrDefault(invocation.Has) is { } option)
        {
            throw RequestException.Expected("quantize", $"{option.Name} with --all", "it with --search");
        }
    }

    /// <summary>Throws where an option was given that needs a text, and there is none.</summary>
    /// <exception cref="RequestException">One was.</exception>
    public void CheckText(Invocation invocation)
    {
        if (!invocation.Has(file) && new Option[] { context, chunks, reference }.FirstOrDefault(invocation.Has) is { } option)
        {
            throw RequestException.Expected("quantize", $"{option.Name} with a text (-f)", "no text");
        }
    }

    /// <summary>Reads and cuts the text.</summary>
    /// <param name="invocation">The call.</param>
    /// <param name="model">The model whose tokens it is made of.</param>
    /// <param name="path">The file.</param>
    /// <param name="usualChunks">Chunks at most where nothing is said; null for all.</param>
    /// <param name="beginToken">The token that each chunk begins with; null where the model has none.</param>
    /// <exception cref="RequestException">It cannot be read, is too short, or does not fit the model.</exception>
    public TextChunks Cut(Invocation invocation, LanguageModel model, string path, int? usualChunks, out int? beginToken)
    {
        string text = ScoredText.Read(path), folder = model.Checkpoint.Path;
        if (!Tokenizer.Exists(folder))
        {
            throw RequestException.Expected(folder, "a tokenizer (tokenizer.json or tokenizer.model)", "none");
        }

        int length = invocation.Get(context) ?? Math.Min(TextChunks.UsualContextLength, model.ContextLength);
        ScoredText.CheckContext("--ctx", length, model);
        var tokenizer = Tokenizer.Open(folder);
        int[] tokens = ScoredText.Encode(tokenizer, text);
        TokenInput.CheckVocabulary(path, tokens, model.Config.VocabularySize);
        beginToken = ScoredText.BeginToken(tokenizer);
        return ScoredText.Cut(path, tokens, length, beginToken, invocation.Get(chunks) ?? usualChunks);
    }
}
