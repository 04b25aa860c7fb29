using System.Globalization;
using System.Text.RegularExpressions;

namespace Lapidary.Checkpoints;

/// <summary>
/// What the name of a model says by convention: <c>google/gemma-3-270m-it</c> is a fine-tuning <c>it</c> of <c>gemma-3</c> with 270M parameters. The
/// rules are those of gguf-py (metadata.py, get_model_id_components), so that files carry the same names.
/// </summary>
/// <param name="Name">The name without the organization, or null.</param>
/// <param name="Organization">Who made it.</param>
/// <param name="Basename">The family.</param>
/// <param name="Finetune">The kind of fine-tuning.</param>
/// <param name="Version">The version of the fine-tuning.</param>
/// <param name="SizeLabel">The size.</param>
internal sealed partial record ModelName(
    string? Name, string? Organization = null, string? Basename = null, string? Finetune = null, string? Version = null, string? SizeLabel = null)
{
    // Far above any real name; what follows looks at each part several times.
    private const int Longest = 256;

    [Flags]
    private enum Part
    {
        None = 0,
        Basename = 1,
        SizeLabel = 2,
        Finetune = 4,
        Version = 8,
        Type = 16,
    }

    /// <summary>The name of the model in a folder: the hub id for a snapshot in the Hugging Face cache, else the folder's own.</summary>
    public static string Of(string folder)
    {
        const string Prefix = "models--";
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        string? parent = Path.GetDirectoryName(full);
        string repository = Path.GetFileName(Path.GetDirectoryName(parent)) ?? string.Empty;
        return Path.GetFileName(parent) == "snapshots" && repository.StartsWith(Prefix, StringComparison.Ordinal)
            ? repository[Prefix.Length..].Replace("--", "/", StringComparison.Ordinal)
            : Path.GetFileName(full);
    }

    /// <summary>Takes a name apart.</summary>
    /// <param name="id">A name, with or without <c>organization/</c> before it.</param>
    /// <param name="parameters">Parameters of the model; a part that looks like another size is none.</param>
    public static ModelName Parse(string id, long parameters)
    {
        if (id.Length is 0 or > Longest || id.Contains(' ', StringComparison.Ordinal))
        {
            return new ModelName(id.Length == 0 ? null : id);
        }

        int slash = id.IndexOf('/', StringComparison.Ordinal);
        string name = id[(slash + 1)..];
        string? organization = slash > 0 && id[0] != '.' ? id[..slash] : null;
        string[] parts = name.Split('-', StringSplitOptions.RemoveEmptyEntries);
        Part[] kinds = [.. parts.Select((_, i) => Annotate(parts, i, parameters))];
        if (parts.Where((part, i) => kinds[i].HasFlag(Part.SizeLabel) && part.Any(char.IsAsciiDigit)).Any())
        {
            // "small" is no size beside a number.
            for (int i = 0; i < parts.Length; i++)
            {
                kinds[i] &= parts[i].All(char.IsLetter) ? ~Part.SizeLabel : ~Part.None;
            }
        }

        FindBasename(parts, kinds);
        string? Join(Func<Part, bool> takes) =>
            string.Join('-', parts.Where((_, i) => takes(kinds[i]))) is { Length: > 0 } joined ? joined : null;
        string? size = string.Join('-', parts.Where((_, i) => kinds[i].HasFlag(Part.SizeLabel)).Distinct()) is { Length: > 0 } label ? label : null;
        string? finetune = Join(kind => kind.HasFlag(Part.Finetune));
        string? version = Join(kind => kind.HasFlag(Part.Version) && !kind.HasFlag(Part.Basename));
        string? basename = size is null && finetune is null && version is null ? null : Join(kind => kind.HasFlag(Part.Basename));
        return new ModelName(name.Length == 0 ? null : name, organization, basename, finetune, version, size);
    }

    /// <summary>A name as a title: words apart, with capitals but for numbers and versions.</summary>
    public static string Title(string name)
    {
        IEnumerable<string> words = name.Replace('-', ' ').Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(word => word.Any(char.IsLower) && !word.Any(char.IsUpper) && !Number().IsMatch(word) ? Capitalize(word) : word);
        return string.Join(' ', words);
    }

    /// <summary>A number of parameters in two digits or more, such as <c>268M</c> (gguf-py, utility.py).</summary>
    public static string SizeOf(long parameters)
    {
        (double scaled, char unit) = parameters switch
        {
            > 1_000_000_000_000 => (parameters * 1e-12, 'T'),
            > 1_000_000_000 => (parameters * 1e-9, 'B'),
            > 1_000_000 => (parameters * 1e-6, 'M'),
            _ => (parameters * 1e-3, 'K'),
        };
        string whole = Math.Round(scaled).ToString("0", CultureInfo.InvariantCulture).TrimStart('0');
        return scaled.ToString("F" + Math.Max(2 - whole.Length, 0), CultureInfo.InvariantCulture) + unit;
    }

    private static Part Annotate(string[] parts, int i, long parameters)
    {
        string part = parts[i];
        if (VersionNumber().IsMatch(part))
        {
            return Part.Version;
        }

        if (WeightType().IsMatch(part))
        {
            parts[i] = part.ToUpperInvariant();
            return Part.Type;
        }

        if (i > 0 && Size().IsMatch(part))
        {
            return AnnotateSize(parts, i, parameters);
        }

        return i > 0 && Tuning().IsMatch(part) ? Part.Finetune : Part.None;
    }

    private static Part AnnotateSize(string[] parts, int i, long parameters)
    {
        string part = parts[i].Replace('_', '.');
        if (char.IsAsciiDigit(part[^1]))
        {
            // 7b1 is 7.1B.
            part = $"{part[..^2]}.{part[^1]}{part[^2]}";
        }

        if (part.Length > 1 && char.IsAsciiDigit(part[^2]))
        {
            part = part[..^1] + char.ToUpperInvariant(part[^1]);
        }

        parts[i] = part;
        int power = " KMBT".IndexOf(part[^1], StringComparison.Ordinal);
        if (parameters <= 0 || power < 0 || !double.TryParse(part[..^1], CultureInfo.InvariantCulture, out double number))
        {
            return Part.SizeLabel;
        }

        // A number far from the size of the model is rather the length of its context.
        if (Math.Abs((number * Math.Pow(1000, power)) - parameters) <= 7 * parameters / 8)
        {
            return Part.SizeLabel;
        }

        parts[i] = part[..^1] + char.ToLowerInvariant(part[^1]);
        return Part.Finetune;
    }

    // Words at the begin, and versions among them, are the family; everything unknown behind them is a fine-tuning.
    private static void FindBasename(string[] parts, Part[] kinds)
    {
        bool isAtStart = true;
        for (int i = 0; i < parts.Length; i++)
        {
            isAtStart &= (kinds[i] == Part.None && char.IsLetter(parts[i][0])) || kinds[i].HasFlag(Part.Version);
            if (isAtStart)
            {
                kinds[i] |= Part.Basename;
            }
            else if (kinds[i] == Part.None)
            {
                kinds[i] = Part.Finetune;
            }
        }

        for (int i = parts.Length - 1; i >= 0 && kinds[i] == (Part.Basename | Part.Version); i--)
        {
            kinds[i] = Part.Version;
        }
    }

    private static string Capitalize(string word)
    {
        char[] characters = word.ToCharArray();
        for (int i = 0; i < characters.Length; i++)
        {
            if (i == 0 || !char.IsLetter(characters[i - 1]))
            {
                characters[i] = char.ToUpperInvariant(characters[i]);
            }
        }

        return new string(characters);
    }

    [GeneratedRegex(@"^(v[0-9]+(\.[0-9]+)*|[0-9].*)$", RegexOptions.CultureInvariant)]
    private static partial Regex Number();

    [GeneratedRegex(@"^(v|iter)?[0-9]+(\.[0-9]+)*$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex VersionNumber();

    [GeneratedRegex(@"^(i?q[0-9](_\w)*|b?fp?(16|32))$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex WeightType();

    [GeneratedRegex(@"^((a|[0-9]+x)?[0-9]+([._][0-9]+)?[kmbt][0-9]?|small|mini|medium|large|x?xl)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Size();

    [GeneratedRegex("^(chat|instruct|vision|lora)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Tuning();
}
