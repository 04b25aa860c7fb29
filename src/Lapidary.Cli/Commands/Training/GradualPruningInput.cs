using System.CommandLine;
using System.Globalization;
using Lapidary.Cli.CommandLine;
using Lapidary.Workbench.Compression;
using Lapidary.Workbench.Training;

namespace Lapidary.Cli.Commands.Training;

/// <summary>The options that prune a model while it is trained.</summary>
internal sealed class GradualPruningInput
{
    private const string Moment = "a share below 1 or a whole number of steps";

    private readonly Option<double?> to = Values.OptionalDouble(
        "--prune-to", "full: prune the decoder's linear layers by magnitude to this share of zeros, step by step.",
        value => value is > 0 and < 1, "a number above 0 and below 1");
    private readonly Option<string> pattern = Values.Text(
        "--prune-pattern", "N:M", "full: prune so that of every M weights of a row N are zero, such as 2:4; in place of --prune-to.");
    private readonly Option<double> from = Values.Number(
        "--prune-from", "full: share of zeros that pruning begins with.", 0, value => value is >= 0 and < 1, "a number from 0 to below 1");
    private readonly Option<double> start = Values.Number(
        "--prune-start", "full: when pruning begins, as a share of the run (below 1) or a number of steps.", 0, IsMoment, Moment);
    private readonly Option<double> end = Values.Number(
        "--prune-end", "full: when pruning ends, as a share of the run (below 1) or a number of steps.", 0.75, IsMoment, Moment);
    private readonly Option<int?> every = Values.OptionalInteger(
        "--prune-every", "full: steps between two prunings (default: a hundredth of the run).", 1, int.MaxValue);
    private readonly Option<PruningScope?> scope = Values.Choice(
        "--prune-scope", "full: where the smallest weights are looked for: in each matrix (default), in each layer, or in all together.",
        [("tensor", PruningScope.Tensor), ("layer", PruningScope.Layer), ("global", PruningScope.Global)]);
    private readonly Option<string[]> tensors = Values.TextList(
        "--prune-tensors", "PATTERN", "full: prune the matrices whose names this regular expression is found in; repeatable.");

    /// <summary>All of them.</summary>
    public IReadOnlyList<Option> All => [to, pattern, from, start, end, every, scope, tensors];

    /// <summary>What was asked for, or null.</summary>
    /// <exception cref="RequestException">An option has no meaning without another one, or contradicts it.</exception>
    public GradualPruningOptions? Read(Invocation invocation)
    {
        if (!invocation.Has(to) && !invocation.Has(pattern))
        {
            if (All.FirstOrDefault(invocation.Has) is { } alone)
            {
                throw RequestException.Expected(alone.Name, "--prune-to or --prune-pattern beside it", "neither");
            }

            return null;
        }

        if (invocation.Has(to) && invocation.Has(pattern))
        {
            throw RequestException.Expected("--prune-pattern", "--prune-to or --prune-pattern", "both");
        }

        var options = new GradualPruningOptions
        {
            FinalSparsity = invocation.Get(to) ?? 0,
            InitialSparsity = invocation.Get(from),
            Start = invocation.Get(start),
            End = invocation.Get(end),
            Every = invocation.Get(every),
            Pattern = Pattern(invocation),
            Scope = invocation.Get(scope) ?? PruningScope.Tensor,
            Tensors = invocation.Get(tensors, []),
        };
        CheckOrder(options);
        CheckTensors(options.Tensors);
        return options;
    }

    private static bool IsMoment(double value) => value is >= 0 and < int.MaxValue && (value < 1 || value == Math.Floor(value));

    // What the line alone shows to be wrong; moments of which one is a share and one a number of steps need the length of the run.
    private static void CheckOrder(GradualPruningOptions options)
    {
        double final = options.Pattern?.Sparsity ?? options.FinalSparsity;
        if (options.InitialSparsity > final)
        {
            throw RequestException.Expected(
                "--prune-from", $"at most the sparsity at the end, {Number(final)}", Number(options.InitialSparsity));
        }

        if (options.Start < 1 == options.End < 1 && options.Start > options.End)
        {
            throw RequestException.Expected("--prune-start", $"a moment before --prune-end, {Number(options.End)}", Number(options.Start));
        }
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static void CheckTensors(IReadOnlyList<string> patterns)
    {
        foreach (string text in patterns)
        {
            try
            {
                _ = new TensorSelection([text], []);
            }
            catch (ArgumentException)
            {
                throw RequestException.Expected("--prune-tensors", "a regular expression that looks neither around nor back", Quote.Text(text));
            }
        }
    }

    private SparsityPattern? Pattern(Invocation invocation)
    {
        if (invocation.Get(pattern) is not string text)
        {
            return null;
        }

        return SparsityPattern.TryParse(text, out SparsityPattern parsed)
            ? parsed
            : throw RequestException.Expected(
                pattern.Name, $"N:M such as 2:4, with N from 1 to M - 1 and M of at most {SparsityPattern.LargestGroup}", Quote.Text(text));
    }
}
