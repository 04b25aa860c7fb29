using System.CommandLine;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Output;
using Lapidary.Networks;
using Lapidary.Text;
using Lapidary.Text.Data;

namespace Lapidary.Cli.Commands.Training;

/// <summary>The options that say what a model learns from, and how it becomes tokens.</summary>
internal sealed class DataInput
{
    private readonly Option<string> data = Values.Text("--data", "F", "Training data: JSONL, JSON, CSV, plain text, Parquet, a folder of such files, or ORG/NAME[:CONFIG][@SPLIT] in the local Hugging Face cache.").As(OptionRole.Data);
    private readonly Option<int> maxLength = Values.Integer("--max-length", "Tokens of a sequence at most; longer ones are cut at their end.", 4, 1 << 20, 1024);
    private readonly Option<bool> fullLoss = new("--full-loss") { Description = "Learn prompts and users' turns too, not the answers alone." };
    private readonly Option<string> system = Values.Text("--system", "TEXT", "What the model is told before each conversation that does not say so itself.");

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        data.Required = true;
        foreach (Option option in new Option[] { data, maxLength, fullLoss, system })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Tokens of a sequence at most.</summary>
    public int MaxLength(Invocation invocation) => invocation.Get(maxLength);

    /// <summary>Reads the data and says what became of them.</summary>
    public TrainingData Load(Invocation invocation, string model, Tokenizer? tokenizer, Gemma3Config config) =>
        Load(invocation, "data", invocation.Get(data)!, model, tokenizer, config);

    /// <summary>Reads another file in the same way.</summary>
    public TrainingData Load(Invocation invocation, string title, string file, string model, Tokenizer? tokenizer, Gemma3Config config)
    {
        var options = new TrainingDataOptions
        {
            MaxLength = invocation.Get(maxLength),
            CompletionOnlyLoss = invocation.Get(fullLoss) ? false : null,
            SystemPrompt = invocation.Get(system),
        };
        ChatTemplate? template = tokenizer is null ? null : ChatTemplate.Find(model);
        TrainingData read = HubData.Find(file) is { } files
            ? TrainingData.Load(file, files, options, tokenizer, template, config.VocabularySize, invocation.Cancellation)
            : TrainingData.Load(file, options, tokenizer, template, config.VocabularySize, invocation.Cancellation);
        Report(title, read);
        return read;
    }

    private static void Report(string title, TrainingData data)
    {
        Invocation.Log($"{title}: {Units.Count(data.Count)} examples, {Units.Count(data.TokenCount)} tokens, {Units.Count(data.TargetCount)} of them learned");
        foreach (UnusableRow row in data.Unusable.Take(10))
        {
            Invocation.Log($"  {row.File}:{row.Line}: not used: {row.Reason}");
        }

        if (data.UnusableCount > 10)
        {
            Invocation.Log($"  and {Units.Count(data.UnusableCount - 10)} more rows that cannot be used");
        }

        if (data.TruncatedCount > 0)
        {
            Invocation.Log($"  {Units.Count(data.TruncatedCount)} rows were longer than --max-length and lost their ends");
        }
    }
}
