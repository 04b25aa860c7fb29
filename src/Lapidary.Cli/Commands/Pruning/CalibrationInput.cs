using System.CommandLine;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Commands.Texts;
using Lapidary.Inference;
using Lapidary.Text;
using Lapidary.Workbench.Evaluation.Texts;

namespace Lapidary.Cli.Commands.Pruning;

/// <summary>The text by whose inputs weights are judged, cut as <c>imatrix</c> cuts it.</summary>
internal sealed class CalibrationInput
{
    private readonly Option<string> file = Values.Text(
        "--file", "FILE", "The calibration text, in UTF-8; for methods that look at inputs.", "-f", "--calibration").As(OptionRole.Path);

    private readonly Option<int> context = Values.Integer(
        "--ctx", "Tokens of a chunk of the text, each a text of its own.", TextChunks.SmallestContextLength, 1 << 20, TextChunks.UsualContextLength);

    private readonly Option<int?> chunks = Values.OptionalInteger("--chunks", "Take this many chunks of the text at most.", 1, int.MaxValue);
    private readonly Option<int> chunk = CommonOptions.Chunk();

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { file, context, chunks, chunk })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The file of the text; null for none.</summary>
    public string? TextPath(Invocation invocation) => invocation.Get(file);

    /// <summary>Tokens of a prompt that are processed at a time.</summary>
    public int ChunkSize(Invocation invocation) => invocation.Get(chunk);

    /// <summary>Reads the text and cuts it.</summary>
    /// <exception cref="RequestException">It cannot be read, is too short, or does not go with the model.</exception>
    public TextChunks Read(Invocation invocation, LanguageModel model)
    {
        string path = TextPath(invocation)!, folder = model.Checkpoint.Path;
        string text = ScoredText.Read(path);
        if (!Tokenizer.Exists(folder))
        {
            throw RequestException.Expected(folder, "a tokenizer (tokenizer.json or tokenizer.model)", "none");
        }

        int length = invocation.Get(context);
        ScoredText.CheckContext("--ctx", length, model);
        var tokenizer = Tokenizer.Open(folder);
        int[] tokens = ScoredText.Encode(tokenizer, text);
        TokenInput.CheckVocabulary(path, tokens, model.Config.VocabularySize);
        return ScoredText.Cut(path, tokens, length, ScoredText.BeginToken(tokenizer), invocation.Get(chunks));
    }
}
