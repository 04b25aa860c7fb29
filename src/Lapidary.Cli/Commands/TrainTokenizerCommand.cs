using System.CommandLine;
using System.Diagnostics;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Commands.Texts;
using Lapidary.Cli.Models;
using Lapidary.Cli.Output;
using Lapidary.Text.Tokenizers.Training;

namespace Lapidary.Cli.Commands;

/// <summary><c>lapidary train-tokenizer</c>: a vocabulary learned from texts.</summary>
internal sealed class TrainTokenizerCommand : ToolCommand
{
    private const int LongestShown = 8;

    private readonly Option<string[]> data = Values.TextList(
        "--data", "FILE", "A .txt file, or a .jsonl or .json file with texts, messages, prompts and completions; may be given several times.").As(OptionRole.Path);

    private readonly Option<string> output = CommonOptions.Output("DIR", "The folder to write: new or empty.");
    private readonly Option<int> size = Values.Integer(
        "--vocab-size", "Number of pieces, those that Gemma 3 begins with and the bytes among them.",
        BpeTrainerOptions.LeastVocabularySize, BpeTrainerOptions.GreatestVocabularySize, fallback: null);

    private readonly Option<float?> coverage = Values.OptionalNumber(
        "--coverage", "Share of the characters that get a piece, the most frequent first; 0.9995 where it is left out. The others become bytes.",
        number => number is > 0 and <= 1, "a number above 0 and at most 1");

    private readonly Option<int> longest = Values.Integer("--max-piece-length", "Characters of the longest piece.", 2, 64, 16);
    private readonly Option<bool> overwrite = new("--overwrite")
    {
        Description = "Write into a folder that holds files; a tokenizer that was there is replaced.",
    };

    public TrainTokenizerCommand()
        : base(
            "train-tokenizer",
            "Learn a vocabulary of Gemma 3's kind from texts.",
            "lapidary train-tokenizer --data corpus.txt -o tokenizer --vocab-size 4096",
            "lapidary train-tokenizer --data stories.txt --data chats.jsonl -o tokenizer --vocab-size 2048 --coverage 1")
    {
        data.Required = true;
        size.Required = true;
        foreach (Option option in new Option[] { data, output, size, coverage, longest, overwrite })
        {
            Options.Add(option);
        }
    }

    public override IReadOnlyList<string>? StepExtensions => [string.Empty];

    protected override void Execute(Invocation invocation)
    {
        string target = invocation.Get(output)!;
        var source = new TextSource(invocation.Get(data)!);
        OutputPath.CheckFolder(target, invocation.Get(overwrite));
        var options = new BpeTrainerOptions { VocabularySize = invocation.Get(size), MaxPieceLength = invocation.Get(longest) };
        if (invocation.Get(coverage) is float share)
        {
            options = options with { CharacterCoverage = share };
        }

        var watch = Stopwatch.StartNew();
        TrainedTokenizer trained = null!;
        ProgressBar.Run("train-tokenizer", bar => trained = BpeTrainer.Train(
            source.Read(), options, bar.OfTokenizer(source), invocation.Cancellation));
        trained.Save(target, invocation.Get(overwrite));
        Present(invocation, target, trained, watch.Elapsed);
    }

    private static void Present(Invocation invocation, string target, TrainedTokenizer trained, TimeSpan elapsed)
    {
        string[] longestPieces =
        [
            .. trained.LearnedPieces.OrderByDescending(piece => piece.EnumerateRunes().Count()).ThenBy(piece => piece, StringComparer.Ordinal).Take(LongestShown),
        ];
        var result = new TrainedTokenizerResult(
            target,
            trained.Pieces.Count,
            trained.LearnedPieces.Count,
            trained.Texts,
            trained.Characters,
            trained.Tokens,
            (double)trained.Characters / trained.Tokens,
            longestPieces,
            elapsed.TotalSeconds);
        invocation.Present(result, ResultJson.Default.TrainedTokenizerResult, report =>
        {
            report.Line($"{target}: {Units.Count(result.Pieces)} pieces, {Units.Count(result.LearnedPieces)} of them learned");
            report.Pairs(
                ("characters", Units.Count(result.Characters)),
                ("tokens", Units.Count(result.Tokens)),
                ("characters per token", Units.Rate(result.CharactersPerToken)),
                ("longest pieces", string.Join(' ', longestPieces)));
        });
    }
}
