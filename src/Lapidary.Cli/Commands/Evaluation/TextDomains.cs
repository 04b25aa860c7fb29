using System.CommandLine;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Commands.Texts;
using Lapidary.Cli.Models;
using Lapidary.Inference;
using Lapidary.Inference.Generation;
using Lapidary.Workbench.Evaluation.Texts;

namespace Lapidary.Cli.Commands.Evaluation;

/// <summary>Texts of several domains in an evaluation: the perplexity of each and, with a base, the divergence from it.</summary>
internal sealed class TextDomains
{
    private const string TextOption = "--text";
    private const string BaseOption = "--base";
    private const string ContextOption = "--text-ctx";

    private readonly Option<string[]> texts = Values.TextList(
        TextOption, "[NAME=]FILE", "Also measure the perplexity on this text, as the task text_NAME. May be repeated.").As(OptionRole.NamedPath);

    private readonly Option<string> reference = Values.Text(
        BaseOption, "MODEL", "Also measure the divergence from this model on every --text, and how often the likeliest token is the same.")
        .As(OptionRole.Model);

    private readonly Option<int?> context = Values.OptionalInteger(
        ContextOption,
        $"Tokens of a chunk of a --text, of which the second half is scored; {TextChunks.UsualContextLength} where it is left out.",
        TextChunks.SmallestContextLength,
        1 << 20);

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(texts);
        command.Options.Add(reference);
        command.Options.Add(context);
    }

    /// <summary>Whether there is a text.</summary>
    public bool AreGiven(Invocation invocation) => invocation.Has(texts);

    /// <summary>Throws unless every text and the base are there, before anything long begins.</summary>
    /// <param name="invocation">The call.</param>
    /// <param name="tasks">Names that are taken.</param>
    /// <exception cref="RequestException">One is not, or two have the same name.</exception>
    public void Check(Invocation invocation, IEnumerable<string> tasks)
    {
        var names = tasks.ToHashSet(StringComparer.Ordinal);
        foreach ((string name, string path) in Read(invocation))
        {
            if (!names.Add(TextTask.Prefix + name))
            {
                throw RequestException.Expected(TextOption, "a name of its own for each text, as in NAME=FILE", $"{Quote.Text(name)} again");
            }

            _ = ScoredText.Read(path);
        }

        if (Base(invocation) is { } named)
        {
            _ = AreGiven(invocation) ? ModelLocator.Find(named) : throw RequestException.Expected(BaseOption, $"{TextOption} beside it", "none");
        }
    }

    /// <summary>Cuts every text and opens the base; null where there is no text.</summary>
    /// <param name="invocation">The call.</param>
    /// <param name="model">The model, with its tokenizer.</param>
    /// <param name="limit">How many chunks of each, or below 1 which share of them; null for all.</param>
    /// <exception cref="RequestException">A text is too short, or the base has another vocabulary.</exception>
    public TextDomainRun? Open(Invocation invocation, TextGenerator model, double? limit)
    {
        if (!AreGiven(invocation))
        {
            return null;
        }

        int length = invocation.Get(context) ?? TextChunks.UsualContextLength;
        ScoredText.CheckContext(ContextOption, length, model.Model);
        List<TextDomain> domains = [.. Read(invocation).Select(text => new TextDomain(text.Name, text.Path, Cut(text.Path, model, length, limit)))];
        string? named = Base(invocation);
        return new TextDomainRun(model, domains, named, named is null ? null : OpenBase(named, model, domains, length));
    }

    /// <summary>A name and a file, or a file whose name names the text; a file with an equals sign in its name wins.</summary>
    internal static (string Name, string Path) Parse(string text)
    {
        int equals = File.Exists(text) ? -1 : text.IndexOf('=', StringComparison.Ordinal);
        string path = text[(equals + 1)..];
        string name = equals >= 0 ? text[..equals] : new string([.. Path.GetFileNameWithoutExtension(path).Select(c => IsPlain(c) ? c : '_')]);
        return name.Length > 0 && path.Length > 0 && name.All(IsPlain)
            ? (name, path)
            : throw RequestException.Expected(TextOption, "FILE or NAME=FILE with a name of letters, digits, '_', '-' and '.'", Quote.Text(text));
    }

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.';

    private static TextChunks Cut(string path, TextGenerator model, int length, double? limit)
    {
        int[] tokens = ScoredText.Encode(model.Tokenizer, ScoredText.Read(path));
        TokenInput.CheckVocabulary(path, tokens, model.Model.Config.VocabularySize);
        int? chunks = limit switch
        {
            null => null,
            < 1 => (int)Math.Ceiling(limit.Value * (tokens.Length / length)),
            _ => (int)Math.Min(limit.Value, int.MaxValue),
        };
        return ScoredText.Cut(path, tokens, length, ScoredText.BeginToken(model.Tokenizer), chunks);
    }

    private static LanguageModel OpenBase(string name, TextGenerator model, List<TextDomain> domains, int length)
    {
        var other = LanguageModel.Open(ModelLocator.Find(name), model.Model.Options with { Adapters = [] });
        try
        {
            ScoredText.CheckVocabulary(BaseOption, model.Model, other, domains.Select(domain => (domain.Path, domain.Chunks)));
            ScoredText.CheckContext(ContextOption, length, other);
            return other;
        }
        catch
        {
            other.Dispose();
            throw;
        }
    }

    private IReadOnlyList<(string Name, string Path)> Read(Invocation invocation) => [.. invocation.Get(texts, []).Select(Parse)];

    private string? Base(Invocation invocation) => invocation.Get(reference);
}
