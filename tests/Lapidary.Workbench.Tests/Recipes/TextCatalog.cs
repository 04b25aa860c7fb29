using Lapidary.Checkpoints;
using Lapidary.Workbench.Recipes;

namespace Lapidary.Workbench.Tests.Recipes;

/// <summary>Commands that deal in texts, with which recipes can be tried: <c>join</c> writes its inputs and its word into a file.</summary>
internal sealed class TextCatalog
{
    /// <summary>The command lines that were run.</summary>
    public List<string> Ran { get; } = [];

    /// <summary>Called in the middle of each step, with its line.</summary>
    public Action<IReadOnlyList<string>>? InTheMiddle { get; set; }

    /// <summary>What steps fail with.</summary>
    public int ExitCode { get; set; }

    /// <summary>The version of what they compute.</summary>
    public int Version { get; set; } = 1;

    /// <summary>The catalogue.</summary>
    public StepCatalog Create() => new(
        [
            new StepCommand("join", "Joins texts.", Options) { Extensions = [".txt"], ResultVersion = Version },
            new StepCommand("train", "Joins texts, and goes on.", Options) { Extensions = [string.Empty], ResultVersion = Version, CanResume = true },
            new StepCommand("look", "Prints a text.", [Options[0]]) { Extensions = [], ResultVersion = Version },
        ],
        line => line is [_, "--number", { } text] && !int.TryParse(text, out _) ? [$"--number: expected a whole number, found '{text}'"] : [],
        (_, value) => File.Exists(value) || Directory.Exists(value) ? [value] : throw new CheckpointException(value, "is neither a file nor a folder"),
        Run);

    private static StepOption[] Options =>
    [
        new StepOption("from", StepValue.Texts, StepInput.Path, "Texts.") { IsArgument = true },
        new StepOption("word", StepValue.Text, StepInput.None, "A word.") { IsRequired = true },
        new StepOption("number", StepValue.Integer, StepInput.None, "A number."),
        new StepOption("loud", StepValue.Flag, StepInput.None, "Whether."),
        new StepOption("threads", StepValue.Integer, StepInput.None, "Threads.") { ChangesResult = false },
    ];

    private int Run(IReadOnlyList<string> line, Stream printed)
    {
        Ran.Add(string.Join(' ', line));
        printed.Write("{}\n"u8);
        int at = line.ToList().IndexOf("--output");
        if (at >= 0)
        {
            string path = line[at + 1];
            if (!path.EndsWith(".txt", StringComparison.Ordinal))
            {
                Directory.CreateDirectory(path);
                path = Path.Combine(path, "text.txt");
            }

            string[] inputs = [.. line.Skip(1).TakeWhile(word => !word.StartsWith("--", StringComparison.Ordinal))];
            IEnumerable<string> texts = inputs.Select(input => File.ReadAllText(Directory.Exists(input) ? Path.Combine(input, "text.txt") : input));
            int word = line.ToList().IndexOf("--word");
            File.WriteAllText(path, string.Concat(texts) + line[word + 1] + (line.Contains("--loud") ? "!" : "."));
        }

        InTheMiddle?.Invoke(line);
        return ExitCode;
    }
}
