using System.CommandLine;
using Lapidary.Cli.CommandLine;
using Lapidary.Workbench.Training;

namespace Lapidary.Cli.Commands.Training;

/// <summary>The options that say what of a model is trained.</summary>
internal sealed class MethodInput
{
    private readonly Option<TrainingMethod?> method = Values.Choice(
        "--method", "What is trained (default full).",
        [("full", TrainingMethod.Full), ("lora", TrainingMethod.Lora), ("prompt", TrainingMethod.Prompt)]);
    private readonly Option<string[]> freeze = Values.TextList(
        "--freeze", "PATTERN", "full: leave tensors whose name matches as they are, such as *.embed_tokens.* or *.layers.0.*; repeatable.");
    private readonly Option<QuantizationAwareFormat?> quantization = Values.Choice(
        "--qat", "full: train for this quantization of the layers' matrices.",
        [("Q4_0", QuantizationAwareFormat.Q4_0), ("int4", QuantizationAwareFormat.Int4PerChannel)]);
    private readonly Option<bool> changeZeros = new("--change-zeros") { Description = "full: let the zeros of a pruned model change." };
    private readonly GradualPruningInput pruning = new();
    private readonly Option<string> adapter = Values.Text("--adapter", "DIR", "lora, prompt: go on from this PEFT folder.").As(OptionRole.Adapter);
    private readonly Option<int> rank = Values.Integer("--rank", "lora: rank of the updates.", 1, 4096, 16);
    private readonly Option<double> alpha = Values.Number("--alpha", "lora: updates are multiplied by alpha / rank.", 32, value => value > 0, "a number above 0");
    private readonly Option<double> dropout = Values.Number(
        "--dropout", "lora: share of the inputs that an update does not see.", 0, value => value is >= 0 and < 1, "a number from 0 to below 1");
    private readonly Option<string[]> targets = Values.NameList(
        "--targets", $"lora: modules that get an update (default {string.Join(',', LoraOptions.AllLinear)}).");
    private readonly Option<bool> rankStabilized = new("--rslora") { Description = "lora: multiply by alpha / sqrt(rank)." };
    private readonly Option<bool> dora = new("--dora") { Description = "lora: train the magnitude of the weights apart from their direction." };
    private readonly Option<LoraInitialization?> init = Values.Choice(
        "--init-lora", "lora: how updates begin (default random).", [("random", LoraInitialization.Random), ("pissa", LoraInitialization.Pissa)]);
    private readonly Option<int> virtualTokens = Values.Integer("--virtual-tokens", "prompt: number of vectors.", 1, 4096, 20);
    private readonly Option<PromptInitialization?> promptInit = Values.Choice(
        "--prompt-init", "prompt: how vectors begin (default vocab).", [("vocab", PromptInitialization.Vocabulary), ("random", PromptInitialization.Random)]);
    private readonly Option<string> promptText = Values.Text("--prompt-text", "TEXT", "prompt: begin with the embeddings of this text.");

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in Of(TrainingMethod.Full).Concat(Of(TrainingMethod.Lora)).Concat(Of(TrainingMethod.Prompt)).Distinct().Prepend(method))
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Adds what was asked for to <paramref name="options"/>.</summary>
    /// <exception cref="RequestException">An option belongs to another method, or two exclude each other.</exception>
    public TrainingOptions Apply(Invocation invocation, TrainingOptions options)
    {
        TrainingMethod chosen = invocation.Get(method) ?? TrainingMethod.Full;
        RefuseOthers(invocation, chosen);
        if (invocation.Has(promptText) && invocation.Has(promptInit))
        {
            throw RequestException.Expected("--prompt-text", "--prompt-text or --prompt-init", "both");
        }

        if (invocation.Get(dora) && invocation.Get(init) == LoraInitialization.Pissa)
        {
            throw RequestException.Expected("--dora", "--dora or --init-lora pissa", "both");
        }

        if (invocation.Get(quantization) is not null && options.Storage == WeightStorage.BF16)
        {
            throw RequestException.Expected("--qat", "weights in float32", "--dtype bf16");
        }

        GradualPruningOptions? pruned = pruning.Read(invocation);
        if (pruned is not null && invocation.Get(changeZeros))
        {
            throw RequestException.Expected("--change-zeros", "--change-zeros or pruning", "both");
        }

        return options with
        {
            Method = chosen,
            Pruning = pruned,
            Freeze = invocation.Get(freeze, []),
            Quantization = invocation.Get(quantization),
            KeepZeros = !invocation.Get(changeZeros),
            Adapter = invocation.Get(adapter),
            Lora = new LoraOptions
            {
                Rank = invocation.Get(rank),
                Alpha = invocation.Get(alpha),
                Dropout = invocation.Get(dropout),
                Targets = invocation.Get(targets, [.. LoraOptions.AllLinear]),
                RankStabilized = invocation.Get(rankStabilized),
                Dora = invocation.Get(dora),
                Initialization = invocation.Get(init) ?? LoraInitialization.Random,
            },
            Prompt = new PromptOptions
            {
                VirtualTokens = invocation.Get(virtualTokens),
                Text = invocation.Get(promptText),
                Initialization = invocation.Has(promptText) ? PromptInitialization.Text : invocation.Get(promptInit) ?? PromptInitialization.Vocabulary,
            },
        };
    }

    private Option[] Of(TrainingMethod of) => of switch
    {
        TrainingMethod.Full => [freeze, quantization, changeZeros, .. pruning.All],
        TrainingMethod.Lora => [rank, alpha, dropout, targets, rankStabilized, dora, init, adapter],
        _ => [virtualTokens, promptInit, promptText, adapter],
    };

    private void RefuseOthers(Invocation invocation, TrainingMethod chosen)
    {
        foreach (TrainingMethod other in Enum.GetValues<TrainingMethod>())
        {
            foreach (Option option in Of(other).Except(Of(chosen)))
            {
                if (invocation.Has(option))
                {
                    throw RequestException.Expected(
                        option.Name, $"--method {other.ToString().ToLowerInvariant()}", $"--method {chosen.ToString().ToLowerInvariant()}");
                }
            }
        }
    }
}
