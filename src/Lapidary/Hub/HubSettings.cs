using Lapidary.Checkpoints;

namespace Lapidary.Hub;

/// <summary>Which hub is asked, as whom, and where what comes from it is kept.</summary>
public sealed class HubSettings
{
    private const string UsualEndpoint = "https://huggingface.co";
    private const int LongestToken = 4096;

    internal HubSettings(Uri endpoint, string cacheFolder, string? token, bool isOffline)
    {
        Endpoint = endpoint;
        Cache = new HubCache(cacheFolder);
        Token = token;
        IsOffline = isOffline;
    }

    /// <summary>The address of the hub.</summary>
    public Uri Endpoint { get; }

    /// <summary>Where repositories are kept.</summary>
    public HubCache Cache { get; }

    /// <summary>Whether nothing may be asked.</summary>
    public bool IsOffline { get; }

    /// <summary>Whether the hub is asked as a user.</summary>
    public bool HasToken => Token is not null;

    /// <summary>What says who asks. It goes to <see cref="Endpoint"/> and nowhere else, and into no message.</summary>
    internal string? Token { get; }

    /// <summary>
    /// The settings of this process: HF_ENDPOINT; HF_HUB_CACHE, HF_HOME and XDG_CACHE_HOME; HF_TOKEN, HF_TOKEN_PATH and the file that
    /// <c>hf auth login</c> writes; HF_HUB_DISABLE_IMPLICIT_TOKEN; HF_HUB_OFFLINE.
    /// </summary>
    /// <exception cref="HubException">One of them cannot be used.</exception>
    public static HubSettings FromEnvironment() => From(HubEnvironment.OfProcess);

    /// <summary>The settings of an environment.</summary>
    /// <exception cref="HubException">One of them cannot be used.</exception>
    internal static HubSettings From(HubEnvironment environment)
    {
        string address = environment.Text("HF_ENDPOINT") ?? UsualEndpoint;
        if (!Uri.TryCreate(address.TrimEnd('/') + "/", UriKind.Absolute, out Uri? endpoint)
            || (endpoint.Scheme != Uri.UriSchemeHttp && endpoint.Scheme != Uri.UriSchemeHttps)
            || endpoint.UserInfo.Length > 0 || endpoint.Query.Length > 0 || endpoint.Fragment.Length > 0)
        {
            throw new HubException($"HF_ENDPOINT: expected an address such as {UsualEndpoint}, found another text", HubFault.WrongRequest);
        }

        return new HubSettings(
            endpoint,
            environment.CacheFolder,
            environment.IsSet("HF_HUB_DISABLE_IMPLICIT_TOKEN") ? null : FindToken(environment),
            environment.IsSet("HF_HUB_OFFLINE") || environment.IsSet("TRANSFORMERS_OFFLINE"));
    }

    private static string? FindToken(HubEnvironment environment)
    {
        foreach (string name in (string[])["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"])
        {
            if (environment.Text(name)?.Trim() is { Length: > 0 } given)
            {
                return Checked(given, name);
            }
        }

        string file = environment.TokenFile;
        if (!File.Exists(file))
        {
            return null;
        }

        string stored = System.Text.Encoding.Latin1.GetString(InputFile.Read(file, LongestToken)).Trim();
        return stored.Length == 0 ? null : Checked(stored, file);
    }

    // Said without the token itself: it would end up in a log.
    private static string Checked(string token, string place) => token.Length <= LongestToken && token.All(c => c is > ' ' and < '\u007F')
        ? token
        : throw new HubException($"{place}: expected a token of letters, digits and '_', found other characters", HubFault.WrongRequest);
}
