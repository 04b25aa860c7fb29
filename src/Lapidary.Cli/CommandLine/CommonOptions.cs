using System.CommandLine;
using Lapidary.Numerics;

namespace Lapidary.Cli.CommandLine;

/// <summary>Options and arguments that mean the same thing in every command that has them.</summary>
internal static class CommonOptions
{
    /// <summary>--json, accepted before and after the command's name.</summary>
    public static readonly Option<bool> Json = new Option<bool>("--json")
    {
        Description = "Print one JSON document on stdout and nothing else there.",
        Recursive = true,
    }.As(OptionRole.Neutral);

    /// <summary>--verbose, accepted before and after the command's name.</summary>
    public static readonly Option<bool> Verbose = new Option<bool>("--verbose")
    {
        Description = "Show more: the rendered prompt, the stack trace of an error.",
        Recursive = true,
    }.As(OptionRole.Neutral);

    /// <summary>The model that a command works on.</summary>
    /// <param name="fallback">The model where none is named.</param>
    public static Argument<string> Model(string fallback = Models.ModelLocator.Pebble) => new Argument<string>("MODEL")
    {
        Description = "A folder, a .gguf file, a hub id in the local Hugging Face cache, or 'pebble' or 'pebble-it', the small models that come along.",
        Arity = ArgumentArity.ZeroOrOne,
        DefaultValueFactory = _ => fallback,
    }.As(OptionRole.Model);

    /// <summary>--threads; never changes a result.</summary>
    public static Option<int> Threads() => Values.Integer(
        "--threads", "Number of worker threads; results do not depend on it.", 1, 1024, Environment.ProcessorCount, "-t").As(OptionRole.Neutral);

    /// <summary>--seed; the same seed gives the same result.</summary>
    public static Option<long> Seed() => Values.Long("--seed", "Seed of the random numbers.", 0, long.MaxValue, 0);

    /// <summary>--tokens as a list of ids.</summary>
    public static Option<int[]> Tokens() => Values.IntegerList(
        "--tokens", "Token ids, separated by commas.", 0, int.MaxValue, "token ids such as 1,2,3");

    /// <summary>--context; the length that the cache has room for.</summary>
    public static Option<int?> Context() => Values.OptionalInteger(
        "--context", "Length of the context in tokens; what prompt and answer need where it is left out.", 1, int.MaxValue, "-c");

    /// <summary>--chunk; bounds the memory for activations.</summary>
    public static Option<int> Chunk() => Values.Integer(
        "--chunk", "Process the prompt this many tokens at a time; results do not depend on it.", 1, 65536, 512).As(OptionRole.Neutral);

    /// <summary>--sparse; changes memory and speed, never a result.</summary>
    public static Option<bool> Sparse() => new("--sparse")
    {
        Description = "Keep the matrices of a pruned model without their zeros: less memory, faster decoding, a longer start.",
    };

    /// <summary>--output, which a command that writes files cannot do without.</summary>
    public static Option<string> Output(string helpName, string description)
    {
        Option<string> option = Values.Text("--output", helpName, description, "-o");
        option.Required = true;
        return option.As(OptionRole.Output);
    }

    /// <summary>--dtype for files that are written.</summary>
    public static Option<ElementType?> Type(string description) => Values.Choice(
        "--dtype", description, [("F32", ElementType.F32), ("F16", ElementType.F16), ("BF16", ElementType.BF16)]);

    /// <summary>--overwrite for a folder that holds files.</summary>
    public static Option<bool> Overwrite() => new Option<bool>("--overwrite")
    {
        Description = "Write into a folder that holds files, or in place of a file; weights that were there are replaced.",
    }.As(OptionRole.Neutral);
}
