using System.Globalization;
using Lapidary.Pebble.Corpus;
using Lapidary.Pebble.Steps;

namespace Lapidary.Pebble;

/// <summary>What stands behind the name of the tool: a step, and its options.</summary>
/// <param name="Step">A step, <c>all</c>, or <c>score</c>.</param>
/// <param name="Options">Where and how.</param>
/// <param name="Model">For <c>score</c>, the model.</param>
/// <param name="Tests">For <c>score</c>, the folder of tests.</param>
/// <param name="Chat">For <c>score</c>, whether the model is asked through its chat template.</param>
/// <param name="Adapter">For <c>score</c>, an adapter that the model is used with.</param>
internal sealed record CommandLine(string Step, StepOptions Options, string? Model, string? Tests, bool Chat, string? Adapter)
{
    /// <summary>How the tool is called.</summary>
    public const string Usage = """
        Makes Pebble, the model that comes along: its corpus, its tokenizer, its training, its tests, its card.

          Lapidary.Pebble STEP -o DIR [--seed N] [--threads N] [--force]
          Lapidary.Pebble score --model MODEL --tests DIR -o DIR [--chat] [--adapter DIR] [--threads N]

        STEP is generate, tokenizer, pretrain, tune, evaluate or card, or all for all of them in this order. What is done already in DIR
        is skipped unless --force is given. score puts the held-out tests in a folder to any model.
        """;

    /// <summary>Reads a command line.</summary>
    /// <exception cref="ArgumentException">It is wrong; the message is one sentence.</exception>
    public static CommandLine Parse(IReadOnlyList<string> arguments)
    {
        if (arguments.Count == 0 || !(Pipeline.Steps.Contains(arguments[0]) || arguments[0] is "all" or "score"))
        {
            throw new ArgumentException($"A step was expected ({string.Join(", ", Pipeline.Steps)}, all or score), found {(arguments.Count == 0 ? "nothing" : $"'{arguments[0]}'")}.");
        }

        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        for (int i = 1; i < arguments.Count; i++)
        {
            string name = arguments[i];
            if (name is "--force" or "--chat")
            {
                values[name] = string.Empty;
            }
            else if (name is "-o" or "--seed" or "--threads" or "--model" or "--tests" or "--adapter")
            {
                values[name] = ++i < arguments.Count ? arguments[i] : throw new ArgumentException($"{name} needs a value.");
            }
            else
            {
                throw new ArgumentException($"'{name}' is no option.");
            }
        }

        string folder = values.GetValueOrDefault("-o") is { Length: > 0 } given ? given : throw new ArgumentException("-o DIR is missing.");
        var options = new StepOptions(
            folder,
            Number(values, "--seed", CorpusGenerator.DefaultSeed, ulong.MaxValue),
            (int)Number(values, "--threads", (ulong)Environment.ProcessorCount, 1024),
            values.ContainsKey("--force"));
        if (options.Threads < 1)
        {
            throw new ArgumentException("--threads must be at least 1.");
        }

        if (arguments[0] == "score" && !(values.ContainsKey("--model") && values.ContainsKey("--tests")))
        {
            throw new ArgumentException("score needs --model and --tests.");
        }

        return new CommandLine(arguments[0], options, values.GetValueOrDefault("--model"), values.GetValueOrDefault("--tests"), values.ContainsKey("--chat"), values.GetValueOrDefault("--adapter"));
    }

    private static ulong Number(Dictionary<string, string> values, string name, ulong fallback, ulong limit) =>
        !values.TryGetValue(name, out string? text) ? fallback
        : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) && number <= limit ? number
        : throw new ArgumentException($"{name} expects a whole number of at most {limit}, found '{text}'.");
}
