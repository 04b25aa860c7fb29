using System.Text.RegularExpressions;

namespace Lapidary.Hub;

/// <summary>The environment variables that every program for the hub obeys, and what huggingface_hub makes of them.</summary>
/// <param name="read">Gives the value of a variable.</param>
/// <param name="home">The user's home folder.</param>
internal sealed partial class HubEnvironment(Func<string, string?> read, string home)
{
    /// <summary>Those of this process.</summary>
    public static HubEnvironment OfProcess { get; } =
        new(Environment.GetEnvironmentVariable, Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));

    /// <summary>Where caches and the token are: HF_HOME, or huggingface in XDG_CACHE_HOME or ~/.cache.</summary>
    public string HomeFolder => Expand(Text("HF_HOME") ?? Path.Combine(Text("XDG_CACHE_HOME") ?? Path.Combine(home, ".cache"), "huggingface"));

    /// <summary>Where the repositories are: HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, which is its older name, or hub in the home of the hub.</summary>
    public string CacheFolder => (Text("HF_HUB_CACHE") ?? Text("HUGGINGFACE_HUB_CACHE")) is { } folder ? Expand(folder) : Path.Combine(HomeFolder, "hub");

    /// <summary>The file with the token: HF_TOKEN_PATH, or token in the home of the hub.</summary>
    public string TokenFile => Text("HF_TOKEN_PATH") is { } path ? Expand(path) : Path.Combine(HomeFolder, "token");

    /// <summary>A variable; null where it is empty.</summary>
    public string? Text(string name) => read(name) is { Length: > 0 } value ? value : null;

    /// <summary>Whether a variable says yes.</summary>
    public bool IsSet(string name) => Text(name)?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE";

    // "~" and variables in a value, as Python's expanduser and expandvars replace them; an unknown variable stays as it is.
    private string Expand(string path)
    {
        string whole = path is "~" || path.StartsWith("~/", StringComparison.Ordinal) ? home + path[1..] : path;
        return Variable().Replace(whole, match => read(match.Groups["name"].Value) ?? match.Value);
    }

    [GeneratedRegex(@"\$(?:(?<name>[A-Za-z0-9_]+)|\{(?<name>[A-Za-z0-9_]+)\})", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Variable();
}
