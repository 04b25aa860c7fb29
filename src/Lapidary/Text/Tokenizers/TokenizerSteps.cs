using System.Text;
using System.Text.Json;
using Lapidary.Checkpoints;

namespace Lapidary.Text.Tokenizers;

/// <summary>Reads the steps of <c>tokenizer.json</c> around the model: normalizer, pre-tokenizer, decoder and post-processor.</summary>
internal static class TokenizerSteps
{
    private const int StepLimit = 64;
    private const int TextLimit = 256;

    /// <summary>Reads <c>normalizer</c>.</summary>
    public static TextNormalizer Normalizer(TokenizerFields root)
    {
        var steps = new List<TextNormalizer.Step>();
        foreach (TokenizerFields step in Flatten(root.Object("normalizer"), "normalizers"))
        {
            switch (step.NeededText("type"))
            {
                case "Replace":
                    steps.Add(new TextNormalizer.Step(Literal(step), Bounded(step, "content")));
                    break;
                case "Prepend":
                    steps.Add(new TextNormalizer.Step(string.Empty, Bounded(step, "prepend")));
                    break;
                case string other:
                    throw step.Unsupported(other);
            }
        }

        // Each replacement may multiply the length of the text.
        if (steps.Count(step => step.Pattern.Length > 0 && step.Content.Length > step.Pattern.Length) > 2)
        {
            throw new CheckpointException(root.Path, "has a normalizer with more than two replacements that lengthen the text");
        }

        return steps.Count == 0 ? TextNormalizer.None : new TextNormalizer(steps);
    }

    /// <summary>Reads <c>pre_tokenizer</c>.</summary>
    public static TextSplitter? Splitter(TokenizerFields root)
    {
        TextSplitter? splitter = null;
        foreach (TokenizerFields step in Flatten(root.Object("pre_tokenizer"), "pretokenizers"))
        {
            string type = step.NeededText("type");
            if (type != "Split")
            {
                throw step.Unsupported(type);
            }

            if (splitter is not null || step.Flag("invert"))
            {
                throw new CheckpointException(root.Path, "has a pre_tokenizer that splits twice or inverts, which is not supported");
            }

            string behavior = step.NeededText("behavior");
            splitter = Enum.TryParse(behavior, out SplitBehavior known) && known.ToString() == behavior
                ? new TextSplitter(Literal(step), known)
                : throw new CheckpointException(root.Path, $"has a pre_tokenizer with the behavior \"{behavior}\", which is not known");
        }

        return splitter;
    }

    /// <summary>Reads <c>decoder</c>.</summary>
    public static DecodingRules Decoding(TokenizerFields root)
    {
        var replacements = new List<TextNormalizer.Step>();
        bool joinsBytes = false;
        bool fused = false;
        (int Count, char Character) strip = (0, ' ');
        foreach (TokenizerFields step in Flatten(root.Object("decoder"), "decoders"))
        {
            string type = step.NeededText("type");
            switch (type)
            {
                case "Replace" when !fused && !joinsBytes:
                    replacements.Add(new TextNormalizer.Step(Literal(step), Bounded(step, "content")));
                    break;
                case "ByteFallback" when !fused:
                    joinsBytes = true;
                    break;
                case "Fuse":
                    fused = true;
                    break;
                case "Strip" when fused && step.Number("stop") == 0 && step.NeededText("content") is { Length: 1 } content:
                    strip = (step.Number("start"), content[0]);
                    break;
                case "Replace" or "ByteFallback" or "Strip":
                    throw new CheckpointException(root.Path, $"has a decoder with {type} in an order or with settings that are not supported");
                default:
                    throw step.Unsupported(type);
            }
        }

        return fused
            ? new DecodingRules(replacements, joinsBytes, strip.Count, strip.Character)
            : throw new CheckpointException(root.Path, "has no decoder that fuses pieces into text, as those of Gemma do");
    }

    /// <summary>Reads <c>post_processor</c>: what stands before and after a text.</summary>
    public static (int[] Prefix, int[] Suffix) Template(TokenizerFields root, PieceTable pieces)
    {
        if (root.Object("post_processor") is not { } processor)
        {
            return ([], []);
        }

        string type = processor.NeededText("type");
        if (type != "TemplateProcessing")
        {
            throw processor.Unsupported(type);
        }

        var prefix = new List<int>();
        var suffix = new List<int>();
        bool after = false;
        foreach (JsonElement item in processor.Items("single"))
        {
            var fields = new TokenizerFields(root.Path, "item of the post_processor", item);
            if (fields.Object("SpecialToken") is { } special)
            {
                string text = special.NeededText("id");
                int id = pieces.Find(Encoding.UTF8.GetBytes(text));
                (after ? suffix : prefix).Add(
                    id >= 0 ? id : throw new CheckpointException(root.Path, $"puts \"{text}\" around a text, which is not in the vocabulary"));
            }
            else if (fields.Object("Sequence")?.NeededText("id") == "A" && !after)
            {
                after = true;
            }
            else
            {
                throw new CheckpointException(root.Path, "has a post_processor whose single is not special tokens around one sequence A");
            }
        }

        return after ? ([.. prefix], [.. suffix]) : throw new CheckpointException(root.Path, "has a post_processor without the sequence A");
    }

    // A step, or the steps of a sequence of them; a sequence inside a sequence is one too.
    private static List<TokenizerFields> Flatten(TokenizerFields? step, string list)
    {
        var flat = new List<TokenizerFields>();
        if (step is not null)
        {
            Flatten(step, list, flat);
        }

        return flat;
    }

    private static void Flatten(TokenizerFields step, string list, List<TokenizerFields> flat)
    {
        if (step.NeededText("type") != "Sequence")
        {
            flat.Add(step);
            return;
        }

        foreach (JsonElement item in step.Items(list))
        {
            if (flat.Count >= StepLimit)
            {
                throw new CheckpointException(step.Path, $"has a {step.What} of more than {StepLimit} steps");
            }

            Flatten(new TokenizerFields(step.Path, step.What, item), list, flat);
        }
    }

    private static string Literal(TokenizerFields step)
    {
        TokenizerFields pattern = step.Object("pattern") ?? throw new CheckpointException(step.Path, $"has a {step.What} without pattern");
        if (pattern.Text("String") is not string literal)
        {
            throw new CheckpointException(
                step.Path, $"has a {step.What} whose pattern is a regular expression, which no Gemma tokenizer has and which is not supported");
        }

        return literal.Length is > 0 and <= TextLimit
            ? literal
            : throw new CheckpointException(step.Path, $"has a {step.What} with a pattern of {literal.Length} characters");
    }

    private static string Bounded(TokenizerFields step, string name) => step.NeededText(name) is { Length: <= TextLimit } text
        ? text
        : throw new CheckpointException(step.Path, $"has a {step.What} with a {name} of more than {TextLimit} characters");
}
