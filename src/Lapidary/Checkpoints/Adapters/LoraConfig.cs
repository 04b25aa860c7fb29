using System.Collections.ObjectModel;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Lapidary.Checkpoints.Adapters;

/// <summary>
/// What <c>adapter_config.json</c> of a LoRA says (peft/tuners/lora/config.py): which weights have an update, of which rank, and how
/// strong. A module is a path such as <c>model.layers.0.self_attn.q_proj</c>.
/// </summary>
public sealed partial record LoraConfig
{
    /// <summary>The word that stands in place of <see cref="TargetModules"/> for every linear layer but the output matrix.</summary>
    public const string AllLinear = "all-linear";

    private static readonly TimeSpan MatchTimeout = TimeSpan.FromMilliseconds(200);

    /// <summary>Rank r of the updates, at least 1, where <see cref="RankPattern"/> does not say otherwise.</summary>
    public int Rank { get; init; } = 8;

    /// <summary>Alpha, where <see cref="AlphaPattern"/> does not say otherwise.</summary>
    public double Alpha { get; init; } = 8;

    /// <summary>Probability with which an input of A is dropped in training.</summary>
    public double Dropout { get; init; }

    /// <summary>
    /// Modules that have an update, by their path or its last parts; <see cref="AllLinear"/> alone for every linear layer but the output
    /// matrix. PEFT's own choice for Gemma unless said otherwise.
    /// </summary>
    public IReadOnlyList<string> TargetModules { get; init; } = ["q_proj", "v_proj"];

    /// <summary>A regular expression of the whole path, which takes the place of <see cref="TargetModules"/>.</summary>
    public string? TargetPattern { get; init; }

    /// <summary>Modules that have none all the same, by their path or its last parts.</summary>
    public IReadOnlyList<string> ExcludeModules { get; init; } = [];

    /// <summary>A regular expression of the whole path, which takes the place of <see cref="ExcludeModules"/>.</summary>
    public string? ExcludePattern { get; init; }

    /// <summary>The only layers that have updates; null for all. Without meaning beside <see cref="TargetPattern"/>.</summary>
    public IReadOnlyList<int>? LayersToTransform { get; init; }

    /// <summary>What stands before the number of a layer in a path; empty for anything.</summary>
    public IReadOnlyList<string> LayersPattern { get; init; } = [];

    /// <summary>Other ranks by a regular expression of the path or of its last parts; the first that matches counts.</summary>
    public IReadOnlyDictionary<string, int> RankPattern { get; init; } = ReadOnlyDictionary<string, int>.Empty;

    /// <summary>Other alphas, in the same way.</summary>
    public IReadOnlyDictionary<string, double> AlphaPattern { get; init; } = ReadOnlyDictionary<string, double>.Empty;

    /// <summary>Whether updates are scaled by alpha / sqrt(rank) (rsLoRA, Kalajdzievski 2023) instead of alpha / rank.</summary>
    public bool UseRsLora { get; init; }

    /// <summary>Whether each weight has a magnitude (DoRA).</summary>
    public bool UseDora { get; init; }

    /// <summary>
    /// How the updates began: <c>true</c> (A uniform, B zero), <c>false</c> (both random), <c>gaussian</c>, <c>eva</c> or
    /// <c>orthogonal</c>. An adapter that began with a change of the base, as with <c>pissa</c>, is saved as a plain one.
    /// </summary>
    public string InitLoraWeights { get; init; } = "true";

    /// <summary>The model that the adapter belongs to: a path or a hub id; null where it is not known.</summary>
    public string? BaseModel { get; init; }

    /// <summary>The revision of the base model on the hub, or null.</summary>
    public string? Revision { get; init; }

    /// <summary>
    /// The object that the configuration was read from, all its keys, so that those which mean nothing here are written again; empty for a
    /// new configuration, which is written with the keys of PEFT.
    /// </summary>
    public JsonObject Extra { get; init; } = [];

    /// <summary>Whether a module has an update.</summary>
    /// <exception cref="ArgumentException">A pattern is not a regular expression.</exception>
    /// <exception cref="RegexMatchTimeoutException">A pattern takes too long.</exception>
    public bool IsTarget(string module)
    {
        if (ExcludePattern is not null ? Matches(module, ExcludePattern) : Names(ExcludeModules, module))
        {
            return false;
        }

        if (TargetPattern is not null)
        {
            return Matches(module, TargetPattern);
        }

        if (TargetModules is [AllLinear])
        {
            return module != "lm_head" && !module.EndsWith(".lm_head", StringComparison.Ordinal);
        }

        // A full path is a target whatever its layer is.
        return TargetModules.Contains(module) || (Names(TargetModules, module) && IsInLayers(module));
    }

    /// <summary>The rank of a module's update.</summary>
    /// <inheritdoc cref="IsTarget" path="/exception"/>
    public int RankOf(string module) => Find(RankPattern, module, Rank);

    /// <summary>The alpha of a module's update.</summary>
    /// <inheritdoc cref="IsTarget" path="/exception"/>
    public double AlphaOf(string module) => Find(AlphaPattern, module, Alpha);

    /// <summary>The factor of a module's update: alpha / rank, or alpha / sqrt(rank) for rsLoRA.</summary>
    /// <inheritdoc cref="IsTarget" path="/exception"/>
    public double ScaleOf(string module)
    {
        int rank = RankOf(module);
        return AlphaOf(module) / (UseRsLora ? Math.Sqrt(rank) : rank);
    }

    private static bool Names(IReadOnlyList<string> names, string module) =>
        names.Any(name => module == name || (module.EndsWith(name, StringComparison.Ordinal) && module[^(name.Length + 1)] == '.'));

    private static bool Matches(string text, string pattern) =>
        Regex.IsMatch(text, $@"\A(?:{pattern})\z", RegexOptions.CultureInvariant, MatchTimeout);

    private static T Find<T>(IReadOnlyDictionary<string, T> patterns, string module, T otherwise)
    {
        foreach ((string pattern, T value) in patterns)
        {
            if (IsLiteral(pattern) ? EndsLike(module, pattern) : Matches(module, $@"(?:.*\.)?(?:{pattern})"))
            {
                return value;
            }
        }

        return otherwise;
    }

    // Nearly all patterns are paths or their ends, whose dots stand for any character; a list of hundreds is looked through for each weight.
    private static bool IsLiteral(string pattern) => pattern.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.');

    private static bool EndsLike(string module, string pattern)
    {
        int start = module.Length - pattern.Length;
        if (start < 0 || (start > 0 && module[start - 1] != '.'))
        {
            return false;
        }

        for (int i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] != '.' && pattern[i] != module[start + i])
            {
                return false;
            }
        }

        return true;
    }

    private bool IsInLayers(string module)
    {
        if (LayersToTransform is null)
        {
            return true;
        }

        // As in PEFT: the last number behind a name of the list, or behind any name but the outermost.
        IEnumerable<string> patterns = LayersPattern.Count == 0 ? [@"[^.]*"] : LayersPattern;
        foreach (string pattern in patterns)
        {
            Match match = Regex.Match(module, $@"\A.*\.(?:{pattern})\.(?<layer>\d+)\.", RegexOptions.CultureInvariant, MatchTimeout);
            if (match.Success)
            {
                return int.TryParse(match.Groups["layer"].ValueSpan, out int layer) && LayersToTransform.Contains(layer);
            }
        }

        return false;
    }
}
