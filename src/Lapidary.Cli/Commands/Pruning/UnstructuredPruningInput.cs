using System.CommandLine;
using Lapidary.Cli.CommandLine;
using Lapidary.Workbench.Compression;

namespace Lapidary.Cli.Commands.Pruning;

/// <summary>The options of unstructured pruning: which weights become 0.</summary>
internal sealed class UnstructuredPruningInput
{
    private readonly Option<double?> sparsity = Values.OptionalDouble(
        "--sparsity", "The share of the selected weights that becomes 0.", value => value is >= 0 and < 1, "a number of at least 0 and below 1");

    private readonly Option<string> pattern = Values.Text(
        "--pattern", "N:M", "Instead of --sparsity: the N lowest of every M neighbours in a row, such as 2:4.");

    private readonly Option<PruningScope?> scope = Values.Choice(
        "--scope",
        "What magnitude compares the weights of; a matrix (tensor) where it is left out.",
        [("tensor", PruningScope.Tensor), ("row", PruningScope.Row), ("layer", PruningScope.Layer), ("global", PruningScope.Global)]);

    private readonly Option<LayerAllocation?> allocation = Values.Choice(
        "--allocation",
        "One sparsity for all layers (uniform), or less for layers with many outliers (owl).",
        [("uniform", LayerAllocation.Uniform), ("owl", LayerAllocation.Owl)]);

    private readonly Option<double?> owlMultiple = Values.OptionalDouble(
        "--owl-m", "OWL: an outlier is more than this many times the mean of its layer; 5 where it is left out.", value => value > 0, "a number above 0");

    private readonly Option<double?> owlRange = Values.OptionalDouble(
        "--owl-lambda", "OWL: half of the range of the layers' sparsities; 0.08 where it is left out.", value => value >= 0, "a number of at least 0");

    private readonly Option<double?> damping = Values.OptionalDouble(
        "--damping",
        "SparseGPT: added to the diagonal of the second moments, as a share of its mean; 0.01 where it is left out.",
        value => value > 0,
        "a number above 0");

    private readonly Option<int?> blockSize = Values.OptionalInteger(
        "--block-size", "SparseGPT: columns whose weights are chosen together; 128 where it is left out.", 1, 1 << 20);

    private readonly Option<string[]> include = Values.TextList(
        "--include",
        "PATTERN",
        "Prune the matrices in whose names this regular expression is found, such as mlp; the decoder's linear layers where it is left out. Repeatable.");

    private readonly Option<string[]> exclude = Values.TextList(
        "--exclude", "PATTERN", "Leave out matrices in whose names this regular expression is found. Repeatable.");

    /// <summary>The methods by the words of --method.</summary>
    public static IReadOnlyDictionary<string, PruningMethod> Methods { get; } = new Dictionary<string, PruningMethod>(StringComparer.OrdinalIgnoreCase)
    {
        ["magnitude"] = PruningMethod.Magnitude, ["wanda"] = PruningMethod.Wanda, ["sparsegpt"] = PruningMethod.SparseGpt,
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in All())
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The first of the options that was given, or null: what other methods refuse.</summary>
    public string? FirstGiven(Invocation invocation) => All().FirstOrDefault(invocation.Has)?.Name;

    /// <summary>Reads which matrices are meant.</summary>
    /// <exception cref="RequestException">A pattern is none.</exception>
    public TensorSelection ReadSelection(Invocation invocation)
    {
        string[] included = invocation.Get(include, []), excluded = invocation.Get(exclude, []);
        CheckPatterns("--include", included);
        CheckPatterns("--exclude", excluded);
        return new TensorSelection(included, excluded);
    }

    /// <summary>Reads the options.</summary>
    /// <exception cref="RequestException">Something is missing, or two options exclude each other.</exception>
    public PruningOptions Read(Invocation invocation, PruningMethod method)
    {
        SparsityPattern? groups = ReadPattern(invocation);
        double? share = invocation.Get(sparsity);
        if (groups is null == share is null)
        {
            throw RequestException.Expected("prune", "--sparsity or --pattern", groups is null ? "neither of them" : "both");
        }

        CheckPlace(invocation, method, groups);
        int block = invocation.Get(blockSize) ?? 128;
        if (method == PruningMethod.SparseGpt && block % (groups?.Group ?? 1) != 0)
        {
            throw RequestException.Expected("--block-size", $"whole groups of {groups?.Group}", $"{block}");
        }

        return new PruningOptions(method)
        {
            Sparsity = share ?? 0,
            Scope = invocation.Get(scope) ?? PruningScope.Tensor,
            Pattern = groups,
            Owl = ReadOwl(invocation, groups),
            Selection = ReadSelection(invocation),
            Damping = invocation.Get(damping) ?? 0.01,
            BlockSize = block,
        };
    }

    private Option[] All() => [sparsity, pattern, scope, allocation, owlMultiple, owlRange, damping, blockSize, include, exclude];

    private SparsityPattern? ReadPattern(Invocation invocation)
    {
        if (invocation.Get(pattern) is not { } text)
        {
            return null;
        }

        return SparsityPattern.TryParse(text, out SparsityPattern parsed)
            ? parsed
            : throw RequestException.Expected(
                "--pattern", $"N:M such as 2:4, with N from 1 to M - 1 and M of at most {SparsityPattern.LargestGroup}", Quote.Text(text));
    }

    private OwlSettings? ReadOwl(Invocation invocation, SparsityPattern? groups)
    {
        if (invocation.Get(allocation) != LayerAllocation.Owl)
        {
            foreach (Option<double?> option in (Option<double?>[])[owlMultiple, owlRange])
            {
                if (invocation.Has(option))
                {
                    throw RequestException.Expected(option.Name, "--allocation owl", "another allocation");
                }
            }

            return null;
        }

        if (groups is { } found)
        {
            throw RequestException.Expected("--allocation owl", "--sparsity, which it shares out", $"--pattern {found}");
        }

        if (invocation.Get(scope) == PruningScope.Global)
        {
            throw RequestException.Expected("--allocation owl", "a scope within a layer", "global");
        }

        return new OwlSettings(
            invocation.Get(owlMultiple) ?? OwlSettings.Usual.Multiple, invocation.Get(owlRange) ?? OwlSettings.Usual.Range);
    }

    // An option that would change nothing is a misunderstanding.
    private void CheckPlace(Invocation invocation, PruningMethod method, SparsityPattern? groups)
    {
        string word = method.ToString().ToLowerInvariant();
        if (invocation.Has(scope) && (method != PruningMethod.Magnitude || groups is not null))
        {
            throw RequestException.Expected("--scope", "magnitude without --pattern", groups is null ? word : $"--pattern {groups}");
        }

        foreach (Option option in (Option[])[damping, blockSize])
        {
            if (method != PruningMethod.SparseGpt && invocation.Has(option))
            {
                throw RequestException.Expected(option.Name, "--method sparsegpt", word);
            }
        }
    }

    private static void CheckPatterns(string option, string[] patterns)
    {
        foreach (string text in patterns)
        {
            try
            {
                _ = new TensorSelection([text], []);
            }
            catch (ArgumentException)
            {
                throw RequestException.Expected(option, "a regular expression that looks neither around nor back", Quote.Text(text));
            }
        }
    }
}
