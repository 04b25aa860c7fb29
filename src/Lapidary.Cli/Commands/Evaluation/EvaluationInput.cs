using System.CommandLine;
using System.Globalization;
using Lapidary.Cli.CommandLine;
using Lapidary.Inference.Scoring;
using Lapidary.Workbench.Evaluation.Tasks;

namespace Lapidary.Cli.Commands.Evaluation;

/// <summary>The options of an evaluation; names and defaults are those of lm-evaluation-harness.</summary>
internal sealed class EvaluationInput
{
    private const string Name = "eval";
    private const string ListWord = "list";
    private const string OwnTemplate = "default";

    private readonly Option<string[]> tasks = Values.NameList("--tasks", "Tasks, groups or tags, patterns such as mmlu_*, or task files; 'list' shows all names.");
    private readonly Option<double?> limit = Values.OptionalDouble(
        "--limit", "Evaluate this many documents of each task, or below 1 this share of them.", value => value > 0, "a number above 0");

    private readonly Option<LimitMode?> limitMode = Values.Choice(
        "--limit-mode",
        "Which documents --limit takes: the first ones, as the harness does, or a draw with the first number of --seed.",
        [("first", LimitMode.First), ("random", LimitMode.Random)]);

    private readonly Option<string> samples = Values.Text(
        "--samples", "FILE", "Evaluate the documents of a JSON object {\"task\": [0, 5, ...]} only: a file or the object itself.").As(OptionRole.PathOrSetting);

    private readonly Option<int?> fewShot = Values.OptionalInteger("--num-fewshot", "Examples in each prompt; what the task says where it is left out.", 0, 1000);
    private readonly Option<string> dataDirectory = Values.Text("--data-dir", "DIR", "Look for data sets in this folder before the Hugging Face cache.").As(OptionRole.Path);
    private readonly Option<string[]> includePaths = Values.TextList("--include-path", "DIR", "Take tasks from the YAML files in this folder too. May be repeated.").As(OptionRole.Path);
    private readonly Option<string?> template = new("--apply-chat-template")
    {
        Description = "Ask through the model's chat template, or through that in the file NAME.", HelpName = "NAME", Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string> system = Values.Text("--system-instruction", "TEXT", "What the conversation or the prompt begins with.");
    private readonly Option<bool?> multiturn = new("--fewshot-as-multiturn")
    {
        Description = "Whether examples are turns of the conversation; true where there is a chat template.", Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string> generation = Values.Text(
        "--gen-kwargs", "ARGS", "Settings of generation that win over the tasks': key=value,... or a JSON object.");

    private readonly Option<int?> batchSize = Values.OptionalInteger(
        "--batch-size", "Texts that are generated together; results do not depend on it.", 1, 1024).As(OptionRole.Neutral);

    private readonly Option<int[]> seeds = Values.IntegerList(
        "--seed", "One seed, or four as the harness has them: Python, NumPy, Torch, few-shot. 0,1234,1234,1234 where it is left out.", 0, int.MaxValue, "one or four whole numbers");

    private readonly Option<int?> maxLength = Values.OptionalInteger("--max-length", "Tokens that the model sees at most; its context where it is left out.", 2, int.MaxValue);
    private readonly Option<int> bootstrap = Values.Integer(
        "--bootstrap-iters", "Draws for the standard errors that have no formula; 0 for no standard errors.", 0, 1_000_000, 100_000);

    private readonly Option<bool> bfloat16 = new("--parity-bf16")
    {
        Description = "Round log-probabilities and their sums to bfloat16, as the harness does with a model in bfloat16.",
    };

    private readonly Option<bool> clean = new("--clean-perplexity")
    {
        Description = "Leave the token that begins a text out of its perplexity; the harness scores it too.",
    };

    private readonly Option<bool> unsafeCode = new Option<bool>("--confirm-run-unsafe-code")
    {
        Description = "Run programs that the model writes, in a sandbox, for tasks that are scored by it.",
    }.As(OptionRole.Consent);

    private readonly Option<string> cache = Values.Text(
        "--cache", "FILE", "Keep responses in this file and take them from it; with -o, a file beside the results where it is left out.").As(OptionRole.Neutral);

    private readonly Option<bool> noCache = new Option<bool>("--no-cache") { Description = "Keep no responses, so that an interrupted evaluation begins anew." }
        .As(OptionRole.Neutral);
    private readonly Option<string> output = Values.Text("--output", "DIR", "Write results and samples into this folder, as the harness does.", "-o").As(OptionRole.Output);
    private readonly Option<int> chunk = CommonOptions.Chunk();
    private readonly Option<int> threads = CommonOptions.Threads();

    /// <summary>The adapters that the model is used with.</summary>
    public AdapterInput Adapters { get; } = AdapterInput.ForUse();

    /// <summary>The texts that are measured beside the tasks.</summary>
    public TextDomains Texts { get; } = new();

    /// <summary>The prompts whose answers are searched for markers.</summary>
    public PromptsInput Prompts { get; } = new();

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in new Option[]
        {
            tasks, limit, limitMode, samples, fewShot, dataDirectory, includePaths, template, system, multiturn, generation, seeds, output, cache,
            noCache, batchSize, maxLength, bootstrap, bfloat16, clean, unsafeCode, chunk, threads,
        })
        {
            command.Options.Add(option);
        }

        Texts.AddTo(command);
        Prompts.AddTo(command);
        Adapters.AddTo(command);
    }

    /// <summary>Whether the names of all tasks are asked for.</summary>
    public bool IsListing(Invocation invocation) => invocation.Get(tasks, []) is [ListWord];

    /// <summary>The tasks that come along and those of the folders that were named.</summary>
    public TaskLibrary OpenLibrary(Invocation invocation) => TaskLibrary.Open(invocation.Get(includePaths, []));

    /// <summary>The tasks that were asked for; none where there are texts only.</summary>
    /// <param name="invocation">The call.</param>
    /// <param name="library">The tasks that are known.</param>
    /// <param name="prompts">What comes with <c>--prompts</c>.</param>
    /// <exception cref="RequestException">A name is none, or nothing was asked for.</exception>
    public TaskSelection Select(Invocation invocation, TaskLibrary library, IReadOnlyList<PromptSet> prompts)
    {
        if (!invocation.Has(tasks) && prompts.Count == 0 && !Texts.AreGiven(invocation))
        {
            throw RequestException.Expected(Name, "--tasks, --prompts or --text", "none of them");
        }

        try
        {
            return library.Select(invocation.Get(tasks, [])).With([.. prompts.Select(set => set.Task)]);
        }
        catch (ArgumentException thrown)
        {
            throw new RequestException($"{(invocation.Has(tasks) ? "--tasks" : "--prompts")}: {thrown.Message}");
        }
    }

    /// <summary>The folder of data; null for none.</summary>
    public string? DataDirectory(Invocation invocation) => invocation.Get(dataDirectory);

    /// <summary>The folder of results; null for none.</summary>
    public string? Output(Invocation invocation) => invocation.Get(output);

    /// <summary>The file of responses that was named.</summary>
    public string? Cache(Invocation invocation) => invocation.Get(cache);

    /// <summary>Whether responses are kept where no file is named.</summary>
    public bool KeepsResponses(Invocation invocation) => !invocation.Get(noCache);

    /// <summary>Whether prompts are conversations.</summary>
    public bool AppliesTemplate(Invocation invocation) => invocation.Has(template);

    /// <summary>The file of a chat template; null for the model's.</summary>
    public string? TemplateFile(Invocation invocation) => invocation.Get(template) is { Length: > 0 } file && file != OwnTemplate ? file : null;

    /// <summary>The system instruction; null for none.</summary>
    public string? System(Invocation invocation) => invocation.Get(system);

    /// <summary>The settings of generation as they were typed; null for none.</summary>
    public string? GenerationText(Invocation invocation) => invocation.Get(generation);

    /// <summary>Worker threads.</summary>
    public int Threads(Invocation invocation) => invocation.Get(threads);

    /// <summary>Tokens of a chunk.</summary>
    public int Chunk(Invocation invocation) => invocation.Get(chunk);

    /// <summary>Tokens that the model sees at most; null for its context.</summary>
    public int? MaxLength(Invocation invocation) => invocation.Get(maxLength);

    /// <summary>Texts that are generated together.</summary>
    public int? BatchSize(Invocation invocation) => invocation.Get(batchSize);

    /// <summary>What is rounded.</summary>
    public ScorePrecision Precision(Invocation invocation) => invocation.Get(bfloat16) ? ScorePrecision.BFloat16 : ScorePrecision.Full;

    /// <summary>Whether a perplexity leaves out the token that begins a text.</summary>
    public bool IsClean(Invocation invocation) => invocation.Get(clean);

    /// <summary>The limit, which the results repeat.</summary>
    public double? Limit(Invocation invocation) => invocation.Get(limit);

    /// <summary>Which documents the limit takes.</summary>
    public LimitMode ModeOfLimit(Invocation invocation) => invocation.Get(limitMode) ?? LimitMode.First;

    /// <summary>The number of shots that was asked for; null for the tasks' own.</summary>
    public int? FewShot(Invocation invocation) => invocation.Get(fewShot);

    /// <summary>Whether examples are turns; null where nothing is said.</summary>
    public bool? Multiturn(Invocation invocation) => invocation.Has(multiturn) ? invocation.Get(multiturn) ?? true : null;

    /// <summary>Draws for standard errors.</summary>
    public int Bootstrap(Invocation invocation) => invocation.Get(bootstrap);

    /// <summary>The four seeds of the harness.</summary>
    /// <exception cref="RequestException">There are not one or four.</exception>
    public (long Random, long Numpy, long Torch, long FewShot) Seeds(Invocation invocation) => invocation.Get(seeds, []) switch
    {
        [] => (0, 1234, 1234, 1234),
        [int one] => (one, one, one, one),
        [int random, int numpy, int torch, int shots] => (random, numpy, torch, shots),
        { Length: int count } => throw RequestException.Expected(
            "--seed", "one or four whole numbers", count.ToString(CultureInfo.InvariantCulture)),
    };

    /// <summary>The documents of each task that were asked for; null for those that the limit leaves.</summary>
    /// <exception cref="RequestException">The file is none or names another task, or <c>--limit</c> is there too.</exception>
    public IReadOnlyDictionary<string, IReadOnlyList<int>>? Samples(Invocation invocation, TaskSelection selection)
    {
        if (invocation.Get(samples) is not { } given)
        {
            return null;
        }

        return invocation.Has(limit)
            ? throw RequestException.Expected(Name, "--limit or --samples", "both")
            : ChosenDocuments.Read(given, selection.Tasks.Select(task => task.Name));
    }

    /// <summary>How the tasks are evaluated.</summary>
    /// <param name="invocation">The call.</param>
    /// <param name="renderer">Renders conversations; null for plain text.</param>
    public TaskOptions Options(Invocation invocation, ChatRenderer? renderer)
    {
        (long random, _, _, long shots) = Seeds(invocation);
        return new TaskOptions
        {
            FewShotCount = invocation.Get(fewShot),
            Limit = invocation.Get(limit),
            LimitMode = ModeOfLimit(invocation),
            LimitSeed = (ulong)random,
            FewShotSeed = (ulong)shots,
            SystemInstruction = invocation.Get(system),
            ChatTemplate = renderer,
            FewShotAsMultiturn = Multiturn(invocation),
            GenerationArguments = GenerationArguments.Parse(invocation.Get(generation)),
            BootstrapIterations = invocation.Get(bootstrap),
            RunsGeneratedCode = invocation.Get(unsafeCode),
        };
    }
}
