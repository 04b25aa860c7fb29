using System.CommandLine;
using Lapidary.Cli.CommandLine;
using Lapidary.Numerics;
using Lapidary.Numerics.Formats;
using Lapidary.Workbench.Compression;

namespace Lapidary.Cli.Commands.Quantization;

/// <summary>The options that say which tensor gets which type.</summary>
internal sealed class QuantizationInput
{
    private readonly Option<string> mix = Values.Text(
        "--type", "TYPE", $"What to quantize to: {string.Join(", ", QuantizationMix.All.Select(mix => mix.Name))}.");

    private readonly Option<bool> pure = new("--pure")
    {
        Description = "Give every matrix, the embedding too, the base type of --type instead of a mix.",
    };

    private readonly Option<string[]> overrides = Values.TextList(
        "--tensor-type",
        "PATTERN=TYPE",
        "Another type for the matrices in whose GGUF names the regular expression is found, such as attn_v=Q6_K; the first that matches decides. Repeatable.");

    private readonly Option<string> importance = Values.Text(
        "--imatrix", "FILE", "Weigh errors by this importance matrix, of the command imatrix or of llama.cpp.").As(OptionRole.Path);

    private readonly Option<bool> allowRequantize = new("--allow-requantize")
    {
        Description = "Quantize a model that is quantized already, which adds the errors of both.",
    };

    private readonly Option<bool> withoutTokenizer = new("--no-tokenizer")
    {
        Description = "Leave the tokenizer out: the model then deals in token ids.",
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { mix, pure, overrides, importance, allowRequantize, withoutTokenizer })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Reads them for a mode that chooses the types itself.</summary>
    /// <param name="invocation">The call.</param>
    /// <param name="mode">The option that asked for it.</param>
    /// <param name="first">The mix to begin with.</param>
    /// <exception cref="RequestException">An option that chooses types was given too.</exception>
    /// <exception cref="Checkpoints.CheckpointException">The importance matrix cannot be read.</exception>
    public QuantizationOptions ReadFor(Invocation invocation, string mode, QuantizationMix first) =>
        new Option[] { mix, pure, overrides }.FirstOrDefault(invocation.Has) is { } other
            ? throw RequestException.Expected("quantize", $"{mode}, which chooses the types, without {other.Name}", "both")
            : Shared(invocation, first);

    /// <summary>Reads them.</summary>
    /// <exception cref="RequestException">A type or a pattern is none, or no type is given.</exception>
    /// <exception cref="Checkpoints.CheckpointException">The importance matrix cannot be read.</exception>
    public QuantizationOptions Read(Invocation invocation)
    {
        string asked = invocation.Get(mix) ?? throw RequestException.Expected("quantize", "--type, --all or --search", "none of them");
        QuantizationMix chosen = QuantizationMix.Find(asked)
            ?? throw Unknown("--type", "one of", asked, QuantizationMix.All.Select(known => known.Name));
        return Shared(invocation, chosen) with
        {
            Pure = invocation.Get(pure),
            Overrides = [.. invocation.Get(overrides, []).Select(ParseOverride)],
        };
    }

    private QuantizationOptions Shared(Invocation invocation, QuantizationMix chosen) =>
        new(chosen)
        {
            Importance = invocation.Get(importance) is { } file ? ImportanceMatrix.Open(file) : null,
            AllowRequantize = invocation.Get(allowRequantize),
            WithTokenizer = !invocation.Get(withoutTokenizer),
        };

    private static TensorTypeOverride ParseOverride(string text)
    {
        // No name of a type has a sign of equality, but a pattern may have one.
        int sign = text.LastIndexOf('=');
        if (sign <= 0)
        {
            throw RequestException.Expected("--tensor-type", "PATTERN=TYPE such as attn_v=Q6_K", Quote.Text(text));
        }

        string pattern = text[..sign], name = text[(sign + 1)..];
        WeightFormat format = WeightFormat.All.FirstOrDefault(known => known.Type.ToString().Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw Unknown("--tensor-type", "behind the '=' one of", name, WeightFormat.All.Select(known => known.Type.ToString()));
        try
        {
            return new TensorTypeOverride(pattern, format.Type);
        }
        catch (ArgumentException)
        {
            throw RequestException.Expected(
                "--tensor-type", "before the '=' a regular expression that looks neither around nor back", Quote.Text(pattern));
        }
    }

    private static RequestException Unknown(string option, string expected, string found, IEnumerable<string> names)
    {
        string[] known = [.. names];
        return RequestException.Expected(
            option, $"{expected} {string.Join(", ", known)}", Quote.Text(found) + Suggestion.For(found.ToUpperInvariant(), known));
    }
}
